"""Drivers' certificates: from the card's coded values to the reminder before they end."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import PortalAccess
from clearwork.audit.actions import Action
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.exchange import inbound
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.results import dot_queries, dot_reminders
from clearwork.results.dot_models import DotCertificate
from clearwork.results.dot_reminders import Job
from clearwork.results.dot_rules import Due, due, is_plausible, notice
from clearwork.results.models import Report
from tests.access.story import let_see
from tests.cast import Cast, employee
from tests.conftest import SignIn
from tests.exchange.conftest import authorized
from tests.exchange.records import events, jobs
from tests.results.reports import report
from tests.visits.words import days, dot_card, said

__all__ = ["authorized"]
PAGE = "/visits/dot-cards/"
YEAR = timedelta(days=365)


@pytest.fixture
def card(cast: Cast) -> Callable[..., DotCertificate]:
    """A driver's certificate with its report."""

    def make(driver: Employee, expires: date, *, certified: date | None = None) -> DotCertificate:
        of = report(driver, cast.dallas)
        with scope.acting_as(scope.OPERATOR):
            return DotCertificate.objects.create(
                employer_id=driver.employer_id,
                employee=driver,
                report=of,
                center=cast.dallas,
                certified_from=certified or expires - YEAR,
                expires=expires,
            )

    return make


def certificates() -> list[DotCertificate]:
    with scope.acting_as(scope.OPERATOR):
        return list(DotCertificate.objects.order_by("id"))


def page(client: Client, query: str = "") -> str:
    return client.get(f"{PAGE}{query}").content.decode()


def test_a_card_that_arrives_certifies_its_driver(cast: Cast, authorized: Authorization) -> None:
    more = (
        said("REGISTRY", "1234567890"),
        said("LIMITATION", "lenses^Wearing corrective lenses^99X", "CE"),
        said("LIMITATION", "Wearing hearing aid"),
    )
    inbound.receive([dot_card(authorized, cast.dallas, days(-1), days(364), *more)])
    (found,) = certificates()
    assert (found.certified_from, found.expires) == (days(-1), days(364))
    assert found.employee_id == cast.maria.pk and found.center_id == cast.dallas.pk
    assert found.registry_number == "1234567890"
    assert found.limitations == ["Wearing corrective lenses", "Wearing hearing aid"]


@pytest.mark.parametrize("last", [-400, 0, 800])
def test_days_that_cannot_be_are_left_to_the_card(
    last: int, cast: Cast, authorized: Authorization
) -> None:
    inbound.receive([dot_card(authorized, cast.dallas, days(0), days(last))])
    assert certificates() == []


def test_the_longest_certificate_is_of_24_months() -> None:
    assert is_plausible(date(2024, 2, 1), date(2026, 2, 1), date(2024, 2, 1))
    assert not is_plausible(date(2024, 2, 1), date(2026, 3, 1), date(2024, 2, 1))
    assert not is_plausible(date(2124, 2, 1), date(2126, 2, 1), date(2024, 2, 1)), "a slip"


@pytest.mark.parametrize(
    ("left", "expected", "told"),
    [
        (-1, Due.EXPIRED, None),
        (0, Due.WITHIN_7, 7),
        (7, Due.WITHIN_7, 7),
        (8, Due.WITHIN_30, 30),
        (30, Due.WITHIN_30, 30),
        (60, Due.WITHIN_60, 60),
        (61, Due.VALID, None),
    ],
)
def test_a_driver_is_certified_through_the_last_day(
    left: int, expected: Due, told: int | None
) -> None:
    today = date(2026, 3, 4)
    assert due(today + timedelta(days=left), today) == expected
    assert notice(today + timedelta(days=left), today) == told


def test_drivers_are_listed_by_the_day_they_expire(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(20))
    card(cast.wei, days(-1))
    card(cast.other_maria, days(5))
    shown = page(sign_in(cast.alice))
    assert shown.index("王") < shown.index("Maria Garcia")
    assert 'Expired <span class="cw-count">1</span>' in shown
    assert 'Within 30 days <span class="cw-count">1</span>' in shown
    assert 'Within 7 days <span class="cw-count">0</span>' in shown, "the other employer's"
    only = page(sign_in(cast.alice), "?show=expired")
    assert "王" in only and "Maria Garcia" not in only


