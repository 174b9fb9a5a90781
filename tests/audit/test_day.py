"""A day of a few people: what the trail holds of it, one event for each view and download."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from clearwork.accounts.models import PortalAccess
from clearwork.api.rules import Scope
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.actions import authorize
from clearwork.database import scope
from clearwork.passes.models import Pass
from clearwork.results.models import Report
from clearwork.visits.models import SupervisorLink
from clearwork.visits.rules import Duty
from tests.api.story import integration
from tests.cast import PASSWORD, Cast, Person
from tests.exports.files import ask, content, latest
from tests.passes.conftest import path_of as pass_of
from tests.passes.test_opening import RIGHT
from tests.results.reports import report
from tests.visits.conftest import Seen, seen  # noqa: F401 - a fixture
from tests.visits.test_links import FORM, let_in, path_of


@dataclass
class Day:
    """Who and what by the names the day calls them, and the events told so far."""

    names: dict[UUID | None, str] = field(default_factory=lambda: {None: ""})
    told: set[UUID] = field(default_factory=set)

    def call(self, **things: Any) -> None:
        self.names |= {thing.pk: name for name, thing in things.items()}

    def holds(self, *expected: str) -> None:
        """Since it was asked last: just these, each `action actor subject`."""
        fresh = [event for event in _events() if event.pk not in self.told]
        self.told |= {event.pk for event in fresh}
        assert Counter(map(self._said, fresh)) == Counter(expected)

    def _said(self, event: AuditEvent) -> str:
        actor = self.names.get(event.actor_id, event.actor_kind)
        return f"{event.action} {actor} {self.names.get(event.subject_id, '?')}".strip()


def _events() -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.order_by("at", "id"))


def signs_in(person: Person) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"login": person.user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def sees(client: Client, *paths: str) -> Any:
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
    return answer


@pytest.fixture
def day(cast: Cast) -> Day:
    day = Day()
    day.call(alice=cast.alice.user, victor=cast.victor.user, maria=cast.maria, wei=cast.wei)
    return day


@pytest.fixture
def three(cast: Cast, day: Day) -> list[Report]:
    """A card and two letters, the last one first in the list."""
    rows = [report(cast.maria, cast.dallas, title=f"No. {n}") for n in range(3)]
    day.call(**{f"r{n}": row for n, row in enumerate(rows)})
    return rows


def granted(cast: Cast) -> None:
    """Victor sees all visit activity; he signs in a moment later."""
    with scope.acting_as(scope.OPERATOR):
        access = PortalAccess.objects.filter(user=cast.victor.user)
        access.update(sees_injury=True, sees_non_injury=True)


def test_reading_is_one_event_a_view_and_downloading_one_a_file(
    cast: Cast, day: Day, three: list[Report]
) -> None:
    r0, r1, r2 = (f"/results/{row.pk}/" for row in three)
    alice = signs_in(cast.alice)
    day.holds("session:signed_in alice")
    sees(alice, "/", "/results/?all=1", "/results/count/", "/results/?name=garcia")
    day.holds()
    page = sees(alice, f"{r1}?all=1")
    pictures = page.context["view"]
    sees(alice, f"{r1}pages/1.png?view={pictures}", f"{r1}pages/1.png?view={pictures}")
    day.holds("report:viewed alice r1")
    beside = page.context["beside"]
    assert (beside.before, beside.after) == (three[2].pk, three[0].pk)
    sees(alice, f"{r2}?all=1", f"{r1}?all=1")
    day.holds("report:viewed alice r2", "report:viewed alice r1")
    sees(alice, f"{r0}download.pdf")
    day.holds("report:downloaded alice r0")
    assert alice.get(f"/results/{cast.maria.pk}/download.pdf").status_code == 404
    alice.post("/sign-out/")
    day.holds("session:signed_out alice alice")


def test_of_files_of_many_each_report_is_an_event_each_time(
    cast: Cast, day: Day, three: list[Report]
) -> None:
    granted(cast)
    victor = signs_in(cast.victor)
    day.holds("session:signed_in victor")
    for form, what in (("zip", three[:2]), ("pdf", three)):
        content(ask(victor, what, form))
        day.call(file=latest())
        papers = [f"report:downloaded victor r{n}" for n in range(len(what))]
        about = [f"export:{did} victor file" for did in ("asked", "made", "downloaded")]
        day.holds(*about, *papers)
    sees(victor, "/downloads/", f"/downloads/{latest().pk}/")
    day.holds()
    content(sees(victor, f"/downloads/{latest().pk}/file/"))
    day.holds("export:downloaded victor file", *papers)


def test_what_a_system_reads_is_told_like_what_a_person_does(
    cast: Cast, day: Day, three: list[Report]
) -> None:
    payroll = integration(cast.alice, [Scope.RESULTS_READ, Scope.VISITS_READ])
    day.call(payroll=payroll.token)
    day.holds("token:created alice payroll")
    for path in ("", f"/{three[0].pk}", f"/{three[0].pk}/file"):
        assert payroll.get(f"/results{path}").status_code == 200
    day.holds("report:viewed payroll r0", "report:downloaded payroll r0")
    assert payroll.get("/visits").status_code == payroll.get("/work-status").status_code == 200
    day.holds("visits:listed payroll", "work_status:listed payroll")


def test_an_authorization_and_its_pass(cast: Cast, day: Day) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        made = authorize(cast.order(), by=cast.alice.viewer)
    day.call(made=made)
    day.holds("authorization:created alice made", "delivery:requested alice made")
    alice = signs_in(cast.alice)
    sees(alice, f"/authorizations/{made.pk}/", f"/authorizations/{made.pk}/live/")
    sees(alice, f"/authorizations/{made.pk}/document.pdf")
    day.holds(
        "session:signed_in alice",
        "authorization:viewed alice made",
        "authorization:downloaded alice made",
    )
    to = {"channel": "email", "email": "maria@home.example"}
    assert alice.post(f"/passes/of/{made.pk}/employee/", to).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        issued = Pass.objects.get()
    day.call(holder=issued)
    day.holds("pass:sent alice made")
    phone = Client()
    sees(phone, pass_of(issued))
    phone.post(pass_of(issued), RIGHT)
    sees(phone, pass_of(issued), f"{pass_of(issued)}pass.pdf")
    day.holds("pass:opened holder made", "pass:downloaded holder made")


def test_a_persons_visits_work_status_and_cards(cast: Cast, day: Day, seen: Seen) -> None:  # noqa: F811
    visit = seen(cast.maria, Duty.FULL)
    day.call(visit=visit)
    day.holds()
    alice, maria = signs_in(cast.alice), cast.maria.pk
    sees(alice, "/visits/", "/visits/all/", f"/visits/all/{visit.pk}/", f"/employees/{maria}/")
    day.holds(
        "session:signed_in alice",
        "work_status:listed alice",
        "visits:listed alice",
        "visit:viewed alice visit",
        "employee:viewed alice maria",
    )
    sees(alice, "/visits/dot-cards/", "/visits/dot-cards/dot-cards.csv")
    day.holds("dot_cards:listed alice", "dot_cards:downloaded alice")
    sees(alice, f"/visits/card/{maria}/", f"/visits/card/{maria}/card.pdf")
    day.holds("work_status:viewed alice maria", "work_status:downloaded alice maria")
    alice.post(f"/visits/card/{maria}/link/", FORM)
    with scope.acting_as(scope.OPERATOR):
        link = SupervisorLink.objects.select_related("employer").get()
    day.call(supervisor=link)
    sees(let_in(link), path_of(link))
    day.holds(
        "card_link:given alice maria",
        "card_link:code_asked supervisor maria",
        "card_link:opened supervisor maria",
    )
