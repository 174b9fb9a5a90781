"""Telling that a download is ready: never of whom it is or what it holds."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from clearwork.access.decide import Viewer
from clearwork.accounts.models import User
from clearwork.exports.models import Export
from clearwork.exports.rules import ExportState
from clearwork.messaging.mail import Mail, local_words


def ready(export: Export, viewer: Viewer | None) -> Mail | None:
    """None where it is not there any more, or not theirs to fetch."""
    if viewer is None or export.state != ExportState.READY:
        return None
    return Mail(
        to=User.objects.get(pk=viewer.user_id).email,
        subject=f"Your download in the {settings.ENVIRONMENT.network_name} employer portal",
        paragraphs=(
            f"The download you asked for at {viewer.employer_name} is ready.",
            f"It can be fetched until {local_words(export.expires_at)}, by you alone.",
        ),
        link_words="Sign in and download it",
        link_path=reverse("exports:export", kwargs={"pk": export.pk}),
    )
