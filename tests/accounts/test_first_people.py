"""Whoever runs the portal lets the network's own people and its employers in, by commands."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clearwork.accounts.security_messages import RESET_JOB
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.employers.models import Employer
from tests.accounts.people import EMAIL, attempt, events, is_in, link_of, mailed
from tests.accounts.test_password_reset import NEW, ask, use
from tests.cast import Cast

PAT = "pat@network.example"


def run(*words: str) -> str:
    said = StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def test_support_comes_and_goes(cast: Cast) -> None:
    client = Client()
    for _ in ("comes", "comes back"):
        assert "Forgot password" in run("staff", "add", " Pat@Network.example", "Pat", "support")
        assert not is_in(client)
        ask(PAT)
        use(link_of(mailed(RESET_JOB)[-1]))
        attempt(PAT, NEW, client)
        assert client.get("/support/requests/")["Location"].startswith("/security/")
        assert is_in(client)  # though nothing opens before a second factor is there
        run("staff", "remove", PAT)
        assert not is_in(client)
        attempt(PAT, NEW, client)
        assert not is_in(client)
    assert len(events(Action.STAFF_ADDED)) == len(events(Action.STAFF_REMOVED)) == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("staff", "add", EMAIL, "Alice", "support"), "portal user"),
        (("staff", "add", "pat", "Pat", "support"), "valid email"),
        (("staff", "remove", EMAIL), "Nobody of the network"),
        (("add_employer", "200100 ", "Northwind"), "Another employer"),
        (("add_employer", "2" * 21, "Northwind"), "account_number: "),
        (("add_employer", "300300", " "), "legal_name: "),
    ],
)
def test_what_cannot_be_is_said(cast: Cast, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run(*words)
    assert events(Action.STAFF_ADDED) == events(Action.EMPLOYER_ADDED) == []


def test_an_employer_is_added(cast: Cast) -> None:
    assert "requests access" in run("add_employer", "300300", "Fernwright & Sons")
    with scope.acting_as(scope.OPERATOR):
        assert Employer.objects.get(account_number="300300").legal_name == "Fernwright & Sons"
    assert len(events(Action.EMPLOYER_ADDED)) == 1
