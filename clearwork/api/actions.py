"""Giving integrations tokens and taking them away. Each action is one transaction, audited."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from clearwork.access.decide import Viewer
from clearwork.accounts.tokens import token_hash
from clearwork.api.models import ApiToken, KeptAnswer
from clearwork.api.rules import Scope, as_text
from clearwork.audit.actions import Action, record
from clearwork.foundation import clock

_SECRET_BYTES = 32


@transaction.atomic
def create_token(
    *, by: Viewer, name: str, scopes: Sequence[Scope], expires: date
) -> tuple[ApiToken, str]:
    """The token and its text, which is nowhere kept: it is shown once."""
    secret = secrets.token_hex(_SECRET_BYTES)
    token = ApiToken(
        employer_id=by.employer_id,
        name=name,
        scopes=[scope.value for scope in scopes],
        secret_hash=token_hash(secret),
        created_by_id=by.user_id,
        answers_for_id=by.user_id,
        expires=expires,
    )
    token.save(force_insert=True)
    _audit(Action.TOKEN_CREATED, token, by, scopes=token.scopes, expires=f"{expires}")
    return token, as_text(token.pk, secret)


@transaction.atomic
def adopt_token(*, by: Viewer, token: ApiToken) -> None:
    """From now on it acts in this Admin User's name."""
    fresh = _locked(token)
    if fresh.answers_for_id == by.user_id:
        return
    fresh.answers_for_id = by.user_id
    fresh.save(update_fields=("answers_for",))
    _audit(Action.TOKEN_ADOPTED, fresh, by)


@transaction.atomic
def revoke_token(*, by: Viewer, token: ApiToken) -> None:
    """It opens nothing any more, from the next request on; what answers it had are forgotten."""
    fresh = _locked(token)
    if fresh.revoked_at is not None:
        return
    fresh.revoked_at = clock.now()
    fresh.save(update_fields=("revoked_at",))
    KeptAnswer.objects.filter(employer_id=fresh.employer_id, token=fresh).delete()
    _audit(Action.TOKEN_REVOKED, fresh, by)


def _locked(token: ApiToken) -> ApiToken:
    own = ApiToken.objects.select_for_update(no_key=True)
    return own.get(employer_id=token.employer_id, pk=token.pk)


def _audit(action: Action, token: ApiToken, by: Viewer, **detail: Any) -> None:
    record(action, by=by.actor, employer_id=token.employer_id, subject_id=token.pk, **detail)
