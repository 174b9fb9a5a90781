"""Noting who saw visits and work status: one event a view."""

from __future__ import annotations

from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record


def note(action: Action, *, by: Viewer, subject_id: UUID | None = None) -> None:
    record(action, by=by.actor, employer_id=by.employer_id, subject_id=subject_id)
