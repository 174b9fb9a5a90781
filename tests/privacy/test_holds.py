"""The privacy officer keeps things for a court, and sees what retention would destroy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.privacy.actions import lift_hold, move_holds, place_hold
from clearwork.privacy.models import LegalHold
from clearwork.privacy.queries import holding_reports, is_held
from clearwork.privacy.rules import AlreadyDecided, HoldOf, Kind
from clearwork.results import actions as results
from clearwork.results import removal, retention
from clearwork.results.keeping_jobs import destroy_due
from clearwork.results.models import Report
from clearwork.results.rules import years_before
from clearwork.support.holds import reports_of
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.privacy.conftest import pressed, the_officer
from tests.races import in_flight_together
from tests.results.reports import report
from tests.support.conftest import officer, support

__all__ = ["officer", "support"]
HOLDS = "/support/holds/"
ALL = {"of": "employer", "account_number": "200100", "reason": "Doe v. Northwind"}


def old(cast: Cast, of: Employee | None = None, kind: str = "mec_dot_card") -> Report:
    """A card past its three years by a day, like every report of this module."""
    visited = years_before(clock.today(), 3) - timedelta(days=1)
    age = clock.today() - visited
    return report(of or cast.maria, cast.dallas, kind=kind, visited=visited, age=age)


def marias(cast: Cast) -> dict[str, Any]:
    born = cast.maria.date_of_birth.isoformat()
    return {
        **ALL,
        "of": "employee",
        "first_name": "maria",
        "last_name": "García",
        "date_of_birth": born,
    }


def destroyed(*rows: Report) -> list[bool]:
    destroy_due(0)
    with scope.acting_as(scope.OPERATOR):
        return [Report.objects.get(pk=row.pk).destroyed_at is not None for row in rows]


def the_hold() -> LegalHold:
    with scope.acting_as(scope.OPERATOR):
        return LegalHold.objects.get()


def test_all_of_an_employer_is_kept_until_the_hold_is_lifted(cast: Cast, officer: Client) -> None:
    ours, weis, theirs = old(cast), old(cast, cast.wei), old(cast, cast.other_maria)
    assert officer.post(f"{HOLDS}new/", ALL).status_code == 302
    assert destroyed(ours, weis, theirs) == [False, False, True]
    lift = f"{HOLDS}{the_hold().pk}/lift/"
    assert "It keeps 2 reports" in officer.get(lift).content.decode()
    assert officer.post(lift, {"reason": ""}).status_code == 422
    assert officer.post(lift, {"reason": "Settled."}).status_code == 302
    assert destroyed(ours, weis) == [True, True]
    assert officer.get(lift).status_code == 404, "lifted once"
    page = officer.get(HOLDS).content.decode()
    assert "Doe v. Northwind" in page and "Lifted: Settled." in page
    (placed,), (lifted,) = events(Action.HOLD_PLACED), events(Action.HOLD_LIFTED)
    assert placed.actor_id == lifted.actor_id == the_hold().placed_by_id
    assert placed.detail == {"of": "employer", "kept": str(cast.northwind.pk)}


def test_one_employee_or_one_report_is_kept(cast: Cast, officer: Client) -> None:
    hers, weis, his_other = old(cast), old(cast, cast.wei), old(cast, cast.wei)
    officer.post(f"{HOLDS}new/", marias(cast))
    where = f"https://portal.example/results/{weis.pk}/?name=wei"
    officer.post(f"{HOLDS}new/", {**ALL, "of": "report", "report": where})
    assert destroyed(hers, weis, his_other) == [False, False, True]
    page = officer.get(HOLDS).content.decode()
    assert "All reports of Maria Garcia" in page and "MEC DOT card of 小明 王" in page


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"account_number": "999"}, "account_number"),
        ({"account_number": ""}, "account_number"),
        ({"reason": ""}, "reason"),
        ({"of": "everything"}, "of"),
        ({"of": "report"}, "report"),
        ({"of": "report", "report": f"/results/{uuid4()}/"}, "report"),
        ({"of": "employee"}, "date_of_birth"),
        (
            {"of": "employee", "first_name": "X", "last_name": "Y", "date_of_birth": "2000-01-01"},
            "last_name",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    typed: dict[str, str], at: str, cast: Cast, officer: Client
) -> None:
    answer = officer.post(f"{HOLDS}new/", {**ALL, **typed})
    assert answer.status_code == 422 and at in answer.context["form"].errors
    with scope.acting_as(scope.OPERATOR):
        assert not LegalHold.objects.exists()


def test_what_is_not_there_is_not_held_by_mistake(cast: Cast, officer: Client) -> None:
    ours, theirs = old(cast), old(cast, cast.other_maria)
    gone = report(cast.maria, cast.dallas)
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=gone.pk).update(destroyed_at=clock.now())
    for number, status in ((theirs.pk, 422), (gone.pk, 422), (ours.pk, 302)):
        typed = {**ALL, "of": "report", "report": str(number)}
        assert officer.post(f"{HOLDS}new/", typed).status_code == status


def test_a_hold_keeps_what_it_names_until_it_is_lifted_itself(cast: Cast) -> None:
    found, weis = report(cast.maria, cast.dallas), report(cast.wei, cast.dallas)
    by, own = the_officer(), cast.northwind.pk

    def held(one: Report) -> bool:
        about = {"employee_id": one.employee_id, "report_id": one.pk}
        said = is_held(employer_id=own, **about)
        assert Report.objects.filter(holding_reports(), pk=one.pk).exists() is said
        return said

    with scope.acting_as(scope.OPERATOR):
        place_hold(HoldOf.EMPLOYER, by=by, employer_id=cast.southport.pk, reason="Theirs")
        for of, subject, kept in (
            (HoldOf.EMPLOYER, None, [True, True]),
            (HoldOf.EMPLOYEE, cast.maria.pk, [True, False]),
            (HoldOf.REPORT, weis.pk, [False, True]),
        ):
            hold = place_hold(of, by=by, employer_id=own, subject_id=subject, reason="Doe")
            assert [held(one) for one in (found, weis)] == kept
            assert [one in reports_of(hold) for one in (found, weis)] == kept
            lift_hold(hold, reason="Settled.", by=by)
            with pytest.raises(AlreadyDecided):
                lift_hold(hold, reason="Again.", by=by)
            assert not held(found) and not held(weis)
        assert LegalHold.objects.get(lifted_at=None).employer_id == cast.southport.pk


def test_what_is_held_cannot_be_destroyed_by_an_incident_either(
    cast: Cast, officer: Client
) -> None:
    found = report(cast.maria, cast.dallas)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        incident = removal.remove(found, words="", by=cast.alice.viewer)
    assert incident and incident.kind == Kind.RECEIVED_IN_ERROR
    officer.post(f"{HOLDS}new/", marias(cast))
    sent = {"decision": "destroyed", "reason": "Not theirs."}
    answer = officer.post(f"/support/incidents/{incident.pk}/", sent)
    assert answer.status_code == 422 and "legal hold" in answer.content.decode()


def test_another_employers_hold_keeps_nothing_here(
    cast: Cast, officer: Client, sign_in: SignIn
) -> None:
    found = report(cast.maria, cast.dallas)
    officer.post(f"{HOLDS}new/", {**ALL, "account_number": "200200"})
    page = sign_in(cast.alice).get(f"/results/{found.pk}/").content.decode()
    assert "privacy officer keeps it" not in page
    lift = officer.get(f"{HOLDS}{the_hold().pk}/lift/").content.decode()
    assert "It keeps 0 reports" in lift
    with scope.acting_as(scope.OPERATOR):
        ids = {"employee_id": found.employee_id, "report_id": found.pk}
        assert not is_held(employer_id=found.employer_id, **ids)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        incident = removal.remove(found, words="", by=cast.alice.viewer)
    assert incident
    sent = {"decision": "destroyed", "reason": "Not theirs."}
    assert officer.post(f"/support/incidents/{incident.pk}/", sent).status_code == 302


def test_what_is_in_question_is_not_destroyed_when_its_time_is_over(cast: Cast) -> None:
    found = old(cast)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        removal.remove(found, words="", by=cast.alice.viewer)
    assert destroyed(found) == [False]


def test_a_hold_placed_while_the_run_goes_on_counts_at_once(
    cast: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = old(cast)
    with scope.acting_as(scope.OPERATOR):
        listed = {kind: list(retention.due(kind, clock.today())) for kind in ReportType}
    monkeypatch.setattr(retention, "due", lambda kind, _: listed[kind])
    officer.post(f"{HOLDS}new/", ALL)
    assert destroyed(found) == [False]


def test_admin_users_see_that_it_is_held_and_not_why(
    cast: Cast, officer: Client, sign_in: SignIn
) -> None:
    found = report(cast.maria, cast.dallas)
    said = "privacy officer keeps it on legal hold"
    assert said not in sign_in(cast.alice).get(f"/results/{found.pk}/").content.decode()
    officer.post(f"{HOLDS}new/", ALL)
    page = sign_in(cast.alice).get(f"/results/{found.pk}/").content.decode()
    assert said in page and "Doe" not in page


def test_the_dry_run_says_what_would_go_and_destroys_nothing(
    cast: Cast, officer: Client, django_assert_max_num_queries: Any
) -> None:
    rows = [old(cast), old(cast), old(cast, cast.other_maria)]
    rows.append(old(cast, kind="custody_and_control_form"))
    officer.post(f"{HOLDS}new/", {**ALL, "of": "report", "report": str(rows[0].pk)})
    with django_assert_max_num_queries(2 * len(ReportType) + 12):
        page = officer.get("/support/retention/")
    said = {row.kind: (row.count, row.held) for row in page.context["rows"]}
    assert said == {ReportType.MEC_DOT_CARD: (2, 1), ReportType.CUSTODY_AND_CONTROL: (1, 0)}
    assert "49 CFR 391.51(d)" in page.content.decode() and page.context["total"] == 3
    one = officer.get("/support/retention/mec_dot_card/")
    assert [(row["employer__legal_name"], row["count"]) for row in one.context["page"]] == [
        ("Northwind Freight", 1),
        ("Southport Tile", 1),
    ]
    with scope.acting_as(scope.OPERATOR):
        assert not Report.objects.exclude(destroyed_at=None).exists()
    assert destroyed(*rows) == [False, True, True, True], "and this is what goes"


def test_the_dry_run_looks_ahead_and_never_back(cast: Cast, officer: Client) -> None:
    report(cast.maria, cast.dallas, visited=clock.today())
    later = years_before(clock.today(), -3) + timedelta(days=1)
    assert officer.get("/support/retention/").context["total"] == 0
    assert officer.get(f"/support/retention/?day={later}").context["total"] == 1
    for wrong in (date(2020, 1, 1), "soon"):
        page = officer.get(f"/support/retention/?day={wrong}")
        assert page.context["day"] == clock.today() and page.context["form"].errors
    assert officer.get("/support/retention/nonsense/").status_code == 404


def test_support_alone_places_no_holds(cast: Cast, support: Client) -> None:
    assert support.get(HOLDS).status_code == support.post(f"{HOLDS}new/", ALL).status_code == 403
    page = support.get("/support/incidents/").content.decode()
    assert HOLDS not in page and "/support/retention/" not in page


def test_what_is_held_while_the_run_goes_is_kept(committed_cast: Cast) -> None:
    """By the officer or by an Admin User, of retention's run and of a decision."""
    cast, by = committed_cast, the_officer()
    ours, weis = old(cast), report(cast.wei, cast.dallas)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        incident = removal.remove(weis, words="", by=cast.alice.viewer)

    @contextmanager
    def placing() -> Iterator[None]:
        with scope.acting_as(scope.OPERATOR):
            own = cast.northwind.pk
            place_hold(HoldOf.EMPLOYER, by=by, employer_id=own, reason="Doe v. Northwind")
            yield

    @contextmanager
    def holding() -> Iterator[None]:
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            assert results.hold(ours, why="Doe v. Northwind", by=cast.alice.viewer)
            yield

    assert incident

    def decided() -> str:
        with scope.acting_as(scope.OPERATOR), pytest.raises(removal.OnLegalHold):
            removal.destroy(incident, reason="Not theirs.", by=by)
        return "kept"

    assert in_flight_together(placing(), lambda: destroy_due(0), decided) == [None, "kept"]
    with scope.acting_as(scope.OPERATOR):
        lift_hold(LegalHold.objects.get(), reason="Settled.", by=by)
    in_flight_together(holding(), lambda: destroy_due(0))
    with scope.acting_as(scope.OPERATOR):
        assert not Report.objects.exclude(destroyed_at=None).exists()


def test_only_the_employers_own_holds_move_with_a_person(cast: Cast) -> None:
    of, own, by = HoldOf.EMPLOYEE, cast.northwind.pk, the_officer()
    with scope.acting_as(scope.OPERATOR):
        for employer in (own, cast.southport.pk):
            place_hold(of, by=by, employer_id=employer, subject_id=cast.maria.pk, reason="Doe")
        moved = move_holds(employer_id=own, of=cast.maria.pk, to=cast.wei.pk)
        left = LegalHold.objects.get(subject_id=cast.maria.pk)
    assert len(moved) == 1
    assert left.employer_id == cast.southport.pk


def test_what_went_meanwhile_is_not_said_to_be_held(cast: Cast) -> None:
    gone, in_error = old(cast), old(cast)
    assert destroyed(gone) == [True]
    pressed(in_error, cast)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        for found in (gone, in_error):
            assert not results.hold(found, why="Doe v. Northwind", by=cast.alice.viewer)
            assert Report.objects.get(pk=found.pk).held_at is None
