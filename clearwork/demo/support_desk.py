"""The network's own people, and what waits for them to decide."""

from __future__ import annotations

from datetime import timedelta

from clearwork.accounts.models import AccessRequest, Role, Staff, User
from clearwork.demo import network
from clearwork.foundation import clock

STAFF = (
    (Staff.SUPPORT, "support@network.example", "Sam Okoye"),
    (Staff.PRIVACY_OFFICER, "privacy@network.example", "Petra Lindqvist"),
)


def add_support_desk(password: str) -> None:
    """`password` is already hashed. Runs as the operator."""
    User.objects.bulk_create(
        User(email=email, name=name, staff=kind, password=password, is_demo=True)
        for kind, email, name in STAFF
    )
    facts = network.EMPLOYERS[0]
    known = {"account_number": facts.account_number, "company": facts.legal_name}
    mistyped = {"account_number": "000000", "company": "Quick Movers"}
    AccessRequest.objects.bulk_create(
        (
            _asked("Ivy", "Ferris", f"ivy@{facts.domain}", hours=3, **known),
            _asked("Omar", "Haddad", "omar@quickmovers.example", hours=20, **mistyped),
        )
    )


def _asked(first: str, last: str, email: str, *, hours: int, **facts: str) -> AccessRequest:
    return AccessRequest(
        first_name=first,
        last_name=last,
        email=email,
        phone="1-555-0142",
        needs="I schedule our drivers and need to see whose physical is done.",
        role=Role.VIEW_ONLY,
        requested_at=clock.now() - timedelta(hours=hours),
        **facts,
    )
