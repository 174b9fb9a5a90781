"""Results leave the list, are restored, held, and destroyed when their time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from clearwork.accounts.models import PortalAccess
from clearwork.audit.actions import Action, Actor, event
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.employers.report_types import FACTS
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.messaging.models import Watermark
from clearwork.people.merging import merge_employees
from clearwork.people.models import Employee
from clearwork.results import retention
from clearwork.results.archiving import NOTICES, Job
from clearwork.results.keeping_jobs import destroy_due, remind
from clearwork.results.models import DotCertificate, Report
from clearwork.results.removal_jobs import destroy_document
from clearwork.results.rules import years_before
from clearwork.visits.actions import News, note
from clearwork.visits.models import WorkStatus
from clearwork.visits.rules import Duty, Status
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.messaging.postman import post, queued
from tests.results.reports import report

LIST = reverse("results:list")
DOT_CARD, STATUS = ReportType.MEC_DOT_CARD, ReportType.INJURY_ACTIVITY_STATUS
NEW_YEARS_EVE, NEW_YEAR = date(2025, 12, 31), date(2026, 1, 1)


def listed(client: Client, **query: Any) -> list[str]:
    answer = client.get(LIST, {"all": "1", **query})
    return [row.title for row in answer.context["page"].rows]


def url(name: str, found: Report) -> str:
    return reverse(f"results:{name}", args=[found.pk])


def again(found: Report) -> Report:
    with scope.acting_as(scope.OPERATOR):
        return Report.objects.get(pk=found.pk)


# Restoring


def test_an_archived_report_is_restored_for_90_days(alice: Client, cast: Cast) -> None:
    old = report(cast.maria, cast.dallas, title="old", age=timedelta(days=200))
    report(cast.wei, cast.dallas, title="older", age=timedelta(days=300))
    report(cast.wei, cast.dallas, title="new")
    assert "Restore it" in alice.get(url("report", old)).content.decode()
    answer = alice.post(url("restore", old), {"why": "The auditor asks for it."})
    assert answer.status_code == 302
    assert listed(alice) == ["new", "old"] and listed(alice, archived="on") == ["older"]
    assert listed(alice, name="garcia") == ["old"] and listed(alice, sort="name") == ["old", "new"]
    assert listed(alice, archived="all") == ["new", "old", "older"]
    (restored,) = events(Action.REPORT_RESTORED)
    assert (restored.subject_id, restored.actor_id) == (old.pk, cast.alice.user.pk)
    assert again(old).restored_why == "The auditor asks for it."
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=old.pk).update(restored_until=clock.now() - timedelta(hours=1))
    assert listed(alice) == ["new"] and listed(alice, archived="on") == ["old", "older"]


def test_a_report_is_restored_and_held_with_a_reason_only(alice: Client, cast: Cast) -> None:
    old = report(cast.maria, cast.dallas, age=timedelta(days=200))
    for name in ("restore", "hold"):
        for why in ("", "   ", "x" * 501):
            answer = alice.post(url(name, old), {"why": why})
            assert answer.status_code == 422 and answer.context["form"].errors["why"]
    assert not events(Action.REPORT_RESTORED) and not events(Action.REPORT_HELD)


def test_a_restored_report_of_another_employer_does_not_show(
    alice: Client, cast: Cast, sign_in: SignIn
) -> None:
    theirs = report(cast.other_maria, cast.dallas, title="theirs", age=timedelta(days=200))
    assert sign_in(cast.bob).post(url("restore", theirs), {"why": "Ours."}).status_code == 302
    assert listed(alice) == []
    with scope.acting_as(scope.OPERATOR):  # also where the database lets everything through
        from_all = Report.objects.get(pk=theirs.pk)
        assert from_all.restored_until is not None


# Notices


@pytest.fixture
def _told_until_an_hour_ago(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        for days in NOTICES:
            name = f"{Job.REMIND}:{days}"
            Watermark.objects.create(name=name, until=clock.now() - timedelta(hours=1))


@pytest.fixture
def wants_mails(cast: Cast) -> Callable[[Person], PortalAccess]:
    def wants(person: Person, notify: str = "daily") -> PortalAccess:
        with scope.acting_as(scope.OPERATOR):
            found = PortalAccess.objects.filter(user=person.user)
            found.update(notify=notify)
            return found.get()

    return wants


@pytest.mark.usefixtures("_told_until_an_hour_ago")
def test_subscribers_are_told_14_and_3_days_before_once(
    cast: Cast, wants_mails: Callable[[Person], PortalAccess]
) -> None:
    wants_mails(cast.alice)
    wants_mails(cast.victor)  # sees no results
    half_an_hour = timedelta(minutes=30)
    for days in (76, 76, 87, 80):
        report(cast.maria, cast.dallas, age=timedelta(days=days) + half_an_hour)
    remind(0)
    mails = {mail.subject: mail.body for mail in post()}
    assert set(mails) == {"Results leave your list in 14 days", "Results leave your list in 3 days"}
    assert "2 results leave" in mails["Results leave your list in 14 days"]
    assert "1 result leaves" in mails["Results leave your list in 3 days"]
    assert not any("Garcia" in text or "MEC" in text for text in mails.values())
    before = len(queued())
    remind(0)
    assert len(queued()) == before


@pytest.mark.usefixtures("_told_until_an_hour_ago")
def test_who_has_downloaded_all_is_told_nothing(
    alice: Client, cast: Cast, wants_mails: Callable[[Person], PortalAccess]
) -> None:
    wants_mails(cast.alice)
    found = report(cast.maria, cast.dallas, age=timedelta(days=76, minutes=30))
    alice.get(url("report", found))
    remind(0)
    assert len(queued(Job.MAIL)) == 1
    alice.get(url("download", found))
    assert post() == []


@pytest.mark.usefixtures("_told_until_an_hour_ago")
def test_who_wants_no_mails_is_sent_none(
    cast: Cast, wants_mails: Callable[[Person], PortalAccess]
) -> None:
    wants_mails(cast.alice)
    report(cast.maria, cast.dallas, age=timedelta(days=87, minutes=30))
    remind(0)
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(notify="none")
    assert post() == []


# Retention and legal hold


def aged(cast: Cast, kind: ReportType, visited: date, *, of: Employee | None = None) -> Report:
    age, of = clock.today() - visited, of or cast.maria
    return report(of, cast.dallas, title="Secret", kind=kind, visited=visited, age=age)


def left(cast: Cast, someone: Employee, years_ago: int) -> None:
    """Told in the audit trail, as people.actions does."""
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=someone.pk).update(is_active=False)
        by = Actor("user", cast.alice.user.pk)
        own = {"employer_id": someone.employer_id, "subject_id": someone.pk}
        told = event(Action.EMPLOYEE_LEFT, by=by, **own)
        told.at = clock.now() - timedelta(days=366 * years_ago)
        told.save(force_insert=True)


def run_retention() -> None:
    destroy_due(0)
    with scope.acting_as(scope.OPERATOR):
        gone = list(Report.objects.exclude(destroyed_at=None))
    for found in gone:
        destroy_document(employer_id=str(found.employer_id), report_id=str(found.pk))


def test_a_report_past_its_retention_is_destroyed_and_leaves_an_empty_row(
    alice: Client, cast: Cast
) -> None:
    today = clock.today()
    over = aged(cast, ReportType.MEC_DOT_CARD, years_before(today, 3) - timedelta(days=1))
    kept = aged(cast, ReportType.MEC_DOT_CARD, years_before(today, 3))
    run_retention()
    gone, there = again(over), again(kept)
    assert gone.destroyed_at and gone.document == "" and gone.title == "MEC DOT card"
    assert there.destroyed_at is None and read_document(there.document)
    with pytest.raises(FileNotFoundError):
        read_document(over.document)
    (destroyed,) = events(Action.REPORT_DESTROYED)
    assert (destroyed.subject_id, destroyed.actor_kind) == (over.pk, "system")
    assert alice.get(url("download", over)).status_code == 404
    assert "destroyed on" in alice.get(url("report", over)).content.decode()
    run_retention()
    assert len(events(Action.REPORT_DESTROYED)) == 1


def _limits(of: Report) -> News:
    return News(
        employer_id=of.employer_id,
        employee_id=of.employee_id,
        center_id=of.center_id,
        kind=of.kind,
        day=of.visit_date,
        authorization_id=None,
        arrived_at=of.posted_at,
        status=Status(Duty.RESTRICTED, of.visit_date, ("No ladders",)),
        source_id=of.pk,
    )


def test_with_a_report_goes_what_it_said(cast: Cast) -> None:
    """But for limits that still hold: they would end unsaid."""
    years_ago = years_before(clock.today(), 8)
    first, last = (aged(cast, STATUS, day) for day in (years_ago, years_ago + timedelta(days=9)))
    card = aged(cast, DOT_CARD, years_ago)
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=card.pk).update(outcome="certified", outcome_until=years_ago)
        days = {"certified_from": years_ago, "expires": years_ago + timedelta(days=90)}
        own = {"employer_id": card.employer_id, "employee_id": card.employee_id}
        DotCertificate.objects.create(**own, **days, report=card, center=cast.dallas)
        note([_limits(each) for each in (first, last)])
    run_retention()
    assert all(again(one).destroyed_at for one in (first, last, card))
    assert (again(card).outcome, again(card).outcome_until) == ("", None)
    with scope.acting_as(scope.OPERATOR):
        assert not DotCertificate.objects.exists()
        said = WorkStatus.objects.order_by("issued_at").values_list("restrictions", flat=True)
        assert list(said) == [[], ["No ladders"]]


def test_what_is_on_legal_hold_is_kept_until_the_hold_ends(alice: Client, cast: Cast) -> None:
    old = aged(cast, ReportType.MEC_DOT_CARD, clock.today() - timedelta(days=1500))
    assert alice.post(url("hold", old), {"why": "Case 12 at the court."}).status_code == 302
    page = alice.get(url("report", old)).content.decode()
    assert "Case 12 at the court." in page and "End the legal hold" in page
    run_retention()
    assert again(old).destroyed_at is None
    assert alice.post(url("hold", old), {"why": "The case is over."}).status_code == 302
    run_retention()
    assert again(old).destroyed_at
    assert len(events(Action.REPORT_HELD)) == len(events(Action.REPORT_HOLD_ENDED)) == 1


def test_employment_plus_30_years_counts_from_the_day_someone_left(cast: Cast) -> None:
    visited = years_before(clock.today(), 45)
    works_here = aged(cast, ReportType.AUDIOGRAM, visited)
    long_gone = aged(cast, ReportType.AUDIOGRAM, visited, of=cast.wei)
    run_retention()
    assert again(long_gone).destroyed_at is None
    left(cast, cast.wei, 20)
    run_retention()
    assert again(long_gone).destroyed_at is None
    with scope.acting_as(scope.OPERATOR):
        other = aged(cast, ReportType.AUDIOGRAM, visited, of=cast.other_maria)
    left(cast, cast.other_maria, 31)
    run_retention()
    assert again(other).destroyed_at and again(works_here).destroyed_at is None


def test_two_records_made_one_are_not_kept_for_the_shorter_employment(cast: Cast) -> None:
    """The record that is gone may have told that they left later: 20 years ago, say."""
    visited = years_before(clock.today(), 45)
    found = aged(cast, ReportType.AUDIOGRAM, visited, of=cast.wei)
    left(cast, cast.wei, 31)
    left(cast, cast.maria, 20)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        merge_employees(by=cast.alice.viewer, keep=cast.wei, other=cast.maria)
    run_retention()
    assert again(found).destroyed_at is None


def test_what_came_late_or_was_restored_stays_as_long_as_any_other(cast: Cast) -> None:
    visited = years_before(clock.today(), 4)
    came_late, long_there, restored = (aged(cast, ReportType.MEC_DOT_CARD, visited) for _ in "123")
    with scope.acting_as(scope.OPERATOR):
        came = Report.objects.filter(pk=came_late.pk)
        came.update(posted_at=clock.now() - timedelta(days=80))
        Report.objects.filter(pk=restored.pk).update(restored_until=clock.now() + timedelta(1))
        ahead = clock.today() + timedelta(days=20)
        assert {came_late, long_there, restored} == set(retention.due(DOT_CARD, ahead))
    run_retention()
    assert [again(one).destroyed_at is None for one in (came_late, long_there, restored)] == [
        True,
        False,
        True,
    ]


def test_what_is_kept_for_years_of_the_calendar_outlasts_the_year(cast: Cast) -> None:
    """29 CFR 1904.33(a): five years after the end of the year that the records cover."""
    visited = date(2020, 1, 2)
    found = aged(cast, ReportType.INJURY_ACTIVITY_STATUS, visited)
    with scope.acting_as(scope.OPERATOR):
        due = {day: list(retention.due(STATUS, day)) for day in (NEW_YEARS_EVE, NEW_YEAR)}
    assert due == {NEW_YEARS_EVE: [], NEW_YEAR: [found]}
    assert FACTS[STATUS].retention.words == "Kept for 5 years after the year of the visit ends"


def test_a_fit_test_is_kept_until_there_is_another(cast: Cast) -> None:
    """29 CFR 1910.134(m)(2)(ii), also where the next one is late; or until someone left."""
    marias, weis = (
        aged(cast, ReportType.FIT_TEST, clock.today() - timedelta(days=500), of=one)
        for one in (cast.maria, cast.wei)
    )
    left(cast, cast.wei, 1)
    run_retention()
    assert again(weis).destroyed_at and again(marias).destroyed_at is None
    aged(cast, ReportType.FIT_TEST, clock.today() - timedelta(days=9))
    run_retention()
    assert again(marias).destroyed_at


def test_a_network_may_keep_longer_but_not_shorter(cast: Cast) -> None:
    longer = {"fit_test": 5, "mec_dot_card": 1}
    environment = settings.ENVIRONMENT.model_copy(update={"retention_years": longer})
    with override_settings(ENVIRONMENT=environment):
        assert retention.retention(ReportType.FIT_TEST).years == 5
        assert retention.retention(ReportType.MEC_DOT_CARD).years == 3


def test_every_type_says_what_it_is_and_how_long_it_is_kept() -> None:
    assert set(FACTS) == set(ReportType)
    for facts in FACTS.values():
        assert facts.description.endswith(".") and facts.subscribers
        assert "CFR" in facts.retention.citation and facts.retention.years > 0


def test_everyone_can_read_what_the_types_are(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.victor).get(reverse("results:types")).content.decode()
    assert all(kind.label.replace("'", "&#x27;") in text for kind in ReportType)
    assert "49 CFR 391.51(d)" in text and "Documented request" in text
    back = f'class="cw-breadcrumb"\n       href="{LIST}"'
    assert back in sign_in(cast.alice).get(reverse("results:types")).content.decode()
    assert back not in text, "to what was granted to him"


@pytest.mark.parametrize(
    ("day", "years", "before"),
    [
        (date(2026, 11, 23), 3, date(2023, 11, 23)),
        (date(2028, 2, 29), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 4, date(2024, 2, 29)),
    ],
)
def test_years_are_counted_by_the_calendar(day: date, years: int, before: date) -> None:
    assert years_before(day, years) == before
