"""Roles, grants, sessions: whatever Admin Users do in whatever order, as a small model says.

2,000 steps; CLEARWORK_TEST_STEPS=20000 takes more.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, ClassVar

import hypothesis.strategies as st
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from clearwork.access.load import grants_of
from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.database import scope
from tests.access.story import contact_id, granted_now
from tests.cast import Cast, Person, person
from tests.conftest import SignIn

STEPS_EACH = 50
STEPS = int(os.environ.get("CLEARWORK_TEST_STEPS", "2000"))
ADMIN, VIEW_ONLY = Role.ADMIN.value, Role.VIEW_ONLY.value
NAMES = ("alice", "dana", "victor", "walt")
names = st.sampled_from(NAMES)


@dataclass
class Modelled:
    """What must be true of one person."""

    role: str
    is_active: bool = True
    kinds: frozenset[str] = frozenset()
    restricted: bool = False
    at_plant_only: bool = False
    is_signed_in: bool = False

    def home(self) -> int:
        return 302 if not self.is_signed_in else 200 if self.is_active else 403

    def results(self) -> int:
        return self._if(self.role == ADMIN or bool(self.kinds))

    def contacts(self) -> int:
        return self._if(self.role == ADMIN)

    def _if(self, may: bool) -> int:
        return 403 if self.home() == 200 and not may else self.home()


class Portal(RuleBasedStateMachine):
    cast: ClassVar[Cast]
    people: ClassVar[dict[str, Person]]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        roles = {name: ADMIN if name in ("alice", "dana") else VIEW_ONLY for name in NAMES}
        self.model = {name: Modelled(role) for name, role in roles.items()}
        self.browsers = {name: Client() for name in NAMES}
        for name in NAMES:
            self.sign_in(name)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @rule(who=names)
    def come_back(self, who: str) -> None:
        self.sign_in(who)

    def sign_in(self, who: str) -> None:
        with scope.acting_as(scope.OPERATOR):
            user = User.objects.get(pk=self.people[who].user.pk)
        self.browsers[who] = SignIn()(Person(user, self.people[who].viewer))
        self.model[who].is_signed_in = True

    @rule(by=names, on=names, role=st.sampled_from((ADMIN, VIEW_ONLY)))
    def change_role(self, by: str, on: str, role: str) -> None:
        target = self.model[on]
        wanted = self._may(by) or (422 if role != ADMIN and self._is_last(on) else 302)
        assert self._post(by, on, "role", role=role) == wanted
        if self._may(by) == 0 and wanted == 302 and target.role != role:
            target.role, target.is_signed_in = role, False

    @rule(by=names, on=names)
    def turn_off(self, by: str, on: str) -> None:
        target = self.model[on]
        last = target.is_active and self._is_last(on)
        wanted = self._may(by) or (422 if last else 302)
        assert self._post(by, on, "off") == wanted
        if self._may(by) == 0 and wanted == 302 and target.is_active:
            target.is_active = target.is_signed_in = False

    @rule(by=names, on=names)
    def turn_on(self, by: str, on: str) -> None:
        wanted = self._may(by) or 302
        assert self._post(by, on, "on") == wanted
        if wanted == 302 and self._may(by) == 0:
            self.model[on].is_active = True

    @rule(
        by=names,
        on=names,
        kinds=st.frozensets(st.sampled_from(("injury", "non_injury"))),
        restricted=st.booleans(),
        at_plant_only=st.booleans(),
    )
    def grant(
        self, by: str, on: str, kinds: frozenset[str], restricted: bool, at_plant_only: bool
    ) -> None:
        target = self.model[on]
        wanted = self._may(by) or (404 if target.role == ADMIN else 302)
        form: dict[str, Any] = {
            "kinds": sorted(kinds),
            "how_much": "restrictions" if restricted else "all",
            "where": "some" if at_plant_only else "all",
            "worksites": [self.cast.plant.pk] if at_plant_only else [],
            "shown": granted_now(contact_id(self.people[on])),
        }
        assert self._post(by, on, "visits", **form) == wanted
        if self._may(by) == 0 and wanted == 302:
            target.kinds, target.restricted = kinds, restricted
            target.at_plant_only = at_plant_only

    @rule(by=names)
    def leave(self, by: str) -> None:
        leaver = self.model[by]
        wanted = leaver.home() if leaver.home() != 200 else 422 if self._is_last(by) else 302
        assert self.browsers[by].post("/account/people/leave/").status_code == wanted
        if leaver.home() == 200 and wanted == 302:
            leaver.is_active = leaver.is_signed_in = False

    @rule(who=names)
    def look(self, who: str) -> None:
        get = self.browsers[who].get
        seen = [get(page).status_code for page in ("/", "/results/", "/account/people/")]
        modelled = self.model[who]
        assert seen == [modelled.home(), modelled.results(), modelled.contacts()]

    @invariant()
    def the_database_says_the_same(self) -> None:
        Portal.steps += 1
        assert any(p.role == ADMIN and p.is_active for p in self.model.values())
        with scope.acting_as(scope.OPERATOR):
            accesses = {a.user_id: a for a in PortalAccess.objects.all()}
            for name, modelled in self.model.items():
                self._agrees(accesses[self.people[name].user.pk], modelled)

    def _agrees(self, access: PortalAccess, modelled: Modelled) -> None:
        grants = grants_of(access)
        sites = {self.cast.plant.pk} if modelled.at_plant_only else None
        assert (access.role, access.is_active) == (modelled.role, modelled.is_active)
        assert (frozenset(grants.kinds), grants.restrictions_only) == (
            modelled.kinds,
            modelled.restricted,
        )
        assert grants.worksites == sites

    def _may(self, by: str) -> int:
        """0 where this person may change access; else the answer they get."""
        asking = self.model[by]
        return 0 if asking.contacts() == 200 else asking.contacts()

    def _is_last(self, name: str) -> bool:
        others = [p for other, p in self.model.items() if other != name]
        is_admin = self.model[name].role == ADMIN
        return is_admin and not any(p.role == ADMIN and p.is_active for p in others)

    def _post(self, by: str, on: str, what: str, **form: Any) -> int:
        address = f"/account/people/{contact_id(self.people[on])}/{what}/"
        return self.browsers[by].post(address, form).status_code


def test_whatever_order_people_act_in_the_portal_does_as_the_model_says(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        dana = person(cast.northwind, "Dana", Role.ADMIN)
        walt = person(cast.northwind, "Walt", Role.VIEW_ONLY)
    Portal.cast = cast
    Portal.people = {"alice": cast.alice, "dana": dana, "victor": cast.victor, "walt": walt}
    Portal.steps = 0
    run_state_machine_as_test(
        Portal,
        settings=settings(
            max_examples=STEPS * 5 // (4 * STEPS_EACH),  # some end early
            stateful_step_count=STEPS_EACH,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Portal.steps >= STEPS
