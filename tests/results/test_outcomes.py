"""What a report comes to, in a word: only of types whose word is the employer's to see."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from clearwork.accounts.actions import VisitActivity
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.employers.rules import ReportType
from clearwork.exchange import matching
from clearwork.exchange.inbound import receive
from clearwork.exchange.models import HeldResult
from clearwork.results.models import Report
from clearwork.results.outcomes import SAID, Outcome, outcome
from tests.access.story import let_see
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange import wire
from tests.visits.words import days, hl7, restricted, said, work_status

SECRET = {  # an employer never sees a word of these
    *(ReportType.DRUG_SCREEN_LINK, ReportType.CUSTODY_AND_CONTROL, ReportType.ALCOHOL_TESTING),
    *(ReportType.TEST_AND_LAB, ReportType.AUDIOGRAM, ReportType.SURVEILLANCE_OPINION),
    *(ReportType.MER_LONG_FORM, ReportType.VACCINE_RECORD),
}


@pytest.fixture
def order(cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.order(), by=cast.alice.viewer)


def send(
    cast: Cast, order: Authorization, kind: str, *coded: str, as_what: str = "F", number: str = ""
) -> Report:
    account = "200100" if number == "none" else ""
    named = "" if number == "none" else order.number
    parts = wire.document(named, kind=kind, title="A report", account=account)
    parts[-1] = parts[-1].replace("||||||F|||", f"||||||{as_what}|||")
    (answer,) = receive([wire.message(cast.dallas, wire.person(cast.maria), *parts, *coded)])
    assert answer and b"MSA|AA" in answer
    with scope.acting_as(scope.OPERATOR):
        for held in HeldResult.objects.filter(filed_at=None):
            matching.file_if_certain(held.pk)
        return Report.objects.order_by("-posted_at", "-id")[0]


def shown(client: Client, report: Report) -> tuple[str, str]:
    """The report's row in the list, and its page."""
    listed = unescape(client.get(reverse("results:list"), {"all": "1"}).content.decode())
    start = listed.index(f"/results/{report.pk}/")
    page = client.get(reverse("results:report", args=[report.pk])).content.decode()
    return listed[start : listed.index("</tr>", start)], unescape(page)


@pytest.mark.parametrize("number", ["", "none"], ids=["ordered", "walk-in"])
def test_a_fit_test_says_whether_it_was_passed(
    cast: Cast, order: Authorization, sign_in: SignIn, number: str
) -> None:
    report = send(
        cast, order, "fit_test", said("OUTCOME", "not_passed^Not passed", "CE"), number=number
    )
    row, page = shown(sign_in(cast.alice), report)
    for part in (row, page):
        assert "Not passed" in part and "cw-tone-danger" in part and "cw-icon" in part


def test_a_dot_card_says_until_when(cast: Cast, order: Authorization, sign_in: SignIn) -> None:
    until = (said("CERTFROM", hl7(days(-9)), "DT"), said("CERTUNTIL", hl7(days(300)), "DT"))
    report = send(cast, order, "mec_dot_card", *until)
    row, _ = shown(sign_in(cast.alice), report)
    assert "Certified" in row and "until" in row and str(days(300).year) in row
    with scope.acting_as(scope.OPERATOR):
        Report.objects.update(outcome_until=days(-1))
    row, _ = shown(sign_in(cast.alice), report)
    assert "Expired" in row and "Certified" not in row


def test_a_work_status_report_says_what_someone_may_do(
    cast: Cast, order: Authorization, sign_in: SignIn
) -> None:
    """To someone who may see restrictions alone, too."""
    receive([work_status(order, cast.dallas, *restricted(days(3)))])
    let_see(cast, cast.victor, VisitActivity(injury=True, non_injury=True, restrictions_only=True))
    with scope.acting_as(scope.OPERATOR):
        report = Report.objects.get()
    for person in (cast.alice, cast.victor):
        assert "Restricted duty" in shown(sign_in(person), report)[0]
    receive([work_status(order, cast.dallas, as_what="C")])
    with scope.acting_as(scope.OPERATOR):
        correction = Report.objects.get(corrects=True)
    assert "Status not known" in shown(sign_in(cast.alice), correction)[0]
    earlier = sign_in(cast.alice).get(reverse("results:report", args=[report.pk]))
    assert b"Restricted duty" not in earlier.content, "it says so no more"


def test_someone_who_sees_restrictions_only_sees_no_fit_test(
    cast: Cast, order: Authorization, sign_in: SignIn
) -> None:
    send(cast, order, "fit_test", said("OUTCOME", "passed"))
    let_see(cast, cast.victor, VisitActivity(injury=True, non_injury=True, restrictions_only=True))
    page = sign_in(cast.victor).get(reverse("results:list"), {"all": "1"})
    assert b"Passed" not in page.content


@pytest.mark.parametrize("kind", sorted(SECRET), ids=str)
def test_what_is_not_the_employer_s_to_see_has_no_word(
    cast: Cast, order: Authorization, kind: ReportType
) -> None:
    words = [said("OUTCOME", each) for each in Outcome] + [said("OUTCOME", "positive")]
    assert all(outcome(kind, each) is None for each in Outcome) and kind not in SAID
    assert not any(send(cast, order, kind, word).outcome for word in (words[-1], *words[4:7]))


@pytest.mark.parametrize("code", ["", "maybe", "cleared", "full_duty"])
def test_a_code_of_another_type_is_no_word(cast: Cast, order: Authorization, code: str) -> None:
    assert send(cast, order, "fit_test", said("OUTCOME", code)).outcome == ""
