"""How the employee gets the care, by its modality: what the page and the pass tell them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from clearwork.authorizations.rules import Modality


@dataclass(frozen=True)
class Remote:
    """How centralized care is reached. All from settings; an empty one is not offered."""

    name: str
    app: str
    website: str
    phone: str


def remote(modality: str) -> Remote | None:
    """The network's own Telemed or Telerehab; None for what a center does."""
    own = settings.ENVIRONMENT
    if modality == Modality.TELEMED:
        return Remote("Telemed", own.telemed_app, own.telemed_website, own.telemed_phone)
    if modality == Modality.TELEREHAB:
        return Remote("Telerehab", own.telerehab_app, own.telerehab_website, own.telerehab_phone)
    return None


def steps(modality: str) -> list[str]:
    """What the employee does, one sentence each."""
    if modality == Modality.IN_CENTER:
        return [
            "Go to the medical center during its hours.",
            "Bring this page and a government-issued photo ID.",
        ]
    if modality == Modality.CENTER_TELEMEDICINE:
        return [
            "Call the medical center to schedule the video visit.",
            "Have this page and a government-issued photo ID at hand.",
        ]
    there = remote(modality)
    return _remotely(there) if there else []


def valid_days(modality: str) -> int:
    """For how long an authorization holds unless one says otherwise."""
    own = settings.ENVIRONMENT
    if modality == Modality.TELEMED:
        return own.telemed_valid_days
    if modality == Modality.TELEREHAB:
        return own.telerehab_valid_days
    return own.valid_days


def _remotely(there: Remote) -> list[str]:
    ways = []
    if there.app:
        ways.append(f"On a phone: get the app “{there.app}” from Google Play or the App Store.")
    if there.website:
        ways.append(f"On a computer: open {there.website}")
    if there.phone:
        ways.append(f"By phone: call {there.phone}")
    return [*ways, "Have this page's number and a government-issued photo ID at hand."]
