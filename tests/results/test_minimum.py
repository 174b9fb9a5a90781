"""More than the minimum necessary is read only by whom support approved a documented request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from clearwork.accounts.actions import VisitActivity
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.employers.models import ReleaseRequest
from clearwork.exports import queries as exports
from clearwork.foundation import clock
from clearwork.results import messages, minimum
from clearwork.results.models import Report
from clearwork.results.queries import Criteria
from clearwork.results.views import one
from tests.access.story import access_of, contact_id, let_see
from tests.api.story import integration
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.exports.files import ask, latest
from tests.results.reports import report


@pytest.fixture
def long_form(cast: Cast) -> Report:
    """The whole medical examination report of a driver."""
    return report(cast.maria, cast.dallas, title="MER long form", kind="mer_long_form")


def approve(someone: Person, days: int = 30) -> UUID:
    with scope.acting_as(scope.OPERATOR):
        made = ReleaseRequest.objects.create(
            employer_id=someone.viewer.employer_id,
            contact_id=contact_id(someone),
            report_type="mer_long_form",
            document="none",
            requested_by_id=someone.user.pk,
            state="approved",
            expires=clock.today() + timedelta(days=days),
        )
    return made.pk


def opens(client: Client, found: Report, someone: Person) -> list[bool]:
    """Its page's pictures, one of them, its file; one and the other file of many."""
    page = client.get(f"/results/{found.pk}/")
    assert page.status_code == 200 and found.title in page.content.decode()
    view = one._signer.sign(f"{someone.user.pk}/{found.pk}")
    picture = client.get(f"/results/{found.pk}/pages/1.png", {"view": view})
    file = client.get(f"/results/{found.pk}/download.pdf")
    many = ask(client, [found])
    return ["More than the minimum" not in page.content.decode()] + [
        answer.status_code == 200 for answer in (picture, file, many)
    ]


def test_who_has_no_approved_request_reads_none_of_it(
    cast: Cast, sign_in: SignIn, long_form: Report
) -> None:
    let_see(cast, cast.victor, VisitActivity(injury=True, non_injury=True))
    alice, victor = sign_in(cast.alice), sign_in(cast.victor)
    approve(cast.bob)
    request = approve(cast.victor)
    assert opens(alice, long_form, cast.alice) == [False] * 4
    page = alice.get(f"/results/{long_form.pk}/").content.decode()
    assert f"/account/reports/{contact_id(cast.alice)}/mer_long_form/" in page
    assert not events(Action.REPORT_VIEWED) and not events(Action.REPORT_DOWNLOADED)
    assert opens(victor, long_form, cast.victor) == [True] * 4
    preview = replace(cast.victor.viewer, seen_by="Alice", seen_by_id=cast.alice.user.pk)
    with scope.acting_as(scope.OPERATOR):
        assert minimum.is_withheld(preview, long_form)
    made = latest()
    with scope.acting_as(scope.OPERATOR):
        ReleaseRequest.objects.filter(pk=request).update(expires=clock.today() - timedelta(days=1))
    assert opens(victor, long_form, cast.victor) == [False] * 4
    assert victor.get(f"/downloads/{made.pk}/file/").status_code == 409
    assert "An Admin User can make one" in victor.get(f"/results/{long_form.pk}/").content.decode()


def test_who_was_removed_and_comes_back_needs_a_new_approval(
    cast: Cast, sign_in: SignIn, long_form: Report
) -> None:
    let_see(cast, cast.victor, VisitActivity(injury=True, non_injury=True))
    alice, path = sign_in(cast.alice), f"/account/people/{contact_id(cast.victor)}"
    approve(cast.victor)
    for change in ("remove", "restore", "on"):
        assert alice.post(f"{path}/{change}/").status_code == 302, change
    with scope.acting_as(scope.OPERATOR):
        cast.victor.user.refresh_from_db()
    assert opens(sign_in(cast.victor), long_form, cast.victor) == [False] * 4


def test_a_system_reads_what_the_one_in_whose_name_it_acts_may(
    cast: Cast, long_form: Report
) -> None:
    payroll, path = integration(cast.alice), f"/results/{long_form.pk}/file"
    refused = payroll.get(path)
    assert refused.status_code == 403 and "documented request" in refused.json()["detail"]
    approve(cast.alice)
    assert payroll.get(path).content[:4] == b"%PDF"


def test_nobody_is_mailed_of_what_they_may_not_open(cast: Cast, long_form: Report) -> None:
    for told in ([], [long_form]):
        with scope.acting_as(scope.OPERATOR):
            assert list(messages.concerning(access_of(cast.alice))) == told
        approve(cast.alice)


def test_all_that_is_found_leaves_it_out_and_says_so(cast: Cast, long_form: Report) -> None:
    card = report(cast.maria, cast.dallas)
    approve(cast.bob)
    with scope.acting_as(scope.OPERATOR):
        assert list(minimum.readable(cast.alice.viewer)) == [card]
        chosen = exports.found(cast.alice.viewer, Criteria())
        assert (chosen.papers, chosen.unavailable) == ([card.pk], 1)
