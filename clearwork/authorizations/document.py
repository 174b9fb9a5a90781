"""The authorization as a PDF: a page each, tagged, made from the rows whenever it is asked for.

What the page holds is the minimum necessary to be let in and be given the right care. The order
itself reaches the center electronically with everything else, so that the page leaves out: the
day and month of birth (the front desk asks for them and compares with the order; the year tells
namesakes apart), what happened, the claim number and insurer, the notes to center and billing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from clearwork.authorizations import instructions
from clearwork.authorizations.dot import Agency, Specimen
from clearwork.authorizations.models import Authorization, DotTestOrder
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.centers.models import MedicalCenter
from clearwork.documents.apart import typeset_apart
from clearwork.documents.barcode import code128_svg
from clearwork.documents.typesetting import qr_svg, typeset

_FEW = 25  # are drawn sooner than another process is there
_TEMPLATE = Path(__file__).parent / "templates" / "authorization.typ"


def render(authorizations: Sequence[Authorization]) -> bytes:
    """One PDF, a page for each; rows as queries.to_print gives them. ValueError without any."""
    return typeset(_TEMPLATE, _data(authorizations))


def render_each(groups: Sequence[Sequence[Authorization]]) -> list[bytes]:
    """A PDF of each group as render() makes it; many are made by a process of their own."""
    if sum(map(len, groups)) <= _FEW:
        return [render(group) for group in groups]
    return typeset_apart(_TEMPLATE, [_data(group) for group in groups])


def _data(authorizations: Sequence[Authorization]) -> dict[str, Any]:
    if not authorizations:
        raise ValueError("nothing to print")
    return {**_network(), "pages": [_page(one) for one in authorizations]}


def _network() -> dict[str, str]:
    own = settings.ENVIRONMENT
    return {
        "network_name": own.network_name,
        "support_phone": own.support_phone,
        "support_hours": own.support_hours,
    }


def _page(authorization: Authorization) -> dict[str, Any]:
    number, employer = authorization.number, authorization.employer
    return {
        "number": number,
        "qr_svg": qr_svg(number),
        "bar_svg": code128_svg(number),
        "issued": _moment(authorization.created_at),
        "authorized_by": str(authorization.created_by),
        "employer": employer.legal_name,
        "account_number": employer.account_number,
        "employer_phone": employer.phone,
        "worksite": authorization.worksite.name,
        "employee": str(authorization.employee),
        "born": str(authorization.employee.date_of_birth.year),
        "valid_from": _day(authorization.valid_from),
        "expires": _day(authorization.expires),
        **_care(authorization),
    }


def _care(authorization: Authorization) -> dict[str, Any]:
    remote = instructions.remote(authorization.modality)
    return {
        "modality": Modality(authorization.modality).label,
        "kind": Kind(authorization.kind).label,
        "reason": Reason(authorization.reason).label,
        "center": _center(authorization.center),
        "remote": remote.name if remote else "",
        "steps": [*instructions.steps(authorization.modality), *_for_services(authorization)],
        "services": [{"code": s.code, "name": s.name} for s in authorization.services.all()],
        "injury": _injury(authorization),
        "dot": [dot_facts(test) for test in authorization.dot_tests.all()],
    }


def _for_services(authorization: Authorization) -> list[str]:
    """What to bring and to do beforehand, said once however many services ask for it."""
    services = list(authorization.services.all())
    bring = dict.fromkeys(line for one in services for line in one.bring.splitlines() if line)
    prepare = dict.fromkeys(one.prepare for one in services if one.prepare)
    return [*([f"Bring also: {'; '.join(bring)}."] if bring else []), *prepare]


def _center(center: MedicalCenter | None) -> dict[str, str] | None:
    if center is None:
        return None
    return {
        "name": center.name,
        "address": center.address,
        "phone": center.phone,
        "hours": center.hours,
    }


def _injury(authorization: Authorization) -> dict[str, str] | None:
    if authorization.kind != Kind.INJURY or authorization.injury_date is None:
        return None
    return {"date": _day(authorization.injury_date), "body_part": authorization.body_part}


def dot_facts(test: DotTestOrder) -> list[list[str]]:
    """Name and value of what the collector needs (49 CFR 40.14)."""
    rows = [
        ["DOT agency", Agency(test.agency).label],
        ["Employee ID", test.donor_id],
        ["Specimen", Specimen(test.specimen).label if test.specimen else ""],
        ["Directly observed", {True: "Yes", False: "No", None: ""}[test.observed]],
        ["Employer's representative (DER)", _joined(test.der_name, test.der_phone)],
        ["Laboratory", _joined(test.laboratory_name, test.laboratory_address)],
        ["Medical review officer", _joined(test.mro_name, test.mro_address, test.mro_phone)],
        ["MRO's fax", test.mro_fax],
        ["C/TPA", _joined(test.ctpa_name, test.ctpa_address, test.ctpa_phone)],
    ]
    return [row for row in rows if row[1]]


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _day(day: date) -> str:
    return day.strftime("%B %-d, %Y")


def _moment(moment: datetime) -> str:
    return moment.astimezone().strftime("%B %-d, %Y, %-I:%M %p")
