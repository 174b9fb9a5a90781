"""Reading the network's catalogue."""

from __future__ import annotations

from collections.abc import Collection

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet

from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import fast

_SENDERS = """
    SELECT hl7_application, hl7_facility, id, name
    FROM unnest(%s::text[], %s::text[]) AS asked (application, facility)
    JOIN centers_medicalcenter
        ON hl7_application = asked.application AND hl7_facility = asked.facility
    WHERE is_active
"""


def centers() -> QuerySet[MedicalCenter]:
    return MedicalCenter.objects.filter(is_active=True)


def services() -> QuerySet[Service]:
    return Service.objects.filter(is_active=True)


type Sender = tuple[str, str]
"""How a center's system signs its messages: application and facility (MSH-3, MSH-4)."""


def senders(pairs: Collection[Sender]) -> dict[Sender, MedicalCenter]:
    """The centers behind these signatures, as far as they are known; id and name only."""
    applications, facilities = [a for a, _ in pairs], [f for _, f in pairs]
    found = fast.execute(_SENDERS, [applications, facilities])
    return {
        (application, facility): MedicalCenter.from_db(DEFAULT_DB_ALIAS, ("id", "name"), center)
        for application, facility, *center in found
    }
