"""The states, who may move them, and what the center hears, against a small model.

2,000 steps; STORY_STEPS=20000 for more.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from clearwork.audit.actions import Actor
from clearwork.authorizations import actions, changes, deliveries, ending
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.authorizations.rules import DeliveryState, State
from clearwork.database import scope
from clearwork.foundation import clock
from tests.access.visitors import undone
from tests.cast import Cast, Person
from tests.stories import run_story

STEPS, EACH = int(os.environ.get("STORY_STEPS", "2000")), 25
OPEN = {"submitted", "delivered", "accepted"}
LAPSED = {"expired", "no_show"}
# What a center says, and of which states it is believed.
NEWS = {
    "accepted": {"submitted", "delivered"},
    "refused": {"submitted", "delivered"},
    "checked_in": OPEN | LAPSED,
    "completed": OPEN | LAPSED | {"checked_in"},
    "no_show": OPEN,
}
WHO = st.sampled_from(("alice", "alice", "victor", "bob"))


@dataclass
class Model:
    """What should be so. `queue`: what the center has still to hear, and whether it was tried."""

    owner: str
    state: str = "submitted"
    queue: list[tuple[str, bool]] = field(default_factory=lambda: [("NW", False)])
    lines: int = 1
    heard: bool = False
    tried: bool = False

    def may(self, who: str, states: set[str]) -> bool:
        return who in ("alice", self.owner) and self.state in states

    def moved(self, state: str) -> None:
        self.state = state
        self.lines += 1

    @property
    def known(self) -> bool:
        return self.heard or self.state in ("delivered", "accepted", "no_show")

    def changed(self, *, known: bool) -> None:
        if all(tried for _, tried in self.queue):
            self.queue.append(("XO" if known or self.queue else "NW", False))


class AuthorizationStory(RuleBasedStateMachine):
    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        self.exits.enter_context(undone())
        self.days = 40

    def teardown(self) -> None:
        self.exits.close()

    @initialize(owner=st.sampled_from(("alice", "victor")))
    def authorized(self, owner: str) -> None:
        self.model = Model(owner)
        with scope.acting_as(scope.employer(self.cast.northwind.pk)):
            self.made = actions.authorize(self.cast.order(), by=self._person(owner).viewer)

    @rule(who=WHO)
    def cancels(self, who: str) -> None:
        problem = self._as(who, lambda by: changes.cancel(self.made, by=by))
        lawful = self.model.may(who, OPEN)
        assert (problem == "") == lawful
        if lawful:
            self.model.moved("cancelled")
            self.model.queue = [("CA", False)] if self.model.tried else []

    @rule(who=WHO)
    def extends(self, who: str) -> None:
        self.days += 1
        until = clock.today() + timedelta(days=self.days)
        problem = self._as(who, lambda by: changes.extend(self.made, until=until, by=by))
        lawful = self.model.may(who, OPEN | LAPSED)
        assert (problem == "") == lawful
        if lawful:
            known = self.model.known
            back = "delivered" if known else "submitted"
            self.model.moved(back if self.model.state in LAPSED else self.model.state)
            self.model.changed(known=known)

    @rule(who=WHO)
    def edits(self, who: str) -> None:
        order = self.cast.order(center_note=f"Note {self.days}")
        seen = self._row().revision
        problem = self._as(who, lambda by: changes.change_order(self.made, order, by=by, seen=seen))
        lawful = self.model.may(who, {"submitted", "delivered"})
        assert (problem == "") == lawful
        if lawful:
            self.model.moved(self.model.state)
            self.model.changed(known=self.model.state == "delivered")

    @rule(news=st.sampled_from(sorted(NEWS)))
    def center_says(self, news: str) -> None:
        by = Actor("center", self.cast.dallas.pk)
        with scope.acting_as(scope.center(self.cast.dallas.pk)):
            believed = changes.hear_from_center(
                self.made, State(news), by=by, actor="Dallas", at=clock.now()
            )
        assert believed == (self.model.state in NEWS[news])
        if believed:
            self.model.moved(news)

    @rule(arrives=st.booleans())
    def is_sent(self, arrives: bool) -> None:
        """The center gets what it should hear next, or does not answer."""
        if not self.model.queue:
            return
        (control, _), *behind = self.model.queue
        self.model.tried = True
        with scope.acting_as(scope.employer(self.cast.northwind.pk)):
            delivery = self._queued()[0]
            if not arrives:
                deliveries.delivery_attempt_failed(delivery, error="No answer", last=False)
                self.model.queue[0] = (control, True)
                return
            deliveries.delivery_acknowledged(delivery, center=self.cast.dallas)
        self.model.queue = behind
        self.model.heard = self.model.heard or control != "CA"
        if control == "NW" and self.model.state == "submitted":
            self.model.moved("delivered")

    @rule()
    def its_last_day_passes(self) -> None:
        with scope.acting_as(scope.OPERATOR):
            past = clock.today() - timedelta(days=2)
            Authorization.objects.filter(pk=self.made.pk).update(expires=past)
        ended = ending.end_overdue()
        assert ended == (self.model.state in OPEN)
        if ended:
            self.model.moved("no_show" if self.model.state == "accepted" else "expired")
            self.model.queue = [each for each in self.model.queue if each[0] == "CA"]

    @invariant()
    def is_as_it_should_be(self) -> None:
        if not hasattr(self, "model"):
            return
        with scope.acting_as(scope.OPERATOR):
            assert Authorization.objects.get(pk=self.made.pk).state == self.model.state
            lines = AuthorizationEvent.objects.filter(authorization=self.made).order_by("id")
            states = [line.state for line in lines]
            queue = [(each.control, each.attempts > 0) for each in self._queued()]
        assert (len(states), states[-1]) == (self.model.lines, self.model.state)
        assert queue == self.model.queue

    def _as(self, who: str, act: Callable[[Any], str]) -> str:
        viewer = self._person(who).viewer
        with scope.acting_as(scope.employer(viewer.employer_id)):
            return act(viewer)

    def _person(self, who: str) -> Person:
        return {"alice": self.cast.alice, "victor": self.cast.victor, "bob": self.cast.bob}[who]

    def _row(self) -> Authorization:
        with scope.acting_as(scope.OPERATOR):
            return Authorization.objects.get(pk=self.made.pk)

    def _queued(self) -> list[Delivery]:
        found = Delivery.objects.filter(authorization=self.made, state=DeliveryState.QUEUED)
        return list(found.select_related("authorization").order_by("id"))


def test_whoever_does_what_in_whatever_order(cast: Cast) -> None:
    class Story(AuthorizationStory):
        pass

    Story.cast = cast
    run_story(Story, examples=STEPS // EACH, steps=EACH)
