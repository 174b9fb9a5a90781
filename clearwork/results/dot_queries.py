"""Reading drivers' certificates: those of reports the viewer may see, each driver's last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from clearwork.access.decide import Viewer
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.queries import authorizations
from clearwork.authorizations.rules import OPEN
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.foundation.choices import LabelledEnum
from clearwork.people.models import Employee
from clearwork.people.queries import employees, name_starts_with, of_those_named
from clearwork.results.dot_models import DotCertificate
from clearwork.results.models import Report

PHYSICAL = "DOT-PHYS"
"""The catalogue's code of the physical that a card comes of."""


class Show(LabelledEnum):
    """Which drivers one looks at."""

    ALL = "", "All"
    EXPIRED = "expired", "Expired"
    WITHIN_7 = "7", "Within 7 days"
    WITHIN_30 = "30", "Within 30 days"
    WITHIN_60 = "60", "Within 60 days"
    VALID = "valid", "Longer"
    NONE = "none", "No card"


@dataclass(frozen=True)
class Criteria:
    """What one searches by; empty means any."""

    name: str = ""
    worksite: UUID | None = None


def certificates(viewer: Viewer) -> QuerySet[DotCertificate]:
    """Each driver's last certificate, of those still employed."""
    own = DotCertificate.objects.filter(
        employer_id=viewer.employer_id, employee__employer_id=viewer.employer_id
    )
    grants = viewer.grants
    if ReportKind.NON_INJURY not in grants.kinds or grants.restrictions_only:
        return own.none()
    if grants.worksites is not None:
        own = own.filter(employee__worksite__in=grants.worksites)
    return own.filter(is_current=True, employee__is_active=True)


def found(viewer: Viewer, criteria: Criteria) -> QuerySet[DotCertificate]:
    """Each with `to_read`, the report of a newer card that came without its dates, or None, and
    `renewal`, an open order of the next physical."""
    listed = certificates(viewer)
    if criteria.name:
        listed = listed.filter(of_those_named(viewer, criteria.name))
    if criteria.worksite:
        listed = listed.filter(employee__worksite_id=criteria.worksite)
    newer = _without_dates().filter(
        employee=OuterRef("employee"), visit_date__gt=OuterRef("certified_from")
    )
    renewals = _renewals(viewer).filter(
        employee=OuterRef("employee"), created_at__date__gt=OuterRef("certified_from")
    )
    listed = listed.annotate(to_read=_first(newer), renewal=_first(renewals))
    return listed.select_related("employee__worksite", "center")


def _first(found: QuerySet[Any]) -> Subquery:
    return Subquery(found.values("pk")[:1])


def _renewals(viewer: Viewer) -> QuerySet[Authorization]:
    """Open orders of a DOT physical, of those this viewer may see; the newest first."""
    orders = authorizations(viewer).filter(state__in=sorted(OPEN), services__code=PHYSICAL)
    return orders.order_by("-created_at", "-id")


def _without_dates() -> QuerySet[Report]:
    """Cards whose center sent no dates with them: they alone say until when. The newest first."""
    standing = Report.objects.filter(
        employer_id=OuterRef("employer_id"),
        report_type=ReportType.MEC_DOT_CARD,
        superseded_by=None,
        withdrawn_at=None,
        incident_id=None,
        destroyed_at=None,
    )
    return standing.filter(dot_certificates=None).order_by("-visit_date", "-posted_at", "-id")


def shown(show: str, today: date) -> Q:
    """Within so many days: today and the last of them included."""
    if show in ("7", "30", "60"):
        return Q(expires__gte=today, expires__lte=today + timedelta(days=int(show)))
    if show == Show.EXPIRED:
        return Q(expires__lt=today)
    if show == Show.VALID:
        return Q(expires__gt=today + timedelta(days=60))
    return Q(pk__isnull=False)


def counts(viewer: Viewer, criteria: Criteria, today: date) -> Mapping[Show, int]:
    """How many there are of each; of drivers without a card, too."""
    with_card = [show for show in Show if show != Show.NONE]
    wanted = {show.name: Count("pk", filter=shown(show, today)) for show in with_card}
    counted = found(viewer, criteria).aggregate(**wanted)
    none = without_card(viewer, criteria).count()
    return {show: counted.get(show.name, none) for show in Show}


def without_card(viewer: Viewer, criteria: Criteria) -> QuerySet[Employee]:
    """DOT drivers of whom no center has sent a certificate, by last name; with the same, too."""
    drivers = employees(viewer).filter(is_dot_driver=True, is_active=True)
    if ReportKind.NON_INJURY not in viewer.grants.kinds or viewer.grants.restrictions_only:
        return drivers.none()
    card = DotCertificate.objects.filter(
        employer_id=viewer.employer_id, employee=OuterRef("pk"), is_current=True
    )
    drivers = drivers.filter(~Exists(card))
    if criteria.name:
        drivers = drivers.filter(name_starts_with(criteria.name))
    if criteria.worksite:
        drivers = drivers.filter(worksite_id=criteria.worksite)
    came = _without_dates().filter(employee=OuterRef("pk"))
    renewals = _renewals(viewer).filter(employee=OuterRef("pk"))
    drivers = drivers.annotate(to_read=_first(came), renewal=_first(renewals))
    return drivers.select_related("worksite").order_by("name_key_reversed", "id")