@pytest.mark.parametrize(
    ("granted", "where", "sees"),
    [
        (VisitActivity(non_injury=True), None, True),
        (VisitActivity(injury=True), None, False),
        (VisitActivity(injury=True, non_injury=True, restrictions_only=True), None, False),
        (VisitActivity(non_injury=True), "Depot", False),
        (VisitActivity(non_injury=True), "Plant 4", True),
    ],
    ids=["non-injury", "injury", "restrictions", "elsewhere", "there"],
)
def test_a_view_only_user_sees_the_drivers_that_were_granted(
    granted: VisitActivity,
    where: str | None,
    sees: bool,
    cast: Cast,
    card: Callable[..., DotCertificate],
    sign_in: SignIn,
) -> None:
    card(cast.maria, days(40))
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.create(employer=cast.northwind, name="Depot", state="TX")
        sites = tuple(Worksite.objects.filter(name=where)) if where else None
        Employee.objects.filter(pk=cast.wei.pk).update(is_dot_driver=True)
    let_see(cast, cast.victor, replace(granted, worksites=sites))
    client = sign_in(cast.victor)
    for path, name in (("", "Maria"), ("dot-cards.csv", "Maria"), ("?show=none", "王")):
        assert (name in client.get(f"{PAGE}{path}").content.decode()) == sees, path


def test_the_queries_name_the_employer_by_themselves(
    cast: Cast, card: Callable[..., DotCertificate]
) -> None:
    """As the operator, for whom the database would let everything through."""
    card(cast.maria, days(40))
    card(cast.other_maria, days(40))
    with scope.acting_as(scope.OPERATOR):
        listed = dot_queries.certificates(cast.alice.viewer)
        assert [one.employee_id for one in listed] == [cast.maria.pk]


def test_a_later_card_replaces_the_one_before(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(-3))
    card(cast.maria, days(700))
    card(cast.maria, days(-100))  # came late
    shown = page(sign_in(cast.alice))
    assert 'Expired <span class="cw-count">0</span>' in shown
    assert 'Longer <span class="cw-count">1</span>' in shown


def test_the_renewal_begins_with_the_driver_and_the_physical(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(3))
    client = sign_in(cast.alice)
    link = f"/authorizations/new/?employee={cast.maria.pk}&amp;service=DOT-PHYS&amp;reason=periodic"
    assert link in page(client)
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert form.initial["services"] == [cast.dot_physical.pk]
    assert form.initial["employee"] == cast.maria.pk and form.initial["reason"] == "periodic"


def test_a_renewal_that_is_on_its_way_is_not_offered_again(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    """Every Admin User gets the reminder; and whoever may not see the order is not told of it."""
    card(cast.maria, days(3))
    card(cast.wei, days(360), certified=days(-1))
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        renewal = authorize(cast.order(), by=cast.alice.viewer)
        authorize(cast.order(services=[cast.audiogram], employee=cast.wei), by=cast.alice.viewer)
    let_see(cast, cast.victor, VisitActivity(non_injury=True))
    shown, victors = page(sign_in(cast.alice)), page(sign_in(cast.victor))
    assert f'<a href="/authorizations/{renewal.pk}/">Renewal authorized' in shown
    assert shown.count("reason=periodic") == 1, "Wei's"
    assert "Renewal authorized" not in victors and victors.count("reason=periodic") == 2
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=renewal.pk).update(state="expired")
    assert "Renewal authorized" not in page(sign_in(cast.alice))


def test_drivers_without_a_card_are_found(cast: Cast, sign_in: SignIn) -> None:
    with scope.acting_as(scope.OPERATOR):
        employee(cast.plant, "Otis", "Marsh", is_dot_driver=True)
        employee(cast.plant, "Left", "Longago", is_dot_driver=True, is_active=False)
        employee(cast.yard, "Not", "Ours", is_dot_driver=True)
    shown = page(sign_in(cast.alice), "?show=none")
    assert "Otis Marsh" in shown and "service=DOT-PHYS" in shown
    assert "Longago" not in shown and "Ours" not in shown and "Maria" not in shown


