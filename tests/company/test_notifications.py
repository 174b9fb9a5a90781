"""Everyone chooses their own emails about new results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clearwork.accounts.models import PortalAccess
from clearwork.audit.models import AuditEvent
from tests.cast import Cast
from tests.conftest import SignIn

PATH = "/account/notifications/"


@pytest.mark.parametrize("choice", ["none", "each", "daily"])
@pytest.mark.parametrize("who", ["alice", "victor"])
def test_each_role_chooses_for_itself_alone(
    who: str, choice: str, cast: Cast, sign_in: SignIn, as_northwind: Callable[[], Any]
) -> None:
    person = getattr(cast, who)
    client = sign_in(person)
    assert client.get(PATH).status_code == 200
    assert client.post(PATH, {"notify": choice})["Location"] == PATH
    with as_northwind():
        chosen = dict(PortalAccess.objects.values_list("user_id", "notify"))
        events = AuditEvent.objects.filter(action="notifications:changed")
        assert [e.detail["after"] for e in events] == ([] if choice == "none" else [choice])
    assert chosen.pop(person.user.pk) == choice
    assert set(chosen.values()) == {"none"}


@pytest.mark.parametrize("choice", ["", "hourly", "NONE", "each\x00"])
def test_another_value_is_refused_at_the_field(choice: str, alice: Client) -> None:
    answer = alice.post(PATH, {"notify": choice})
    assert answer.status_code == 422
    assert "notify" in answer.context["form"].errors


def test_who_sees_no_results_is_told_so(cast: Cast, sign_in: SignIn) -> None:
    assert b"You cannot see results yet" in sign_in(cast.victor).get(PATH).content
    assert b"You cannot see results yet" not in sign_in(cast.alice).get(PATH).content
