"""Users, roles, grants and sessions in any order, against a small model of who may see what.

2,000 steps; STORY_STEPS=20000 for more.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from clearwork.accounts.actions import accept
from clearwork.accounts.models import Invitation, PortalAccess, Role, User
from clearwork.database import scope
from clearwork.employers.models import Contact, Worksite
from tests.access.story import contact_id, granted_now, northwind
from tests.access.visitors import undone
from tests.cast import Cast, employee
from tests.results.reports import report
from tests.stories import run_story

STEPS, EACH = int(os.environ.get("STORY_STEPS", "2000")), 50
NAMES = ("Alice", "Victor", "Nia", "Omar")
MANAGERS = st.sampled_from(("Alice", *NAMES))  # Alice more often: she may
PEOPLE, ROLES = st.sampled_from(NAMES), st.sampled_from(list(Role))
# Title of a report: its type, and whether it is of Plant 4 (else of the depot).
REPORTS = {
    "Status of the cut": ("injury_activity_status", True),
    "Notice of the cut": ("first_notice_of_injury", True),
    "Card of the driver": ("mec_dot_card", True),
    "Fitness of the driver": ("non_injury_activity_status", True),
    "Card of the fitter": ("mec_dot_card", False),
    "Status of the burn": ("injury_activity_status", False),
}
INJURY = ("injury_activity_status", "first_notice_of_injury")
STATUS = ("injury_activity_status", "non_injury_activity_status")


@dataclass(frozen=True)
class Grant:
    injury: bool = False
    non_injury: bool = False
    restrictions: bool = False
    plant_only: bool = False

    def form(self, plant: Worksite) -> dict[str, Any]:
        return {
            "kinds": ["injury"] * self.injury + ["non_injury"] * self.non_injury,
            "how_much": "restrictions" if self.restrictions else "all",
            "where": "some" if self.plant_only else "all",
            "worksites": [str(plant.pk)],
        }

    def shows(self, code: str, at_plant: bool) -> bool:
        kind = self.injury if code in INJURY else self.non_injury
        sort, site = code in STATUS or not self.restrictions, at_plant or not self.plant_only
        return kind and sort and site


@dataclass
class Known:
    """What the model knows of one person. `role` is None for who never had access."""

    role: Role | None = None
    on: bool = False
    grant: Grant = field(default_factory=Grant)
    invited: Role | None = None
    signed_in: bool = False
    previews: str = ""

    @property
    def is_admin(self) -> bool:
        return self.on and self.role == Role.ADMIN

    def titles(self) -> set[str] | None:
        """The reports they see; None where they see no results at all."""
        if self.is_admin:
            return set(REPORTS)
        if not self.on or not (self.grant.injury or self.grant.non_injury):
            return None
        return {title for title, what in REPORTS.items() if self.grant.shows(*what)}


class Story(RuleBasedStateMachine):
    """Each rule does one thing through the real pages and says what must come of it."""

    cast: ClassVar[Cast]
    contacts: ClassVar[dict[str, Contact]] = {}
    users: ClassVar[dict[str, User]] = {}
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.known = {name: Known() for name in NAMES}
        self.known["Alice"] = Known(Role.ADMIN, on=True)
        self.known["Victor"] = Known(Role.VIEW_ONLY, on=True)
        self.browsers = {name: Client(raise_request_exception=False) for name in NAMES}
        self.turn = 0
        self.undoing = ExitStack()
        self.undoing.enter_context(undone())

    def teardown(self) -> None:
        self.undoing.close()

    @initialize()
    def everyone_begins(self) -> None:
        for who in NAMES:
            self.sign_in(who)

    @rule(who=PEOPLE)
    def sign_in(self, who: str) -> None:
        with scope.acting_as(scope.ANONYMOUS):
            self.browsers[who] = Client(raise_request_exception=False)
            self.browsers[who].force_login(User.objects.get(pk=self.users[who].pk))
        self.known[who].signed_in, self.known[who].previews = True, ""

    @rule(by=MANAGERS, who=PEOPLE, role=ROLES)
    def invite(self, by: str, who: str, role: Role) -> None:
        form = {"email": self.users[who].email, "role": role}
        known = self.known[who]
        if self.manages(by, f"{self.page(who)}invite/", form, 422 if known.role else 302):
            known.invited = known.invited if known.role else role

    @rule(who=PEOPLE)
    def accept(self, who: str) -> None:
        with northwind(self.cast):
            latest = Invitation.objects.filter(contact=self.contacts[who]).order_by("invited_at")
            invitation = latest.last()
            user = self.users[who]
            made = accept(invitation=invitation, user=user) if invitation else None
        known = self.known[who]
        assert bool(made) == bool(known.invited)
        if known.invited:
            known.role, known.on, known.invited = known.invited, True, None
            known.signed_in, known.previews = False, ""  # older sessions end with it

    @rule(by=MANAGERS, who=PEOPLE, role=ROLES)
    def change_role(self, by: str, who: str, role: Role) -> None:
        known = self.known[who]
        refused = role != Role.ADMIN and self.is_last_admin(who)
        status = 404 if known.role is None else 422 if refused else 302
        done = self.manages(by, f"{self.page(who)}role/", {"role": role}, status)
        if done and status == 302 and known.role != role:
            known.role, known.signed_in, known.previews = role, False, ""

    @rule(by=MANAGERS, who=PEOPLE)
    def turn_off(self, by: str, who: str) -> None:
        known = self.known[who]
        status = 404 if known.role is None else 422 if self.is_last_admin(who) else 302
        if self.manages(by, f"{self.page(who)}off/", {}, status) and status == 302 and known.on:
            known.on, known.signed_in, known.invited, known.previews = False, False, None, ""

    @rule(by=MANAGERS, who=PEOPLE)
    def turn_on(self, by: str, who: str) -> None:
        known = self.known[who]
        status = 404 if known.role is None else 302
        if self.manages(by, f"{self.page(who)}on/", {}, status) and status == 302:
            known.on = True

    @rule(who=PEOPLE)
    def leave(self, who: str) -> None:
        answer = self.browsers[who].post("/account/people/leave/").status_code
        as_oneself = not self.known[who].previews
        seen, known = self.seen_by(who), self.known[who]
        if seen is None:
            assert answer == 302
        elif not (as_oneself and known.on):
            assert answer == 403
        else:
            assert answer == (422 if self.is_last_admin(who) else 302)
            if answer == 302:
                known.on, known.signed_in, known.invited = False, False, None

    @rule(by=MANAGERS, who=PEOPLE, grant=st.builds(Grant))
    def grant(self, by: str, who: str, grant: Grant) -> None:
        """Also what takes a grant away: no kind of visit chosen."""
        known = self.known[who]
        status = 302 if known.role == Role.VIEW_ONLY else 404
        shown = granted_now(self.contacts[who].pk)
        form = {**grant.form(self.cast.plant), "shown": shown}
        if self.manages(by, f"{self.page(who)}visits/", form, status) and status == 302:
            known.grant = grant

    @rule(by=MANAGERS, who=PEOPLE)
    def preview(self, by: str, who: str) -> None:
        status = 302 if self.known[who].on and by != who else 404
        if self.manages(by, f"{self.page(who)}preview/", {}, status) and status == 302:
            self.known[by].previews = who

    @rule(who=PEOPLE)
    def end_preview(self, who: str) -> None:
        answer = self.browsers[who].post("/account/people/preview/end/").status_code
        allowed = not self.known[who].signed_in or self.known[who].on
        assert answer == (302 if allowed else 403)
        self.known[who].previews = ""

    @invariant()
    def someone_sees_what_the_model_says(self) -> None:
        """One person and one page a step, in turn: all pages of all are asked in the end."""
        Story.steps += 1
        self.turn += 1
        who = NAMES[self.turn % len(NAMES)]
        if self.turn // len(NAMES) % 2:
            self.looks_at_results(who)
        else:
            self.looks_at_people(who)

    @invariant()
    def each_employer_keeps_an_admin_user(self) -> None:
        with scope.acting_as(scope.OPERATOR):
            admins = PortalAccess.objects.filter(is_active=True, role=Role.ADMIN)
            here = admins.filter(employer=self.cast.northwind).count()
        assert here == sum(known.is_admin for known in self.known.values()) > 0

    def looks_at_results(self, who: str) -> None:
        answer = self.browsers[who].get("/results/")
        seen = self.seen_by(who)
        if seen is None:
            assert answer.status_code == 302
            return
        titles = seen.titles()
        assert answer.status_code == (403 if titles is None else 200)
        assert {title for title in REPORTS if title in answer.content.decode()} == (titles or set())

    def looks_at_people(self, who: str) -> None:
        answer = self.browsers[who].get("/account/people/")
        seen = self.seen_by(who)
        assert answer.status_code == (302 if seen is None else 200 if seen.is_admin else 403)

    def seen_by(self, who: str) -> Known | None:
        """As whom this person looks; None where they are led away, to sign in or to themselves."""
        known = self.known[who]
        if not known.signed_in:
            return None
        if not known.previews:
            return known
        previewed = self.known[known.previews]
        if previewed.on:
            return previewed
        known.previews = ""  # it has ended, and says so
        return None

    def manages(self, by: str, address: str, form: dict[str, Any], status: int) -> bool:
        """Post as an Admin User: `status` then; whether they were allowed to."""
        answer = self.browsers[by].post(address, form).status_code
        known, as_oneself = self.known[by], not self.known[by].previews
        seen = self.seen_by(by)
        if seen is None:
            assert answer == 302
            return False
        allowed = as_oneself and known.is_admin
        assert answer == (status if allowed else 403)
        return allowed

    def is_last_admin(self, who: str) -> bool:
        return [name for name in NAMES if self.known[name].is_admin] == [who]

    def page(self, who: str) -> str:
        return f"/account/people/{self.contacts[who].pk}/"


def on_stage(cast: Cast) -> None:
    """Two more contacts who may be invited, a second worksite, and a report of each sort."""
    Story.cast = cast
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot", state="TX")
        fitter = employee(depot, "Fay", "Fitter")
        for name, person in {"Alice": cast.alice, "Victor": cast.victor}.items():
            Story.users[name] = person.user
            Story.contacts[name] = Contact.objects.get(pk=contact_id(person))
        for name in ("Nia", "Omar"):
            email = f"{name.lower()}@northwind.example"
            Story.users[name] = User.objects.create(email=email, is_demo=True)
            Story.contacts[name] = Contact.objects.create(
                employer=cast.northwind, first_name=name, last_name="New", email=email
            )
    for title, (code, at_plant) in REPORTS.items():
        report(cast.maria if at_plant else fitter, cast.dallas, title=title, kind=code)


def test_pages_answer_as_the_model_says_whatever_happened_before(cast: Cast) -> None:
    on_stage(cast)
    run_story(Story, examples=STEPS // EACH * 5 // 4, steps=EACH)  # some end early
    assert Story.steps >= STEPS
