"""One employee's story: everything the viewer may see, in one line of time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearwork.accounts.models import PortalAccess
from clearwork.audit.actions import Action
from clearwork.authorizations import actions
from clearwork.authorizations.models import Authorization, AuthorizationEvent
from clearwork.authorizations.rules import Change
from clearwork.database import scope
from clearwork.database.paging import PAGE_SIZE
from clearwork.foundation import clock
from clearwork.passes import actions as passes
from clearwork.passes import opening
from clearwork.people.actions import change_employee, leave_employee, seen
from clearwork.people.models import Employee
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.passes.conftest import MARIAS, SAMS
from tests.results.reports import reports
from tests.visits.conftest import Seen
from tests.visits.conftest import seen as seen_at

__all__ = ["seen_at"]


def page(client: Client, employee: Employee, **query: Any) -> str:
    answer = client.get(reverse("roster:employee", args=[employee.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def story(client: Client, employee: Employee, **query: Any) -> list[str]:
    """The timeline's labels, newest first."""
    found = re.findall(r'cw-timeline-label">(.*?)</p>', page(client, employee, **query), re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", "", label).split()) for label in found]


def authorized(cast: Cast, by: Person) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return actions.authorize(cast.order(), by=by.viewer)


def test_a_new_employee_has_no_story_yet(alice: Client, dora: Employee) -> None:
    assert "Nothing yet. Authorize care" in page(alice, dora)


def test_everything_stands_in_one_line_newest_first(alice: Client, cast: Cast) -> None:
    made = authorized(cast, cast.alice)
    reports(cast.maria, cast.dallas, 1, posted=lambda _: clock.now())
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        facts = {"first_name": "Mary", "phone": "214-555-0100"}
        shown = seen(Employee.objects.get(pk=cast.maria.pk))
        change_employee(by=cast.alice.viewer, employee=cast.maria, shown=shown, **facts)  # type: ignore[arg-type]
        leave_employee(by=cast.alice.viewer, employee=cast.maria)
    assert story(alice, cast.maria) == [
        "Left the company",
        "Record changed",
        "No. 0 received",
        f"Authorization {made.number}: submitted",
    ]
    text = page(alice, cast.maria)
    assert "First name, mobile phone" in text and "Alice Example" in text
    assert reverse("authorizations:detail", args=[made.pk]) in text


def test_chips_show_one_kind_alone(alice: Client, cast: Cast) -> None:
    made = authorized(cast, cast.alice)
    reports(cast.maria, cast.dallas, 1)
    only = [f"Authorization {made.number}: submitted"]
    assert story(alice, cast.maria, show="authorizations") == only
    assert story(alice, cast.maria, show="reports") == ["No. 0 received"]
    assert story(alice, cast.maria, show="record") == []
    assert "Nothing of this kind" in page(alice, cast.maria, show="record")


def grant(person: Person, **grants: bool) -> None:
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=person.user).update(**grants)


def test_a_view_only_user_sees_their_own_authorizations_and_granted_results(
    cast: Cast, sign_in: SignIn
) -> None:
    authorized(cast, cast.alice)
    own = authorized(cast, cast.victor)
    reports(cast.maria, cast.dallas, 1)
    victor = sign_in(cast.victor)
    mine = f"Authorization {own.number}: submitted"
    assert story(victor, cast.maria) == [mine]
    assert story(victor, cast.maria, show="reports") == [], "asking does not open it"
    assert "Results and reports</a>" not in page(victor, cast.maria)
    grant(cast.victor, sees_injury=True)
    assert story(victor, cast.maria) == [mine], "the report is of a non-injury visit"
    grant(cast.victor, sees_non_injury=True)
    assert story(victor, cast.maria) == ["No. 0 received", mine]
    grant(cast.victor, restrictions_only=True)
    assert story(victor, cast.maria) == [mine], "no work status report"


