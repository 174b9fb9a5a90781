"""What all authorizations of one batch say, as it is kept in AuthorizationBatch.order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from clearwork.authorizations import ordering
from clearwork.authorizations.dot import DotTest, looks_like_ssn
from clearwork.authorizations.rules import Kind, Modality, Reason
from clearwork.centers import queries as centers
from clearwork.centers.models import MedicalCenter, Service

_ANY_ID = "-"  # each row brings its own


@dataclass(frozen=True)
class Terms:
    """`worksite` is where people work whose rows name none; `dot` lacks the donor's ID."""

    modality: Modality
    reason: Reason
    services: Sequence[Service]
    center: MedicalCenter | None
    valid_from: date
    expires: date
    worksite: UUID | None = None
    billing_note: str = ""
    center_note: str = ""
    dot: DotTest | None = None
    # Injuries are authorized one at a time, because each one is different.
    kind: Kind = Kind.NON_INJURY

    def problems(self, today: date) -> Iterator[ordering.Problem]:
        """Why nobody could be authorized like this today; fields as of the form."""
        wanted = ordering.Unfinished(
            modality=self.modality,
            kind=self.kind,
            reason=self.reason,
            center=self.center,
            services=self.services,
            valid_from=self.valid_from,
            expires=self.expires,
            dot=replace(self.dot, donor_id=_ANY_ID) if self.dot else None,
        )
        yield from ordering.problems(wanted)
        yield from ordering.problems_today(wanted, today, since=self.valid_from)

    def not_offered(self) -> Iterator[ordering.Problem]:
        """What was retired, or the center gave up, since the order was written down."""
        offered = centers.offered_by(self.center) if self.center else centers.services()
        ids = [service.pk for service in self.services]
        there = set(offered.filter(pk__in=ids).values_list("pk", flat=True))
        if missing := [service.name for service in self.services if service.pk not in there]:
            where = f" at {self.center.name}" if self.center else ""
            yield "services", f"Not offered any more{where}: {', '.join(missing)}."

    def donor_problem(self, number: str) -> str:
        """What is wrong with this employee number as a DOT test's donor ID; "" for nothing."""
        if self.dot is None:
            return ""
        if not number:
            return "A DOT test needs the employee's ID number."
        if looks_like_ssn(number):
            return "This looks like a social security number. Give your own ID number."
        return ""


def to_json(terms: Terms) -> dict[str, Any]:
    return {
        "modality": terms.modality.value,
        "reason": terms.reason.value,
        "services": [str(service.pk) for service in terms.services],
        "center": str(terms.center.pk) if terms.center else None,
        "valid_from": terms.valid_from.isoformat(),
        "expires": terms.expires.isoformat(),
        "worksite": str(terms.worksite) if terms.worksite else None,
        "billing_note": terms.billing_note,
        "center_note": terms.center_note,
        "dot": asdict(terms.dot) if terms.dot else None,
    }


def from_json(kept: Mapping[str, Any]) -> Terms:
    """With the center and the services as they are today, closed or not."""
    center = kept["center"] and MedicalCenter.objects.get(pk=kept["center"])
    return Terms(
        modality=Modality(kept["modality"]),
        reason=Reason(kept["reason"]),
        services=list(Service.objects.filter(pk__in=kept["services"])),
        center=center or None,
        valid_from=date.fromisoformat(kept["valid_from"]),
        expires=date.fromisoformat(kept["expires"]),
        worksite=UUID(kept["worksite"]) if kept["worksite"] else None,
        billing_note=kept["billing_note"],
        center_note=kept["center_note"],
        dot=DotTest(**kept["dot"]) if kept["dot"] else None,
    )
