"""What an opened pass shows: the minimum its reader needs, in their language.

Never why the care is needed: no reason, no injury, no claim, no note (45 CFR 164.502(b)).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from clearwork.authorizations.ending import today_there
from clearwork.authorizations.instructions import remote
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import CENTRALIZED, Modality, State
from clearwork.centers.models import MedicalCenter, Service
from clearwork.passes.models import Pass
from clearwork.passes.rules import Recipient, Standing, standing
from clearwork.passes.words import day, hours, words
from clearwork.people.rules import Language

_MAP = "https://www.google.com/maps/dir/?"


@dataclass(frozen=True)
class Shown:
    """One pass as its page and its PDF show it. All plain text."""

    number: str
    standing: Standing
    is_employees: bool
    person: str
    employer: str
    employer_phone: str
    starts: str
    expires: str
    center: MedicalCenter | None
    hours: str
    steps: list[str]
    services: list[str] = field(default_factory=list)
    bring: list[str] = field(default_factory=list)
    prepare: list[str] = field(default_factory=list)

    @property
    def directions(self) -> str:
        """Where a map shows the way; "" without a center."""
        if self.center is None:
            return ""
        return _MAP + urlencode({"api": "1", "destination": self.center.address})


def shown(issued: Pass, language: str) -> Shown:
    authorization = issued.authorization
    services = list(authorization.services.all()) if issued.shows_services else []
    today, center = today_there(authorization), authorization.center
    later = authorization.valid_from > today
    return Shown(
        number=authorization.number,
        standing=standing(
            State(authorization.state),
            authorization.expires,
            today,
            center_is_open=center is None or center.is_active,
        ),
        is_employees=issued.recipient == Recipient.EMPLOYEE,
        person=str(authorization.employee),
        employer=issued.employer.legal_name,
        employer_phone=issued.employer.phone,
        starts=day(authorization.valid_from, language) if later else "",
        expires=day(authorization.expires, language),
        center=center,
        hours=hours(center.hours, language) if center else "",
        steps=_steps(authorization, language),
        services=[_name(service, language) for service in services],
        bring=_bring(authorization, services, language),
        prepare=_prepare(services, language),
    )


def _steps(authorization: Authorization, language: str) -> list[str]:
    own, there = words(language), remote(authorization.modality)
    if there is None:
        in_center = authorization.modality == Modality.IN_CENTER
        return [own["step_in_center" if in_center else "step_telemedicine"]]
    ways = {"app": there.app, "website": there.website, "phone": there.phone}
    told = [own[f"step_{way}"].format(**{way: value}) for way, value in ways.items() if value]
    return [*told, own["step_number"]]


def _bring(authorization: Authorization, services: list[Service], language: str) -> list[str]:
    own = words(language)
    always = [own["photo_id"]]
    if authorization.modality not in CENTRALIZED:
        always.insert(0, own["this_pass"])
    items = [line for service in services for line in _said(service, "bring", language)]
    return [*always, *dict.fromkeys(items)]


def _prepare(services: list[Service], language: str) -> list[str]:
    told = [line for service in services for line in _said(service, "prepare", language)]
    return list(dict.fromkeys(told))


def _name(service: Service, language: str) -> str:
    return " ".join(_said(service, "name", language))


def _said(service: Service, what: str, language: str) -> list[str]:
    """Lines of a service's text in this language; in English where it was not translated."""
    own = getattr(service, f"{what}_es") if language == Language.SPANISH else ""
    text: str = own or getattr(service, what)
    return [line.strip() for line in text.splitlines() if line.strip()]
