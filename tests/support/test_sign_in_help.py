"""A person lost their second factor: support makes sure who they are, and resets it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import DatabaseError
from django.test import Client

from clearwork.accounts.models import SecondFactorReset, User
from clearwork.accounts.security_messages import NOTICE_JOB, Notice
from clearwork.audit.actions import Action
from clearwork.database import scope
from clearwork.support import queries
from tests.accounts.people import EMAIL, attempt, events, is_in, jobs
from tests.cast import Cast

FILLED = {"identity_check": "called_back", "reason": "Her phone was stolen. Spoke to her herself."}


@pytest.fixture
def _alice_is_guarded(cast: Cast) -> None:
    """Alice has an app and recovery codes, and may not go without."""
    with scope.acting_as(scope.user(cast.alice.user.pk)):
        User.objects.filter(pk=cast.alice.user.pk).update(is_demo=False)
        TOTP.activate(cast.alice.user, generate_totp_secret())
        RecoveryCodes.activate(cast.alice.user)


def page(cast: Cast) -> str:
    return f"/support/people/{cast.alice.user.pk}/"


def factors(cast: Cast) -> int:
    with scope.acting_as(scope.OPERATOR):
        return int(Authenticator.objects.filter(user=cast.alice.user).count())


def resets() -> list[SecondFactorReset]:
    with scope.acting_as(scope.OPERATOR):
        return list(SecondFactorReset.objects.select_related("by"))


def test_a_person_is_found_by_the_whole_address_alone(cast: Cast, support: Client) -> None:
    find = "/support/people/"
    assert support.get(find, {"email": f" {EMAIL.upper()} "})["Location"] == page(cast)
    for other in ("alice@", "alice", "nobody@northwind.example", "alice\0"):
        answer = support.get(find, {"email": other})
        assert "Nobody signs in with this address" in answer.content.decode(), other
    assert "Nobody signs" not in support.get(find).content.decode()


@pytest.mark.usefixtures("_alice_is_guarded")
def test_the_page_says_what_support_needs_to_make_sure(cast: Cast, support: Client) -> None:
    text = support.get(page(cast)).content.decode()
    assert "Northwind Freight" in text and "Admin User" in text and "Set up" in text
    assert "signed out everywhere" in text


@pytest.mark.usefixtures("_alice_is_guarded")
def test_a_reset_takes_the_factor_ends_sessions_and_is_told(
    cast: Cast, support: Client, sign_in: Any
) -> None:
    alice = sign_in(cast.alice)
    assert is_in(alice)
    assert support.post(page(cast), FILLED)["Location"] == page(cast)
    assert factors(cast) == 0
    assert not is_in(alice)
    (notice,) = jobs(NOTICE_JOB)
    assert notice["notice"] == Notice.FACTOR_RESET.name
    assert notice["user_id"] == str(cast.alice.user.pk)
    again = Client()
    assert attempt(EMAIL, client=again)["Location"] == "/"
    assert again.get("/")["Location"] == "/security/", "first a new second factor"


@pytest.mark.usefixtures("_alice_is_guarded")
def test_who_did_it_how_they_made_sure_and_why_is_on_record(cast: Cast, support: Client) -> None:
    support.post(page(cast), FILLED)
    (reset,) = resets()
    assert (reset.user_id, reset.by.email) == (cast.alice.user.pk, "sam@network.example")
    assert (reset.identity_check, reset.reason) == (FILLED["identity_check"], FILLED["reason"])
    (event,) = events(Action.SECOND_FACTOR_RESET)
    assert (event.actor_kind, event.actor_id) == ("staff", reset.by_id)
    assert event.subject_id == cast.alice.user.pk
    assert event.detail == {"identity_check": "called_back"}, "the reason may name people"
    assert FILLED["reason"] in support.get(page(cast)).content.decode().replace("&#x27;", "'")
    with scope.acting_as(scope.OPERATOR):
        bobs = queries.standing_of(cast.bob.user)
    assert [each.employer for each in bobs.accesses] == [cast.southport] and not bobs.resets


@pytest.mark.usefixtures("_alice_is_guarded")
@pytest.mark.parametrize(
    ("field", "value"), [("identity_check", ""), ("identity_check", "x"), ("reason", "lost it")]
)
def test_without_a_check_and_a_reason_nothing_is_reset(
    field: str, value: str, cast: Cast, support: Client
) -> None:
    answer = support.post(page(cast), {**FILLED, field: value})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
    assert factors(cast) == 2 and resets() == [] and jobs(NOTICE_JOB) == []


@pytest.mark.usefixtures("_alice_is_guarded")
def test_without_its_audit_event_nothing_is_reset(
    cast: Cast, support: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise DatabaseError("full")

    monkeypatch.setattr("clearwork.audit.models.AuditEvent.save", cannot)
    with pytest.raises(DatabaseError):
        support.post(page(cast), FILLED)
    monkeypatch.undo()
    assert factors(cast) == 2 and resets() == []


def test_nobody_resets_their_own_nor_a_missing_persons(cast: Cast, support: Client) -> None:
    with scope.acting_as(scope.OPERATOR):
        sam = User.objects.get(email="sam@network.example")
    own = f"/support/people/{sam.pk}/"
    assert "Ask a colleague" in support.get(own).content.decode()
    assert support.post(own, FILLED).status_code == 403
    assert support.get(f"/support/people/{uuid4()}/").status_code == 404


def test_the_privacy_officer_does_not(cast: Cast, officer: Client) -> None:
    assert officer.get(page(cast)).status_code == 403
    assert officer.post(page(cast), FILLED).status_code == 403


def test_what_was_done_cannot_be_undone_on_record(cast: Cast, support: Client) -> None:
    support.post(page(cast), FILLED)
    rows = SecondFactorReset.objects.all()
    with pytest.raises(DatabaseError), scope.acting_as(scope.OPERATOR):
        rows.update(reason="another reason")
    with pytest.raises(DatabaseError), scope.acting_as(scope.OPERATOR):
        rows.delete()
