"""The stage clock's alerts: a report that is late is told once, to whoever wants it and may see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from clearwork.accounts.models import PortalAccess
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.exchange import inbound
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.results import late
from clearwork.results.models import Report
from clearwork.visits.models import Visit
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.messaging.postman import everything, post, queued
from tests.results.reports import report
from tests.visits.conftest import Seen, seen
from tests.visits.words import work_status

__all__ = ["seen"]
MAIL = late.Job.MAIL


@pytest.fixture
def hurt(cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.injury_order(), by=cast.alice.viewer)


@pytest.fixture
def order(cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorize(cast.order(), by=cast.alice.viewer)


def wants(person: Person, **facts: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        found = PortalAccess.objects.filter(user=person.user)
        found.update(**{"tell_late": True, **facts})


def came(
    seen: Seen, cast: Cast, order: Authorization, hours: int, left: int | None = None
) -> Visit:
    """A visit so many hours ago; checked out `left` hours ago."""
    now = clock.now()
    return seen(
        order.employee,
        kind=order.kind,
        authorization_id=order.pk,
        day=(now - timedelta(hours=hours)).astimezone().date(),
        ago=hours / 24,
        checked_out_at=None if left is None else now - timedelta(hours=left),
    )


def told() -> int:
    late.tell()
    return len(queued(MAIL))


def test_a_result_past_72_hours_is_told_once_and_names_nobody(
    cast: Cast, order: Authorization, seen: Seen, sign_in: SignIn
) -> None:
    wants(cast.alice)
    visit = came(seen, cast, order, 73)
    assert told() == 1 and told() == 1, "once for each visit"
    (job,) = queued(MAIL)
    assert set(job.args) == {"employer_id", "access_id", "visit_id"}
    (sent,) = post()
    text = everything(sent)
    assert f"/visits/all/{visit.pk}/" in text and "Northwind Freight" in text
    for unsaid in ("Maria", "Garcia", "physical", "njury", "Dallas"):
        assert unsaid not in text
    page = sign_in(cast.alice).get(f"/visits/results/{visit.pk}/").content.decode()
    assert "Results were due 72 hours after the visit." in page and "tel:" in page


def test_two_runs_at_once_tell_it_once(committed_cast: Cast) -> None:
    cast, ago = committed_cast, clock.now() - timedelta(hours=73)
    wants(cast.alice)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        order = authorize(cast.order(), by=cast.alice.viewer)
        Visit.objects.create(
            employer_id=order.employer_id,
            employee_id=order.employee_id,
            authorization=order,
            center=cast.dallas,
            kind=order.kind,
            visited_on=ago.date(),
            arrived_at=ago,
        )

    def meanwhile() -> int:
        try:
            return late.tell()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other, scope.acting_as(scope.OPERATOR):
        assert late.tell() == 1
        assert other.submit(meanwhile).result(timeout=5) == 0, "the first has not committed yet"
    assert len(queued(MAIL)) == 1


def test_what_is_in_time_or_has_come_is_not_late(
    cast: Cast, order: Authorization, hurt: Authorization, seen: Seen
) -> None:
    wants(cast.alice)
    came(seen, cast, order, 71)
    came(seen, cast, hurt, 90)  # not checked out: seen all the while, as far as we know
    assert told() == 0
    came(seen, cast, order, 100)
    with scope.acting_as(scope.OPERATOR):
        found = report(cast.maria, cast.dallas, authorization=order)
    assert told() == 0
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=found.pk).update(withdrawn_at=clock.now())
        assert late.late(Visit.objects.all(), clock.now()).count() == 1, "its center took it back"
        Report.objects.filter(pk=found.pk).update(withdrawn_at=None, incident_id=uuid7())
    assert told() == 1, "it was somebody else's"


def test_an_injury_s_status_is_due_at_check_out(
    cast: Cast, hurt: Authorization, seen: Seen, sign_in: SignIn
) -> None:
    wants(cast.alice)
    visit = came(seen, cast, hurt, 5, left=0)
    assert told() == 0
    with scope.acting_as(scope.OPERATOR):
        Visit.objects.update(checked_out_at=clock.now() - timedelta(hours=2))
        report(cast.maria, cast.dallas, authorization=hurt)  # of another type
    path = f"/visits/results/{visit.pk}/"
    assert b"was due when the employee checked out" in sign_in(cast.alice).get(path).content
    assert told() == 1
    inbound.receive([work_status(hurt, cast.dallas)])
    assert post() == [], "it came before the mail went out"
    assert b"was due" not in sign_in(cast.alice).get(path).content


@pytest.mark.parametrize(
    "facts",
    [
        {"tell_late": False},
        {"is_active": False},
        {"sees_non_injury": False},
        {"restrictions_only": True},
        {"all_worksites": False},
    ],
    ids=str,
)
def test_only_who_wants_it_and_may_see_the_visit_is_told(
    cast: Cast, order: Authorization, seen: Seen, facts: dict[str, bool]
) -> None:
    wants(cast.victor, **{"sees_injury": True, "sees_non_injury": True, **facts})
    came(seen, cast, order, 73)
    assert told() == 0


def test_what_was_granted_is_told_and_asked_again_before_it_is_sent(
    cast: Cast, order: Authorization, seen: Seen
) -> None:
    wants(cast.victor, sees_non_injury=True)
    wants(cast.bob)  # of another employer
    came(seen, cast, order, 73)
    assert told() == 1
    wants(cast.victor, sees_non_injury=False)
    assert post() == []


def test_what_was_received_in_error_is_told_when_it_is_put_back(
    cast: Cast, order: Authorization, seen: Seen
) -> None:
    wants(cast.alice)
    visit = came(seen, cast, order, 73)
    with scope.acting_as(scope.OPERATOR):
        Visit.objects.update(incident_id=uuid7())
    assert told() == 0
    with scope.acting_as(scope.OPERATOR):
        Visit.objects.update(incident_id=None)
    assert told() == 1 and queued(MAIL)[0].args["visit_id"] == str(visit.pk)


def test_each_employer_s_visits_are_told_of_by_themselves(
    cast: Cast, order: Authorization, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the operator, for whom the database would let everything through."""
    theirs = cast.order(employee=cast.other_maria, worksite=cast.yard)
    with scope.acting_as(scope.employer(cast.southport.pk)):
        bobs = authorize(theirs, by=cast.bob.viewer)
    wants(cast.alice)
    wants(cast.bob)
    visits = {came(seen, cast, each, 73).pk for each in (order, bobs)}
    monkeypatch.setattr(scope, "employer", lambda _: scope.OPERATOR)
    assert late.tell() == 2
    assert {job.args["visit_id"] for job in queued(MAIL)} == {str(pk) for pk in visits}


def test_each_person_chooses(cast: Cast, sign_in: SignIn) -> None:
    client: Client = sign_in(cast.victor)
    path = "/account/notifications/"
    client.post(path, {"notify": "daily", "tell_late": "on"})
    with scope.acting_as(scope.OPERATOR):
        chosen = PortalAccess.objects.filter(tell_late=True)
        assert [(one.user_id, one.notify) for one in chosen] == [(cast.victor.user.pk, "daily")]
    assert b'name="tell_late"' in client.get(path).content
    client.post(path, {"notify": "daily"})
    with scope.acting_as(scope.OPERATOR):
        assert not PortalAccess.objects.filter(tell_late=True).exists()