def test_whom_an_authorization_was_sent_on_to_is_told(
    alice: Client, cast: Cast, sign_in: SignIn
) -> None:
    made = authorized(cast, cast.alice)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        for to in (MARIAS, SAMS):
            issued = passes.send(by=cast.alice.viewer, authorization=made, to=to)
        opening.ask_code(issued)  # is no sending on
    told = [f"Authorization {made.number} sent to {to}" for to in ("Sam Agent", "the employee")]
    assert story(alice, cast.maria, show="passes") == told
    assert set(told) < set(story(alice, cast.maria))
    assert story(alice, cast.wei, show="passes") == []
    assert story(sign_in(cast.victor), cast.maria, show="passes") == [], "not his to see"
    with scope.acting_as(scope.OPERATOR):
        for sending in issued.sendings.all():
            passes.came_back(sending.pk, why="No such mailbox.")
    assert page(alice, cast.maria, show="passes").count("Could not be delivered") == 1


def test_an_extension_is_told_as_one(alice: Client, cast: Cast) -> None:
    made = authorized(cast, cast.alice)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        AuthorizationEvent.objects.create(
            employer=cast.northwind, authorization=made, state="submitted", change=Change.EXTENDED
        )
    assert story(alice, cast.maria)[0] == f"Authorization {made.number}: extended"


def test_changes_of_the_record_are_an_admin_users_to_see(cast: Cast, sign_in: SignIn) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        leave_employee(by=cast.alice.viewer, employee=cast.maria)
    victor = sign_in(cast.victor)
    assert story(victor, cast.maria) == story(victor, cast.maria, show="record") == []


def test_another_persons_story_is_not_mixed_in(alice: Client, cast: Cast, seen_at: Seen) -> None:
    authorized(cast, cast.alice)
    reports(cast.maria, cast.dallas, 1)
    seen_at(cast.maria)
    assert len(story(alice, cast.maria)) == 3
    assert story(alice, cast.wei) == []


def test_each_view_of_the_page_is_one_event(alice: Client, cast: Cast) -> None:
    for number in (1, 2):
        page(alice, cast.maria)
        seen_by = [(e.actor_id, e.subject_id) for e in events(Action.EMPLOYEE_VIEWED)]
        assert seen_by == [(cast.alice.user.pk, cast.maria.pk)] * number


def many(cast: Cast) -> list[str]:
    """A long story of both kinds, several at the very same moment; its labels, newest first."""
    made = authorized(cast, cast.alice)
    now = clock.now() + timedelta(hours=1)
    moments = [now + timedelta(minutes=index // 4) for index in range(2 * PAGE_SIZE)]
    reports(cast.maria, cast.dallas, len(moments), posted=lambda index: moments[index])
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        AuthorizationEvent.objects.bulk_create(
            AuthorizationEvent(
                employer=cast.northwind, authorization=made, state="accepted", at=at, note=f"{i}"
            )
            for i, at in enumerate(moments)
        )
    return [f"No. {index} received" for index in range(len(moments))]


def test_paging_tells_everything_once(alice: Client, cast: Cast) -> None:
    labels, told, after = many(cast), [], ""
    for _ in range(6):
        told += story(alice, cast.maria, after=after)
        found = re.search(
            r'rel="next"\s+href="[^"]*after=([^"&]+)"', page(alice, cast.maria, after=after)
        )
        if not found:
            break
        after = found[1].replace("%3A", ":").replace("%2B", "+")
    assert len(told) == 2 * len(labels) + 1
    assert sorted(label for label in told if label.startswith("No.")) == sorted(labels)
    assert sum(label.endswith(": accepted") for label in told) == len(labels)


@pytest.mark.parametrize("after", ["x", "2026-01-01_x", "\0"])
def test_a_cursor_that_makes_no_sense_starts_anew(after: str, alice: Client, cast: Cast) -> None:
    authorized(cast, cast.alice)
    assert len(story(alice, cast.maria, after=after)) == 1


def test_a_long_story_asks_the_database_no_more_than_a_short_one(alice: Client, cast: Cast) -> None:
    authorized(cast, cast.alice)
    reports(cast.maria, cast.dallas, 1)
    page(alice, cast.maria)
    short = asked(alice, cast)
    many(cast)
    assert asked(alice, cast) == short


def asked(client: Client, cast: Cast) -> int:
    with CaptureQueriesContext(connection) as context:
        page(client, cast.maria)
    return len(context)