def test_a_newer_card_without_dates_is_to_be_read(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    """Valid for long by the card before; the new one, seen by a person, may say three months."""
    card(cast.maria, days(300), certified=days(-60))
    report(cast.maria, cast.dallas, visited=days(-61))  # not newer
    report(cast.maria, cast.dallas, visited=days(-1), kind="audiogram")
    client = sign_in(cast.alice)
    assert "without its dates" not in page(client) + page(client, "dot-cards.csv")
    newer = report(cast.maria, cast.dallas, visited=days(-2))
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.wei.pk).update(is_dot_driver=True)
    weis = report(cast.wei, cast.dallas)
    assert f"/results/{newer.pk}/" in page(client) and "Read the latest card" in page(client)
    assert f"/results/{weis.pk}/" in page(client, "?show=none")
    assert page(client, "dot-cards.csv").count("The latest card came without its dates") == 2
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=newer.pk).update(withdrawn_at=clock.now())
    assert "Read the latest card" not in page(client)


def test_the_csv_holds_what_the_filters_find_and_no_formula(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        sly = employee(cast.plant, "=1+1", "Formula")
    card(sly, days(3))
    card(cast.maria, days(300))
    answer = sign_in(cast.alice).get(f"{PAGE}dot-cards.csv?show=7")
    _, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row[:2] == ["Formula", "'=1+1"] and row[5] == f"{days(3)}" and row[6] == "Within 7 days"
    assert len(events(Action.DOT_CARDS_DOWNLOADED)) == 1


def test_the_list_costs_the_same_however_long(
    cast: Cast, sign_in: SignIn, card: Callable[..., DotCertificate]
) -> None:
    client = sign_in(cast.alice)
    card(cast.maria, days(3))
    page(client)  # the session is begun
    with CaptureQueriesContext(connection) as few:
        page(client)
    for number in range(5):
        with scope.acting_as(scope.OPERATOR):
            someone = employee(cast.plant, f"Driver {number}", "Long")
        card(someone, days(40 + number))
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few)


def run_reminders() -> list[dict[str, Any]]:
    """The mails queued by one run."""
    before = len(jobs(Job.MAIL))
    dot_reminders.remind()
    return [job.args for job in jobs(Job.MAIL)[before:]]


def mail_to_alice(cast: Cast, args: dict[str, Any]) -> str:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        access = PortalAccess.objects.select_related("user", "employer").get(pk=args["access_id"])
        mail = dot_reminders.mail(access, args["certificate_ids"])
    return "" if mail is None else f"{mail.subject}\n{mail.paragraphs}\n{mail.link_path}"


def test_each_notice_is_given_once(
    cast: Cast, card: Callable[..., DotCertificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    card(cast.maria, days(61))
    today, told = clock.today(), []
    for day in range(65):
        monkeypatch.setattr(clock, "today", lambda day=day: today + timedelta(days=day))
        if run_reminders():
            told.append(61 - day)
        assert run_reminders() == [], "a second run of the day tells nothing"
    assert told == [60, 30, 7]


def test_a_corrected_card_of_the_same_last_day_is_no_new_notice(
    cast: Cast, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(20))
    assert run_reminders()
    card(cast.maria, days(20))
    assert run_reminders() == []
    card(cast.maria, days(19), certified=days(-300))
    assert run_reminders(), "another day is another notice"


def test_a_mail_says_how_many_and_never_whose(
    cast: Cast, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(20))
    card(cast.wei, days(29))
    card(cast.other_maria, days(3))
    mails = {str(args["employer_id"]): args for args in run_reminders()}
    assert set(mails) == {str(cast.northwind.pk), str(cast.southport.pk)}
    text = mail_to_alice(cast, mails[str(cast.northwind.pk)])
    assert "2 DOT cards expire within 30 days" in text and "show=30" in text
    assert not any(word in text for word in ("Maria", "Garcia", "王", "1988", "7 days"))


def test_who_renewed_meanwhile_is_no_mails_matter(
    cast: Cast, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(5))
    (args,) = run_reminders()
    card(cast.maria, days(700))
    assert mail_to_alice(cast, args) == ""


def test_who_lost_access_meanwhile_gets_no_mail(
    cast: Cast, card: Callable[..., DotCertificate]
) -> None:
    card(cast.maria, days(5))
    (args,) = run_reminders()
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(pk=args["access_id"]).update(is_active=False)
    assert mail_to_alice(cast, args) == ""


def test_nobody_is_reminded_of_who_left(cast: Cast, card: Callable[..., DotCertificate]) -> None:
    card(cast.maria, days(5))
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(is_active=False)
    assert run_reminders() == []
