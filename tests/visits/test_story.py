"""Whatever a center sends, in whatever order: one status in force, of a report that stands."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from clearwork.audit.actions import SYSTEM
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.exchange import inbound
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import removal
from clearwork.results.models import Report
from clearwork.visits import queries
from clearwork.visits.models import WorkStatus
from tests.access.visitors import undone
from tests.cast import Cast
from tests.exchange import wire
from tests.stories import run_story
from tests.visits.test_news import DAY
from tests.visits.words import said, taken_back, work_status

STEPS, EACH = int(os.environ.get("STORY_STEPS", "200")), 20
CODES = {"off": "off_work", "restricted": "restricted", "full": "full_duty", "": "unknown"}


@dataclass(frozen=True)
class Sent:
    """One report of the center's: under its number, of a day, sent so many minutes after noon."""

    filler: str
    day: int
    code: str
    corrects: bool
    minute: int


SENT = st.builds(
    Sent,
    st.sampled_from(("F-1", "F-1", "F-2")),
    st.sampled_from((0, 0, -2)),
    st.sampled_from(tuple(CODES)),
    st.booleans(),
    st.integers(0, 3),
)


@dataclass
class Model:
    """What should be so. Reports are numbered as they came; each set holds their numbers."""

    came: list[Sent] = field(default_factory=list)
    replaced: dict[int, int] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    removed: dict[int, int] = field(default_factory=dict)

    def take(self, sent: tuple[Sent, ...]) -> None:
        first = len(self.came)
        self.came += sent
        for filler in {each.filler for each in self.came[first:]}:
            self._replace(filler)

    def _replace(self, filler: str) -> None:
        own = [n for n, each in enumerate(self.came) if each.filler == filler]
        own.sort(key=lambda n: (self.came[n].minute, self.came[n].corrects, n))
        last = max((i for i, n in enumerate(own) if self.came[n].corrects), default=0)
        fresh = [n for n in own[:last] if n not in self.replaced]
        self.replaced |= dict.fromkeys(fresh, own[last])
        together = [*fresh, own[last]] if self.came[own[last]].corrects else []
        incident = next((self.removed[n] for n in together if n in self.removed), None)
        if incident is not None:
            self.removed |= dict.fromkeys(together, incident)

    def newest(self, number: int) -> int:
        while number in self.replaced:
            number = self.replaced[number]
        return number

    def latest(self, filler: str) -> int | None:
        standing = (n for n in range(len(self.came)) if n not in self.replaced)
        return max((n for n in standing if self.came[n].filler == filler), default=None)

    def in_force(self) -> str:
        gone = self.replaced.keys() | self.withdrawn | self.removed.keys()
        says = [
            (each.day, n, CODES[each.code])
            for n, each in enumerate(self.came)
            if n not in gone and (each.code or each.corrects)
        ]
        return max(says)[2] if says else ""


class WorkStatusStory(RuleBasedStateMachine):
    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        self.exits.enter_context(undone())
        self.model = Model()
        self.incidents: list[PrivacyIncident] = []
        self.last: list[bytes] = []
        self.control_ids = map("{:04}".format, count(9_999, -1))  # they tell no order

    def teardown(self) -> None:
        self.exits.close()

    @initialize()
    def authorized(self) -> None:
        with scope.acting_as(scope.employer(self.cast.northwind.pk)):
            self.order: Authorization = authorize(
                self.cast.injury_order(), by=self.cast.alice.viewer
            )

    @rule(sent=st.lists(SENT, min_size=1, max_size=2).map(tuple))
    def reports(self, sent: tuple[Sent, ...]) -> None:
        """One message, or two that are taken in together."""
        self.last = [self._message(each) for each in sent]
        self._receive("AA")
        self.model.take(sent)

    @precondition(lambda self: self.last)
    @rule()
    def repeats(self) -> None:
        """The same messages, whose acknowledgments were lost."""
        self._receive("AA")

    @rule(order_status=st.sampled_from(("IP", "CM")))
    def comes_or_goes(self, order_status: str) -> None:
        self.last = [wire.status(self.order.number, self.cast.dallas, "SC", order_status)]
        self._receive("AA")

    @rule(filler=st.sampled_from(("F-1", "F-2")))
    def withdraws(self, filler: str) -> None:
        self.last = [taken_back(self.order, self.cast.dallas, filler)]
        number = self.model.latest(filler)
        self._receive("AE" if number is None else "AA")
        if number is None:
            self.last = []
        else:
            self.model.withdrawn.add(number)

    @precondition(lambda self: len(self.model.removed) < len(self.model.came))
    @rule(data=st.data())
    def is_received_in_error(self, data: st.DataObject) -> None:
        model = self.model
        here = [n for n in range(len(model.came)) if n not in model.removed]
        number = data.draw(st.sampled_from(here))
        with scope.acting_as(scope.employer(self.cast.northwind.pk)):
            report = self._reports()[number]
            incident = removal.remove(report, words="Not ours", by=self.cast.alice.viewer)
        assert incident is not None
        newest = model.newest(number)
        versions = [n for n in range(len(model.came)) if model.newest(n) == newest]
        model.removed |= dict.fromkeys(versions, len(self.incidents))
        self.incidents.append(incident)

    @precondition(lambda self: self.model.removed)
    @rule()
    def was_theirs_after_all(self) -> None:
        number = max(self.model.removed.values())
        with scope.acting_as(scope.OPERATOR):
            removal.put_back(self.incidents[number], reason="Theirs", by=SYSTEM)
        removed = self.model.removed.items()
        self.model.removed = {n: incident for n, incident in removed if incident != number}

    @invariant()
    def one_status_at_most_is_in_force_and_its_report_stands(self) -> None:
        with scope.acting_as(scope.employer(self.cast.northwind.pk)):
            found = queries.of_employee(self.cast.alice.viewer, self.cast.maria)
            sources = Report.objects.filter(pk__in=[each.source_id for each in found])
            standing = list(sources.filter(superseded_by=None, withdrawn_at=None, incident_id=None))
        assert [each.duty for each in found] == list(filter(None, [self.model.in_force()]))
        assert [each.source_id for each in found] == [each.pk for each in standing]

    @invariant()
    def nothing_was_stored_twice(self) -> None:
        with scope.acting_as(scope.OPERATOR):
            assert Report.objects.count() == len(self.model.came)
            sources = list(WorkStatus.objects.values_list("source_id", flat=True))
        assert len(sources) == len(set(sources)) <= len(self.model.came)

    def _message(self, sent: Sent) -> bytes:
        return work_status(
            self.order,
            self.cast.dallas,
            *([said("WORKSTATUS", sent.code)] if sent.code else []),
            visited=DAY + timedelta(days=sent.day),
            as_what="C" if sent.corrects else "F",
            filler=sent.filler,
            sent=sent.minute,
            control_id=next(self.control_ids),
        )

    def _receive(self, code: str) -> None:
        answers = inbound.receive(self.last)
        assert all(answer and b"MSA|%s|" % code.encode() in answer for answer in answers)

    def _reports(self) -> list[Report]:
        return list(Report.objects.order_by("posted_at", "id"))


def test_whatever_a_center_sends_in_whatever_order(cast: Cast) -> None:
    class Story(WorkStatusStory):
        pass

    Story.cast = cast
    run_story(Story, examples=STEPS // EACH, steps=EACH)
