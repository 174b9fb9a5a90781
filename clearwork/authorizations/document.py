"""The authorization as a PDF: one page, tagged, with a QR code of its number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from clearwork.access.decide import Viewer
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.centers.models import MedicalCenter, Service
from clearwork.documents.typesetting import qr_svg, typeset
from clearwork.employers.models import Worksite
from clearwork.people.models import Employee

_TEMPLATE = Path(__file__).parent / "templates" / "authorization.typ"
_DATE = "%B %-d, %Y"


def render(
    authorization: Authorization,
    *,
    viewer: Viewer,
    employee: Employee,
    worksite: Worksite,
    center: MedicalCenter | None,
    services: Sequence[Service],
) -> bytes:
    return typeset(
        _TEMPLATE,
        {
            **_network(),
            "number": authorization.number,
            "qr_svg": qr_svg(authorization.number),
            "issued_at": authorization.created_at.astimezone().strftime("%B %-d, %Y, %-I:%M %p"),
            "employer_name": viewer.employer_name,
            "account_number": viewer.account_number,
            "worksite": worksite.name,
            "employee_name": str(employee),
            "date_of_birth": employee.date_of_birth.strftime(_DATE),
            "modality": Modality(authorization.modality).label,
            "center": _center(center),
            "kind": Kind(authorization.kind).label,
            "reason": Reason(authorization.reason).label,
            "services": [{"code": s.code, "name": s.name} for s in services],
            "injury": _injury(authorization),
            "valid_from": authorization.valid_from.strftime(_DATE),
            "expires": authorization.expires.strftime(_DATE),
            "note": authorization.center_note,
            "billing_note": authorization.billing_note,
            "authorized_by": viewer.name,
        },
    )


def _network() -> dict[str, str]:
    environment = settings.ENVIRONMENT
    return {
        "network_name": environment.network_name,
        "support_phone": environment.support_phone,
        "support_hours": environment.support_hours,
    }


def _center(center: MedicalCenter | None) -> dict[str, str] | None:
    if center is None:
        return None
    return {
        "name": center.name,
        "address": center.address,
        "phone": center.phone,
        "hours": center.hours,
    }


def _injury(authorization: Authorization) -> dict[str, Any] | None:
    if authorization.kind != Kind.INJURY:
        return None
    date, time = authorization.injury_date, authorization.injury_time
    return {
        "date": date.strftime(_DATE) if date else "",
        "time": time.strftime("%-I:%M %p") if time else "",
        "body_part": authorization.body_part,
        "description": authorization.what_happened,
        "claim_number": authorization.claim_number,
        "insurer": authorization.insurer,
    }
