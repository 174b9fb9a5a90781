"""The demo network's catalogue: its services, from data, and its medical centers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from clearwork.centers.catalogue import load_services
from clearwork.centers.models import MedicalCenter, Service
from clearwork.centers.rules import Modality
from clearwork.centers.zips import place
from clearwork.demo import network

_SERVICES = Path(__file__).parent / "services"


@dataclass(frozen=True)
class Catalogue:
    centers: list[MedicalCenter]
    services: list[Service]

    def named(self, *codes: str) -> list[Service]:
        return [service for service in self.services if service.code in codes]


def add_catalogue(dice: random.Random) -> Catalogue:
    """Runs as the operator."""
    services = load_services(_SERVICES)
    centers = MedicalCenter.objects.bulk_create(_centers(dice))
    offers = MedicalCenter.services.through
    offers.objects.bulk_create(
        offers(medicalcenter_id=center.pk, service_id=service.pk)
        for center in centers
        for service in _offered(center, services)
    )
    return Catalogue(centers, services)


def _centers(dice: random.Random) -> Iterator[MedicalCenter]:
    for number, (state, city, postal_code, area) in enumerate(network.CITIES):
        where = place(postal_code)
        yield MedicalCenter(
            code=f"{state}-{city[:3].upper()}",
            name=f"{city} Medical Center",
            street=f"{dice.randint(100, 9900)} {dice.choice(network.STREETS)}",
            city=city,
            state=state,
            postal_code=postal_code,
            latitude=where.latitude,
            longitude=where.longitude,
            time_zone=where.time_zone,
            phone=f"{area}-555-{dice.randint(100, 199):04}",
            opening_hours=network.HOURS[number % len(network.HOURS)],
            offers_telemedicine=number % 2 == 0,
            order_message=dice.choice(MedicalCenter.OrderMessage.values),
            hl7_application="DEMOEHR",
            hl7_facility=f"C-{state}-{city[:3].upper()}",
            hl7_host="127.0.0.1",
            hl7_port=settings.ENVIRONMENT.clinic_port,
        )


def _offered(center: MedicalCenter, services: list[Service]) -> Iterator[Service]:
    """The usual ones everywhere, of the others three in four; what fits no center at none."""
    dice = random.Random(center.code)  # noqa: S311 - an invented offer
    for service in services:
        common = service.code in network.EVERYWHERE or dice.random() < 0.75
        if common and Modality.IN_CENTER in service.modalities:
            yield service
