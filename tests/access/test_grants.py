"""What a View Only User was granted filters results wherever results are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.core.signing import TimestampSigner
from django.test import Client

from clearwork.accounts.actions import VisitActivity
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.documents.storage import save_document
from clearwork.employers.models import Worksite
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.people.models import Employee
from clearwork.results.models import Report
from tests.access.story import let_see, northwind
from tests.cast import Cast, employee
from tests.conftest import SignIn
from tests.exchange import wire


@dataclass(frozen=True)
class Results:
    """Victor's own authorization for Maria at Plant 4, and four reports of two people."""

    authorization: Authorization
    second_plant: Worksite
    by_title: dict[str, Report]


STATUS = "Injury activity status report"
NOTICE = "First notice of injury letter"
CARD = "MEC DOT card"
FAR_CARD = "MEC DOT card of Plant 2"
ALL = {STATUS, NOTICE, CARD, FAR_CARD}
EVERYTHING = VisitActivity(injury=True, non_injury=True)
LISTS = (
    *("/", "/authorizations/?all=1", "/authorizations/new/", "/many/new/", "/employees/"),
    *("/employees/new/", "/results/?all=1", "/visits/", "/visits/all/", "/visits/dot-cards/"),
)


@pytest.fixture
def results(cast: Cast) -> Results:
    with scope.acting_as(scope.OPERATOR):
        second = Worksite.objects.create(employer=cast.northwind, name="Plant 2")
        zoe = employee(second, "Zoe", "Zimmer", born=date(1990, 1, 1))
    with northwind(cast):
        made = authorize(cast.order(), by=cast.victor.viewer)
        reports = {
            STATUS: _report(made, cast.maria, ReportType.INJURY_ACTIVITY_STATUS, STATUS),
            NOTICE: _report(made, cast.maria, ReportType.FIRST_NOTICE_OF_INJURY, NOTICE),
            CARD: _report(made, cast.maria, ReportType.MEC_DOT_CARD, CARD),
            FAR_CARD: _report(made, zoe, ReportType.MEC_DOT_CARD, FAR_CARD),
        }
    return Results(made, second, reports)


def _report(made: Authorization, of: Employee, kind: ReportType, title: str) -> Report:
    assert made.center_id
    return Report.objects.create(
        employer_id=made.employer_id,
        employee=of,
        authorization=made,
        center_id=made.center_id,
        report_type=kind,
        kind=ReportKind(kind.kind),
        title=title,
        visit_date=date(2026, 1, 5),
        document=save_document(wire.pdf()),
        sha256=b"0" * 32,
        size=1,
        pages=1,
    )


GRANTS = [
    (VisitActivity(), set()),
    (EVERYTHING, ALL),
    (VisitActivity(injury=True), {STATUS, NOTICE}),
    (VisitActivity(non_injury=True), {CARD, FAR_CARD}),
    (VisitActivity(injury=True, non_injury=True, restrictions_only=True), {STATUS}),
    (VisitActivity(non_injury=True, restrictions_only=True), set()),
    (VisitActivity(injury=True, non_injury=True, worksites=()), set()),
]


@pytest.mark.parametrize(("granted", "seen"), GRANTS)
def test_every_place_that_shows_results_shows_what_was_granted(
    cast: Cast, results: Results, victor: Client, granted: VisitActivity, seen: set[str]
) -> None:
    let_see(cast, cast.victor, granted)
    _sees_exactly(cast, results, victor, seen)


def test_a_grant_of_one_worksite_shows_its_employees_results_alone(
    cast: Cast, results: Results, victor: Client
) -> None:
    let_see(cast, cast.victor, VisitActivity(True, True, worksites=(cast.plant,)))
    _sees_exactly(cast, results, victor, {STATUS, NOTICE, CARD})
    let_see(cast, cast.victor, VisitActivity(True, True, worksites=(results.second_plant,)))
    _sees_exactly(cast, results, victor, {FAR_CARD})


def test_a_grant_of_one_worksite_names_no_other(
    cast: Cast, victor: Client, results: Results
) -> None:
    other = results.second_plant
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=other.pk).update(postal_code="75201")
    let_see(cast, cast.victor, replace(EVERYTHING, worksites=(cast.plant,)))
    for path in (*LISTS, f"/centers/choose/?worksite={other.pk}"):
        answer = victor.get(path)
        assert answer.status_code == 200 and other.name not in answer.content.decode(), path
    let_see(cast, cast.victor, replace(EVERYTHING, worksites=(other,)))
    page = victor.get("/authorizations/?all=1").content.decode()
    assert f">{other.name}<" in page and f">{cast.plant.name}<" in page, (
        "where his own order is for"
    )


def test_who_sees_restrictions_only_is_told_of_no_order(
    cast: Cast, victor: Client, results: Results
) -> None:
    report, number = results.by_title[STATUS].pk, results.authorization.number
    for grant, is_told in (
        (EVERYTHING, True),
        (replace(EVERYTHING, restrictions_only=True), False),
    ):
        let_see(cast, cast.victor, grant)
        for path in (f"/results/{report}/", f"/help-with/report/{report}/"):
            assert (number in victor.get(path).content.decode()) == is_told, path


def test_a_grant_taken_back_is_gone_at_the_next_click(
    cast: Cast, results: Results, victor: Client
) -> None:
    let_see(cast, cast.victor, EVERYTHING)
    _sees_exactly(cast, results, victor, ALL)
    let_see(cast, cast.victor, VisitActivity())
    _sees_exactly(cast, results, victor, set())


def test_an_admin_user_sees_all_whatever_was_granted_before(
    cast: Cast, results: Results, sign_in: SignIn
) -> None:
    let_see(cast, cast.alice, VisitActivity())
    assert _titles(sign_in(cast.alice).get("/results/")) == ALL


def _sees_exactly(cast: Cast, results: Results, client: Client, seen: set[str]) -> None:
    assert _titles(client.get("/results/")) == seen
    assert _titles(client.get("/")) == seen
    assert _titles(client.get(f"/results/of/{results.authorization.pk}/")) == seen
    for title, report in results.by_title.items():
        pages = [client.get(address).status_code == 200 for address in _addresses(cast, report)]
        assert pages == [title in seen] * 3, title
    if seen:
        assert f"<strong>{len(seen)}</strong>" in client.get("/").content.decode()


def _addresses(cast: Cast, report: Report) -> list[str]:
    """The report's page, its download and its picture, the latter with a valid signature."""
    signer = TimestampSigner(salt="clearwork.results.view")
    view = signer.sign(f"{cast.victor.user.pk}/{report.pk}")
    page = f"/results/{report.pk}/"
    return [page, f"{page}download.pdf", f"{page}pages/1.png?view={view}"]


def _titles(answer: object) -> set[str]:
    """The titles of the reports linked to; a page refused links to none."""
    page = getattr(answer, "content", b"").decode()
    links = [part.split("</a>")[0] for part in page.split('href="/results/')[1:]]
    return {title for title in ALL if any(link.endswith(title) for link in links)}
