"""Reading the network's catalogue."""

from __future__ import annotations

from django.db.models import QuerySet

from clearwork.centers.models import MedicalCenter, Service


def centers() -> QuerySet[MedicalCenter]:
    return MedicalCenter.objects.filter(is_active=True)


def services() -> QuerySet[Service]:
    return Service.objects.filter(is_active=True)


def sender(application: str, facility: str) -> MedicalCenter | None:
    """The center whose system signs its messages so (MSH-3, MSH-4)."""
    return centers().filter(hl7_application=application, hl7_facility=facility).first()
