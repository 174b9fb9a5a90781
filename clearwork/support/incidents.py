"""Privacy incidents: what support and the privacy officer read of them, and how they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from clearwork.accounts.models import User
from clearwork.audit import queries as audit
from clearwork.audit.actions import Action
from clearwork.documents.crypto import SealBroken
from clearwork.documents.storage import read_document
from clearwork.employers.models import Employer
from clearwork.exports.models import Export
from clearwork.exports.queries import part_names
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys
from clearwork.privacy.models import PrivacyIncident
from clearwork.results.models import Report

_OPENED = (Action.REPORT_VIEWED, Action.REPORT_DOWNLOADED)


@dataclass(frozen=True)
class Opening:
    """Someone at the employer saw a report before it was removed, or has its file.

    `is_system`: one of the employer's own systems, by the API.
    """

    name: str
    email: str
    at: datetime
    downloaded: bool
    is_system: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of a report that was removed, or of what has a stored file."""

    reports: Sequence[Report]
    openings: Sequence[Opening]
    download: Export | None = None

    @property
    def documents(self) -> list[str]:
        """The stored files it is about; none of a download whose day is over."""
        parts = part_names(self.download) if self.download else []
        return [report.document for report in self.reports] + parts


def facts(incident: PrivacyIncident) -> Facts:
    reports = Report.objects.filter(_about(incident), employer_id=incident.employer_id)
    shown = reports.select_related("employee", "center", "authorization")
    return Facts(
        list(shown.order_by("-posted_at", "-id")),
        openings(incident),
        _download(incident),
    )


def _download(incident: PrivacyIncident) -> Export | None:
    if incident.export_id is None:
        return None
    own = Export.objects.filter(employer_id=incident.employer_id)
    return own.filter(pk=incident.export_id).first()


def is_whole(found: Facts) -> bool:
    """Whether the stored file of what it is about can be read now."""
    try:
        return all(map(read_document, found.documents))
    except (OSError, SealBroken):
        return False


def openings(incident: PrivacyIncident) -> list[Opening]:
    """Each view and download, the latest first, from the audit trail."""
    own = Report.objects.filter(_about(incident), employer_id=incident.employer_id)
    about = list(own.values_list("pk", flat=True))
    events = list(audit.of_employer(incident.employer_id, _OPENED).filter(subject_id__in=about))
    people = _people({event.actor_id for event in events if event.actor_id})
    return [
        Opening(
            *people.get(event.actor_id, ("", "")),
            at=event.at,
            downloaded=event.action == Action.REPORT_DOWNLOADED,
            is_system=event.actor_kind == "integration",
        )
        for event in events
    ]


def names(incidents: Sequence[PrivacyIncident]) -> Mapping[UUID, str]:
    """Of those who reported or decided, by id."""
    ids = {pk for each in incidents for pk in (each.reported_by_id, each.decided_by_id) if pk}
    return {pk: name for pk, (name, _) in _people(ids).items() if pk}


def the_one(employer: Employer, first: str, last: str, born: date) -> Employee | None:
    """The employee of this name and date of birth, where exactly one fits."""
    key = name_keys(first, last)["name_key"]
    found = Employee.objects.filter(employer=employer, name_key=key, date_of_birth=born)[:2]
    fitting = list(found)
    return fitting[0] if len(fitting) == 1 else None


def _about(incident: PrivacyIncident) -> Q:
    """The reports it took away; the one it is about also when that was put back."""
    return Q(incident_id=incident.pk) | Q(pk=incident.report_id)


def _people(ids: set[UUID]) -> dict[UUID | None, tuple[str, str]]:
    return {user.pk: (str(user), user.email) for user in User.objects.filter(pk__in=ids)}
