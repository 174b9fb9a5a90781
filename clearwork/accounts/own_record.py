"""Audit of what people do with their own account: it is of no employer."""

from __future__ import annotations

from typing import Any

from clearwork.accounts.models import User
from clearwork.audit.actions import Action, Actor, record
from clearwork.database import scope


def record_of(user: User, action: Action, **detail: Any) -> None:
    with scope.acting_as(scope.user(user.pk)):
        record(action, by=Actor("user", user.pk), subject_id=user.pk, **detail)
