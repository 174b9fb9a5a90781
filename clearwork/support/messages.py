"""The mails of privacy incidents, one function each. None says what it is about, or whose."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.messaging.mail import Mail
from clearwork.privacy.models import PrivacyIncident
from clearwork.privacy.rules import Decision

# What was reported: the mail's subject, its first paragraph, and the page it leads to.
_REPORTED = {
    "incident": (
        "Privacy incident reported",
        "A privacy incident was reported and waits for a decision.",
        "incident",
    ),
    "concern": (
        "Privacy concern reported",
        "A privacy concern was reported and waits for a decision.",
        "concern",
    ),
    "unreadable": (
        "Stored file cannot be read",
        "A stored file is missing or damaged.",
        "incident",
    ),
}
_OUTCOMES = {
    Decision.RELEASED: "It does not belong to your company and does not come back.",
    Decision.DESTROYED: "It does not belong to your company and does not come back.",
    Decision.RESTORED: "It belongs to your company and is in your list again.",
}
_COPIES = "If somebody printed or saved a copy of what is not yours, have it destroyed."


def reported(user: User, what: str, pk: UUID) -> Mail | None:
    """To one of the network's people; `what` is a key of _REPORTED. None for who has left."""
    if not (user.is_active and user.staff):
        return None
    subject, paragraph, page = _REPORTED[what]
    return Mail(
        to=user.email,
        subject=f"{subject} in the {settings.ENVIRONMENT.network_name} portal",
        paragraphs=(paragraph, "What it is about stands in the support console alone."),
        link_words="Open it in the support console",
        link_path=reverse(f"support:{page}", kwargs={"pk": pk}),
    )


def outcome(access: PortalAccess, incident: PrivacyIncident) -> Mail | None:
    """To an Admin User of the employer from whose view a report was removed."""
    is_admin = access.is_active and access.user.is_active and access.role == Role.ADMIN
    if not is_admin or not incident.decision:
        return None
    return Mail(
        to=access.user.email,
        subject=f"What became of a report in the {settings.ENVIRONMENT.network_name} portal",
        paragraphs=(
            f"A report {access.employer.legal_name} received in error was looked at.",
            _OUTCOMES[Decision(incident.decision)],
            _COPIES,
        ),
    )
