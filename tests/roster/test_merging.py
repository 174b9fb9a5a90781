"""Two records of one person become one, and two again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connections
from django.test import Client
from django.urls import reverse

from clearwork.audit.actions import Action, Actor
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.people import merging
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.people.rules import SameRecord
from clearwork.privacy.actions import place_hold
from clearwork.privacy.models import LegalHold
from clearwork.privacy.rules import HoldOf
from clearwork.results.models import Report
from clearwork.visits.actions import News, note
from clearwork.visits.models import Visit
from clearwork.visits.rules import Duty, Status
from tests import cast as people
from tests.cast import BORN, Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.results.reports import reports


@pytest.fixture
def twin(cast: Cast) -> Employee:
    """Maria once more, misspelled; with an authorization and a report."""
    with scope.acting_as(scope.OPERATOR):
        twin = people.employee(cast.plant, "Mariah", "Garcia", employee_number="N-9")
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorize(cast.order(employee=twin), by=cast.alice.viewer)
    reports(twin, cast.dallas, 1)
    return twin


def address(name: str, pk: Any) -> str:
    return reverse(f"roster:{name}", args=[pk])


def theirs(employee: Employee) -> tuple[int, int]:
    """How many authorizations and reports name this record."""
    with scope.acting_as(scope.OPERATOR):
        of = {"employee_id": employee.pk}
        return Authorization.objects.filter(**of).count(), Report.objects.filter(**of).count()


def there(employee: Employee) -> bool:
    with scope.acting_as(scope.OPERATOR):
        return Employee.objects.filter(pk=employee.pk).exists()


def the_merge() -> EmployeeMerge:
    with scope.acting_as(scope.OPERATOR):
        return EmployeeMerge.objects.get()


def the_hold() -> LegalHold:
    with scope.acting_as(scope.OPERATOR):
        return LegalHold.objects.get()


def walk_in(person: Employee, cast: Cast, duty: Duty) -> None:
    news = News(
        employer_id=person.employer_id,
        employee_id=person.pk,
        center_id=cast.dallas.pk,
        kind="injury",
        day=clock.today(),
        authorization_id=None,
        arrived_at=clock.now().replace(microsecond=0),
        services=(duty.label,),
        status=Status(duty, clock.today(), ()),
        source_id=uuid4(),
    )
    with scope.acting_as(scope.OPERATOR):
        note([news])


def visits(person: Employee) -> list[tuple[dict[str, Any], set[str]]]:
    """Each with all it says, and what it means for their work."""
    with scope.acting_as(scope.OPERATOR):
        return [
            (merging.facts_of(visit), {status.duty for status in visit.statuses.all()})
            for visit in Visit.objects.filter(employee=person)
        ]


def merge(client: Client, cast: Cast, twin: Employee) -> Any:
    return client.post(address("merge", cast.maria.pk), {"other": twin.pk}, follow=True)


def test_everything_moves_and_the_other_record_is_gone(
    alice: Client, cast: Cast, twin: Employee
) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        authorize(cast.order(employee=cast.wei), by=cast.alice.viewer)
    reports(cast.wei, cast.dallas, 1)
    before = theirs(cast.maria)
    text = merge(alice, cast, twin).content.decode()
    assert "Separate them again" in text and "Mariah Garcia (N-9)" in text
    assert not there(twin) and theirs(twin) == (0, 0)
    assert theirs(cast.maria) == (before[0] + 1, before[1] + 1)
    assert theirs(cast.wei) == (1, 1), "someone else's stay"
    assert "No. 0 received" in text and "Merged with another record" in text
    assert "Mariah" not in alice.get(address("employee", cast.wei.pk)).content.decode()


def test_it_is_on_record_by_ids_alone(alice: Client, cast: Cast, twin: Employee) -> None:
    merge(alice, cast, twin)
    (event,) = events(Action.EMPLOYEES_MERGED)
    assert (event.subject_id, event.actor_id) == (cast.maria.pk, cast.alice.user.pk)
    assert event.detail["other"] == str(twin.pk)
    assert "Garcia" not in str(event.detail) and str(BORN) not in str(event.detail)


def test_parted_again_all_is_as_it_was(alice: Client, cast: Cast, twin: Employee) -> None:
    with scope.acting_as(scope.OPERATOR):
        before = merging.facts_of(Employee.objects.get(pk=twin.pk))
    maria, mariah = theirs(cast.maria), theirs(twin)
    merge(alice, cast, twin)
    later = reports(cast.maria, cast.dallas, 1)  # arrives at the merged record: stays there
    assert alice.post(address("part", the_merge().pk))["Location"] == address("employee", twin.pk)
    with scope.acting_as(scope.OPERATOR):
        assert merging.facts_of(Employee.objects.get(pk=twin.pk)) == before
    assert theirs(twin) == mariah
    assert theirs(cast.maria) == (maria[0], maria[1] + len(later))
    assert alice.post(address("part", the_merge().pk)).status_code == 404, "once"
    with scope.acting_as(scope.OPERATOR), pytest.raises(SameRecord):
        merging.part_employees(by=cast.alice.viewer, merge=the_merge())


def test_a_legal_hold_goes_with_the_record_and_back(
    alice: Client, cast: Cast, twin: Employee
) -> None:
    """Else what a court asked for would be destroyed when its retention ends."""
    with scope.acting_as(scope.OPERATOR):
        own = {"employer_id": cast.northwind.pk, "subject_id": twin.pk}
        place_hold(HoldOf.EMPLOYEE, by=Actor("staff", uuid4()), reason="Doe v. Northwind", **own)
    merge(alice, cast, twin)
    assert the_hold().subject_id == cast.maria.pk
    alice.post(address("part", the_merge().pk))
    assert the_hold().subject_id == twin.pk


def test_a_visit_that_both_records_have_is_one_and_two_again(
    alice: Client, cast: Cast, twin: Employee
) -> None:
    """Of one walk-in, one report was filed with each."""
    walk_in(cast.maria, cast, Duty.RESTRICTED)
    walk_in(twin, cast, Duty.OFF)
    hers, of_twin = visits(cast.maria), visits(twin)
    assert "Separate them again" in merge(alice, cast, twin).content.decode()
    assert visits(cast.maria) == [(hers[0][0], {Duty.RESTRICTED, Duty.OFF})]
    alice.post(address("part", the_merge().pk))
    assert (visits(cast.maria), visits(twin)) == (hers, of_twin)


def test_a_number_taken_meanwhile_stands_in_the_way(
    alice: Client, cast: Cast, twin: Employee
) -> None:
    merge(alice, cast, twin)
    with scope.acting_as(scope.OPERATOR):
        people.employee(cast.plant, "Nora", "New", employee_number="N-9")
    answer = alice.post(address("part", the_merge().pk), follow=True)
    assert "N-9 belongs to someone else" in answer.content.decode()
    assert not there(twin) and the_merge().undone_at is None


def test_the_other_record_is_offered_found_and_confirmed(
    alice: Client, cast: Cast, twin: Employee
) -> None:
    page = address("merge", cast.maria.pk)
    assert "Nobody else has this name" in alice.get(page).content.decode()
    assert f"?other={twin.pk}" in alice.get(page, {"q": "mariah"}).content.decode()
    with scope.acting_as(scope.OPERATOR):
        same = people.employee(cast.plant, "MARIA", "García")
        Employee.objects.filter(pk=twin.pk).update(date_of_birth=BORN + timedelta(days=1))
    assert f"?other={same.pk}" in alice.get(page).content.decode()
    assert "dates of birth differ" in alice.get(page, {"other": f"{twin.pk}"}).content.decode()
    assert "dates of birth differ" not in alice.get(page, {"other": f"{same.pk}"}).content.decode()
    assert there(twin) and there(same), "looking merges nothing"
    for gone, warned in ((twin, False), (cast.maria, True)):
        with scope.acting_as(scope.OPERATOR):
            Employee.objects.filter(pk=gone.pk).update(is_active=False)
        text = alice.get(page, {"other": f"{same.pk}"}).content.decode()
        assert ("stays is marked as having left" in text) == warned


@pytest.mark.parametrize("other", ["itself", "anothers", "missing", "nonsense"])
def test_nothing_else_is_merged(other: str, alice: Client, cast: Cast) -> None:
    chosen = {
        "itself": cast.maria.pk,
        "anothers": cast.other_maria.pk,
        "missing": uuid4(),
        "nonsense": "x",
    }[other]
    page = address("merge", cast.maria.pk)
    assert alice.get(page, {"other": f"{chosen}"}).status_code == 404
    assert alice.post(page, {"other": chosen}).status_code == 404
    assert there(cast.maria) and there(cast.other_maria)


def test_a_view_only_user_merges_nothing(cast: Cast, sign_in: SignIn, twin: Employee) -> None:
    victor = sign_in(cast.victor)
    assert merge(victor, cast, twin).status_code == 403 and there(twin)
    assert "Merge with" not in victor.get(address("employee", twin.pk)).content.decode()


def test_without_its_audit_event_nothing_moves(
    cast: Cast, twin: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise DatabaseError("full")

    before = theirs(twin)
    with monkeypatch.context() as broken:
        broken.setattr("clearwork.audit.models.AuditEvent.save", cannot)
        with pytest.raises(DatabaseError), scope.acting_as(scope.employer(cast.northwind.pk)):
            merging.merge_employees(by=cast.alice.viewer, keep=cast.maria, other=twin)
    assert there(twin) and theirs(twin) == before


def test_of_two_who_merge_crosswise_at_once_one_wins(committed_cast: Cast) -> None:
    cast, start = committed_cast, threading.Barrier(2)

    def go(pair: tuple[Employee, Employee]) -> bool:
        by: Person = cast.alice
        try:
            start.wait()
            with scope.acting_as(scope.employer(cast.northwind.pk)):
                merging.merge_employees(by=by.viewer, keep=pair[0], other=pair[1])
        except SameRecord:
            return False
        finally:
            connections["default"].close()
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(go, [(cast.maria, cast.wei), (cast.wei, cast.maria)]))
    assert sorted(won) == [False, True]
    assert there(cast.maria) != there(cast.wei)
