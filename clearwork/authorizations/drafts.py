"""Forms begun and not sent. Each belongs to one person, who alone sees and changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.authorizations.models import Draft
from clearwork.foundation import clock

KEPT = timedelta(days=7)
MOST = 20
"""Drafts of one person at one employer; the oldest go first."""

type Typed = Mapping[str, Sequence[str]]
"""What was typed, by the names of the form's fields."""


def drafts(viewer: Viewer) -> QuerySet[Draft]:
    """This person's own, the newest first; none in a preview: nobody else sees them."""
    own = Draft.objects.filter(employer_id=viewer.employer_id, user_id=viewer.user_id)
    kept = own.filter(saved_at__gt=clock.now() - KEPT).order_by("-saved_at")
    return kept.none() if viewer.seen_by else kept


@transaction.atomic
def save_draft(typed: Typed, *, submission: UUID, by: Viewer) -> None:
    """Keep what was typed so far; it replaces what was kept of the same form."""
    Draft.objects.update_or_create(
        employer_id=by.employer_id,
        user_id=by.user_id,
        submission=submission,
        defaults={
            "typed": {name: list(values) for name, values in typed.items()},
            "saved_at": clock.now(),
        },
    )
    _tidy(by)


def discard_draft(*, submission: UUID, by: Viewer) -> None:
    """Forget a form: it was sent, or is not wanted any more."""
    Draft.objects.filter(
        employer_id=by.employer_id, user_id=by.user_id, submission=submission
    ).delete()


def forget_old() -> None:
    """Forget every draft nobody came back to. Runs as the operator."""
    Draft.objects.filter(saved_at__lte=clock.now() - KEPT).delete()


def _tidy(by: Viewer) -> None:
    own = Draft.objects.filter(employer_id=by.employer_id, user_id=by.user_id)
    newest = own.order_by("-saved_at").values_list("pk", flat=True)[:MOST]
    own.exclude(pk__in=list(newest)).delete()
