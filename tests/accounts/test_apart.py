"""What is done to one person's access, links, tries and factors leaves a colleague's alone.

As the operator, for whom the database lets everything through.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator

from clearwork.access.load import grants_of
from clearwork.accounts import actions, limits
from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import EmailChange, Invitation, PortalAccess, Role, User
from clearwork.accounts.recovery import reset_second_factor
from clearwork.accounts.rules import ACCOUNTS_AN_HOUR, TRIES_A_DAY, IdentityCheck, LastAdmin
from clearwork.accounts.second_factor import has_second_factor, is_last_factor
from clearwork.accounts.security_actions import ask_for_new_email
from clearwork.audit.actions import SYSTEM
from clearwork.database import scope
from clearwork.employers.models import Worksite
from tests.access.story import access_of
from tests.cast import Cast, Person, person

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
APP, CODES = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


@pytest.fixture
def unlocked(cast: Cast) -> Iterator[Cast]:
    with scope.acting_as(scope.OPERATOR):
        yield cast


@pytest.fixture
def dana(unlocked: Cast) -> Person:
    """A second Admin User at Northwind."""
    return person(unlocked.northwind, "Dana", Role.ADMIN)


def link(someone: Person) -> Invitation:
    contact, email = access_of(someone).contact, someone.user.email
    return actions.invite(by=SYSTEM, contact=contact, role=Role.VIEW_ONLY, email=email)


def test_links_of_others_stay_and_a_used_one_was_used(unlocked: Cast, dana: Person) -> None:
    used, danas = link(unlocked.victor), link(dana)
    assert actions.accept(invitation=used, user=unlocked.victor.user)
    assert actions.accept(invitation=used, user=unlocked.victor.user) is None, "once"
    victors = access_of(unlocked.victor)
    link(unlocked.victor)
    actions.revoke_invitations(by=SYSTEM, contact=victors.contact)
    link(unlocked.victor)
    assert actions.turn_off(by=SYSTEM, access=victors)
    assert not actions.turn_off(by=SYSTEM, access=victors), "it was"
    assert list(Invitation.objects.filter(revoked_at=None).order_by("id")) == [used, danas]


def test_who_cannot_sign_in_is_no_admin_user_to_fall_back_on(unlocked: Cast, dana: Person) -> None:
    alices, danas = access_of(unlocked.alice), PortalAccess.objects.filter(user=dana.user)
    danas.update(is_active=False)
    with pytest.raises(LastAdmin):
        actions.turn_off(by=SYSTEM, access=alices)
    reviewed = actions.confirm_reviews(
        by=SYSTEM, employer_id=alices.employer_id, accesses=[alices.pk, danas.get().pk]
    )
    assert reviewed == 1, "nor is she reviewed"
    danas.update(is_active=True)
    User.objects.filter(pk=dana.user.pk).update(is_active=False)
    with pytest.raises(LastAdmin):
        actions.change_role(by=SYSTEM, access=alices, role=Role.VIEW_ONLY)


def test_each_sees_the_worksites_they_were_granted(unlocked: Cast, dana: Person) -> None:
    depot = Worksite.objects.create(employer=unlocked.northwind, name="Depot", state="TX")
    granted = {unlocked.victor: unlocked.plant, dana: depot}
    for someone, worksite in granted.items():
        activity = VisitActivity(injury=True, worksites=(worksite,))
        access = access_of(someone)
        shown = actions.activity_of(access).seen
        actions.grant(by=SYSTEM, access=access, activity=activity, shown=shown)
    for someone, worksite in granted.items():
        assert actions.activity_of(access_of(someone)).worksites == (worksite,)
        assert grants_of(access_of(someone)).worksites == frozenset({worksite.pk})


def test_coming_in_takes_back_ones_own_failures_from_here_alone(unlocked: Cast) -> None:
    """Or whoever has one account could try one password on all the others."""
    for address in (HERE, ELSEWHERE):
        for number in range(ACCOUNTS_AN_HOUR):
            assert limits.may_try_from(address, f"person{number}")
    limits.succeeded_from(HERE, "person0")
    assert limits.may_try_from(HERE, "person0")
    for address in (HERE, ELSEWHERE):
        assert not limits.may_try_from(address, "one more")


def test_starting_again_gives_nobody_else_new_tries(unlocked: Cast) -> None:
    for whose in ("alice", "bob"):
        for _ in range(TRIES_A_DAY):
            assert limits.may_try(limits.PASSWORD, whose)
    limits.start_again(limits.PASSWORD, "bob")
    tries = [limits.may_try(limits.PASSWORD, whose) for whose in ("alice", "bob")]
    assert tries == [False, True]


def test_a_factor_is_ones_own_and_codes_are_none(unlocked: Cast) -> None:
    alice, bob = unlocked.alice.user, unlocked.bob.user
    for user in (alice, bob):
        Authenticator.objects.create(user=user, type=CODES, data={})
        assert not has_second_factor(user)
        Authenticator.objects.create(user=user, type=APP, data={})
        ask_for_new_email(by=user, new_email=f"new-{user.email}")
    assert is_last_factor(Authenticator.objects.get(user=alice, type=APP))
    reset_second_factor(
        by=unlocked.victor.user.pk, user=alice, check=IdentityCheck.CALLED_BACK, reason="Lost"
    )
    assert [has_second_factor(user) for user in (alice, bob)] == [False, True]
    assert EmailChange.objects.get().user == bob
