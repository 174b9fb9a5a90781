"""What ends by itself, where and when it ends, and whom that is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess, Role
from clearwork.audit.actions import Action
from clearwork.authorizations import actions, changes, ending, messages
from clearwork.authorizations.ending import Job
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import DeliveryState, Modality, State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from tests.cast import Cast, Person, person
from tests.exchange.records import events, jobs, kept

LAST_DAY = date(2027, 3, 10)


def authorize(cast: Cast, by: Person | None = None, **order: Any) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return actions.authorize(cast.order(**order), by=(by or cast.alice).viewer)


def set_to(authorization: Authorization, **facts: object) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=authorization.pk).update(**facts)


def fresh(authorization: Authorization) -> Authorization:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.get(pk=authorization.pk)


def state_of(authorization: Authorization) -> State:
    return State(fresh(authorization).state)


def yesterday() -> date:
    return clock.today() - timedelta(days=2)  # over in every time zone


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def work(job: str) -> None:
    """Run the jobs of this name as the worker would."""
    for each in jobs(job):
        context = type("Context", (), {"job": type("Job", (), {"id": each.pk})()})()
        app.tasks[job].func(context, **each.args)


# Ending


@pytest.mark.parametrize("state", list(State))
def test_what_waits_ends_and_what_was_expected_is_a_no_show(cast: Cast, state: State) -> None:
    made = authorize(cast)
    set_to(made, state=state, expires=yesterday())
    ends_as = {
        State.SUBMITTED: State.EXPIRED,
        State.DELIVERED: State.EXPIRED,
        State.ACCEPTED: State.NO_SHOW,
    }
    assert ending.end_overdue() == (1 if state in ends_as else 0)
    assert state_of(made) == ends_as.get(state, state)


def test_it_ends_once_with_its_event_its_audit_and_its_notice(cast: Cast) -> None:
    made = authorize(cast)
    set_to(made, expires=yesterday())
    before = kept()
    assert [ending.end_overdue() for _ in range(3)] == [1, 0, 0]
    assert kept() - before == {"changes": 1, "events": 1, "jobs": 1}
    (noted,) = events(Action.AUTHORIZATION_CHANGED)
    assert (noted.actor_kind, noted.detail) == ("system", {"state": "expired"})
    assert noted.employer_id == cast.northwind.pk


def test_an_order_that_was_not_sent_yet_is_sent_no_more(cast: Cast) -> None:
    made = authorize(cast)
    set_to(made, expires=yesterday())
    ending.end_overdue()
    with scope.acting_as(scope.OPERATOR):
        assert Delivery.objects.get().state == DeliveryState.WITHDRAWN


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("America/New_York", datetime(2027, 3, 11, 5, 0, tzinfo=UTC)),
        ("America/Chicago", datetime(2027, 3, 11, 6, 0, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2027, 3, 11, 10, 0, tzinfo=UTC)),
        ("Pacific/Guam", datetime(2027, 3, 10, 14, 0, tzinfo=UTC)),
    ],
)
def test_the_last_day_ends_at_midnight_where_the_center_is(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, zone: str, moment: datetime
) -> None:
    made = authorize(cast)
    set_to(made, expires=LAST_DAY)
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=cast.dallas.pk).update(time_zone=zone)
    at(monkeypatch, moment - timedelta(seconds=1))
    assert ending.end_overdue() == 0
    at(monkeypatch, moment)
    assert ending.end_overdue() == 1


@pytest.mark.parametrize(
    ("postal_code", "moment"),
    [
        ("96813", datetime(2027, 3, 11, 10, 0, tzinfo=UTC)),
        ("", datetime(2027, 3, 11, 6, 0, tzinfo=UTC)),
    ],
    ids=["Honolulu", "unknown: the network's"],
)
def test_centralized_care_ends_at_midnight_at_the_worksite(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, postal_code: str, moment: datetime
) -> None:
    made = authorize(cast, modality=Modality.TELEMED, center=None)
    set_to(made, expires=LAST_DAY)
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=cast.plant.pk).update(postal_code=postal_code)
    at(monkeypatch, moment - timedelta(seconds=1))
    assert ending.end_overdue() == 0
    at(monkeypatch, moment)
    assert ending.end_overdue() == 1


def test_after_days_of_downtime_all_are_caught_up_with(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "AT_ONCE", 2)
    made = [authorize(cast) for _ in range(5)]
    for age, each in enumerate(made):
        set_to(each, expires=yesterday() - timedelta(days=age))
    assert ending.end_overdue() == 5
    assert {state_of(each) for each in made} == {State.EXPIRED}


def test_who_was_extended_meanwhile_is_left_alone(cast: Cast) -> None:
    made = authorize(cast)
    set_to(made, expires=yesterday())
    due = {made.pk: yesterday()}
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        until = clock.today() + timedelta(days=9)
        assert changes.extend(made, until=until, by=cast.alice.viewer) == ""
    assert ending._end(due) == 0
    assert state_of(made) == State.SUBMITTED


# Telling


def test_the_creator_gets_one_mail_with_a_link_and_nothing_of_anyone(cast: Cast) -> None:
    made = [authorize(cast) for _ in range(3)]
    hers, others = made[0], authorize(cast, by=cast.victor)
    for each in (*made, others):
        set_to(each, expires=yesterday())
    ending.end_overdue()
    work(Job.MAIL_ENDED)
    work(Job.MAIL_ENDED)  # run twice, mailed once
    to_alice, to_victor = sorted(mail.outbox, key=lambda sent: sent.to)
    assert (to_alice.to, to_victor.to) == ([cast.alice.user.email], [cast.victor.user.email])
    assert to_alice.subject.startswith("3 authorizations have ended without a visit")
    assert "/authorizations/?mine=on&state=lapsed" in to_alice.body
    assert f"/authorizations/{others.pk}/" in to_victor.body
    for sent in mail.outbox:
        assert not re.search(
            f"Maria|Garcia|physical|{hers.number}|1988", f"{sent.body}{sent.subject}"
        )


def test_who_was_turned_off_hears_nothing(cast: Cast) -> None:
    made = authorize(cast, by=cast.victor)
    set_to(made, expires=yesterday())
    ending.end_overdue()
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.victor.user).update(is_active=False)
    work(Job.MAIL_ENDED)
    assert mail.outbox == []


def test_admin_users_hear_of_what_someone_made_who_left(cast: Cast) -> None:
    """Else it ends unseen. A mail each, though they may not have made any."""
    hers, made = authorize(cast), [authorize(cast, by=cast.victor) for _ in "12"]
    with scope.acting_as(scope.OPERATOR):
        person(cast.northwind, "Ann", Role.ADMIN)
        person(cast.northwind, "Vic", Role.VIEW_ONLY)
        PortalAccess.objects.filter(user=cast.victor.user).update(is_active=False)
    for each in (hers, *made):
        set_to(each, expires=yesterday())
    ending.end_overdue()
    work(Job.MAIL_ENDED)
    to_alice, to_ann = sorted(mail.outbox, key=lambda sent: sent.to)
    assert (to_alice.to, to_ann.to) == ([cast.alice.user.email], ["ann@northwind.example"])
    assert to_alice.subject.startswith("3 auth") and to_ann.subject.startswith("2 auth")
    for sent in (to_alice, to_ann):
        assert "has no access any more" in sent.body and "/?state=lapsed" in sent.body


def test_what_was_extended_before_the_mail_went_is_not_told(cast: Cast) -> None:
    made = authorize(cast)
    set_to(made, expires=yesterday())
    ending.end_overdue()
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        until = clock.today() + timedelta(days=9)
        changes.extend(made, until=until, by=cast.alice.viewer)
    work(Job.MAIL_ENDED)
    assert mail.outbox == []


def _made_long_ago(authorization: Authorization, *, expires: date) -> None:
    set_to(authorization, expires=expires, created_at=clock.now() - timedelta(days=20))


@pytest.mark.parametrize(("days", "told"), [(0, 1), (3, 1), (4, 0), (-2, 0)])
def test_a_reminder_comes_three_days_before(cast: Cast, days: int, told: int) -> None:
    made = authorize(cast)
    _made_long_ago(made, expires=clock.today() + timedelta(days=days))
    assert ending.remind() == told
    work(Job.MAIL_REMINDER)
    assert len(mail.outbox) == told
    if told:
        assert mail.outbox[0].subject.startswith("An authorization is about to end")


def test_one_is_reminded_once_and_again_of_the_new_day(cast: Cast) -> None:
    made = authorize(cast)
    _made_long_ago(made, expires=clock.today() + timedelta(days=1))
    assert [ending.remind() for _ in range(3)] == [1, 0, 0]
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        until = clock.today() + timedelta(days=3)
        changes.extend(made, until=until, by=cast.alice.viewer)
    assert [ending.remind() for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("state", [State.CHECKED_IN, State.COMPLETED, State.CANCELLED])
def test_one_is_not_reminded_of_what_no_longer_waits(cast: Cast, state: State) -> None:
    made = authorize(cast)
    _made_long_ago(made, expires=clock.today() + timedelta(days=1))
    set_to(made, state=state)
    assert ending.remind() == 0


def test_what_was_made_for_two_days_needs_no_reminder(cast: Cast) -> None:
    authorize(cast, expires=clock.today() + timedelta(days=2))
    assert ending.remind() == 0


def test_a_mail_is_about_what_one_made_for_that_employer(cast: Cast) -> None:
    """As the operator, where Alice made one at another employer, too, and Victor one here."""
    elsewhere = replace(cast.alice.viewer, employer_id=cast.southport.pk)
    order = cast.order(employee=cast.other_maria, worksite=cast.yard)
    own, victors = authorize(cast), authorize(cast, by=cast.victor)
    with scope.acting_as(scope.OPERATOR):
        others = [actions.authorize(order, by=elsewhere).pk, victors.pk]
        access = PortalAccess.objects.get(user=cast.alice.user)
        assert messages.reminder(access, others) is None
        found = messages.reminder(access, [own.pk, *others])
    assert found and str(own.pk) in found.link_path


def test_jobs_carry_ids_alone(cast: Cast) -> None:
    made = authorize(cast)
    set_to(made, expires=yesterday())
    ending.end_overdue()
    (job,) = jobs(Job.MAIL_ENDED)
    assert job.args == {
        "employer_id": str(cast.northwind.pk),
        "user_id": str(cast.alice.user.pk),
        "authorization_ids": [str(made.pk)],
    }


def test_both_run_by_themselves() -> None:
    periodic = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert {Job.END, Job.REMIND} <= periodic
