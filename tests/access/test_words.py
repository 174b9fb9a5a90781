"""A person's access in plain words says what the table of permissions says."""

from __future__ import annotations

from uuid import uuid4

import pytest

from clearwork.access import words
from clearwork.access.decide import Grants
from clearwork.access.permissions import Permission
from clearwork.access.roles import PERMISSIONS, STAFF_PERMISSIONS
from clearwork.access.words import in_words, joined
from clearwork.accounts.models import Role

PLANTS = frozenset({uuid4(), uuid4()})


def test_an_admin_user_sees_everything_and_is_told_so() -> None:
    said = in_words(Role.ADMIN, Grants())
    assert said.may[0] == "See injury and non-injury results of all worksites."
    assert "See everyone's authorizations." in said.may
    assert said.may_not == ()


def test_a_view_only_user_without_a_grant_sees_no_results() -> None:
    said = in_words(Role.VIEW_ONLY, Grants())
    assert said.may_not[0] == "Cannot see visits and results."
    assert "Cannot see authorizations created by others." in said.may_not
    assert "Create authorizations." in said.may


@pytest.mark.parametrize(
    ("grants", "worksites", "sentence"),
    [
        (Grants(injury=True), [], "See injury results of all worksites."),
        (
            Grants(injury=True, non_injury=True, worksites=PLANTS),
            ["Plant 2", "Plant 4"],
            "See injury and non-injury results of Plant 2 and Plant 4.",
        ),
        (
            Grants(injury=True, restrictions_only=True),
            [],
            "See work status reports (restrictions) of injury visits of all worksites.",
        ),
    ],
)
def test_a_grant_says_kinds_worksites_and_how_much(
    grants: Grants, worksites: list[str], sentence: str
) -> None:
    said = in_words(Role.VIEW_ONLY, grants, worksites)
    assert said.may[0] == sentence
    limited = "Cannot see anything else of a visit." in said.may_not
    assert limited == grants.restrictions_only


def test_a_list_of_worksites_limits_whom_one_finds() -> None:
    everyone = "Find employees by name and add new ones."
    assert everyone in in_words(Role.ADMIN, Grants(worksites=PLANTS)).may
    assert everyone in in_words(Role.VIEW_ONLY, Grants()).may
    some = in_words(Role.VIEW_ONLY, Grants(worksites=PLANTS), ["Plant 2", "Plant 4"]).may
    assert "Find employees of Plant 2 and Plant 4 only, and add new ones there." in some
    assert everyone not in some


def test_a_grant_of_no_worksite_grants_nothing() -> None:
    said = in_words(Role.VIEW_ONLY, Grants(injury=True, worksites=frozenset()))
    assert said.may_not[0] == "Cannot see visits and results."


def test_every_permission_of_a_portal_user_has_its_sentence() -> None:
    portal = frozenset().union(*PERMISSIONS.values())
    assert portal == set(words._SENTENCES)
    staff: frozenset[Permission] = frozenset().union(*STAFF_PERMISSIONS.values())
    assert set(Permission) == portal | staff


def test_taking_a_permission_away_changes_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    less = PERMISSIONS[Role.ADMIN] - {Permission.ACCESS_MANAGE}
    monkeypatch.setattr(words, "PERMISSIONS", {**PERMISSIONS, Role.ADMIN: less})
    assert in_words(Role.ADMIN, Grants()).may_not == ("Cannot change anyone's access.",)


def test_lists_read_like_speech() -> None:
    assert [joined(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
