"""What a new form begins with: the employer's defaults, a package, an order made before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.authorizations import catalogue, dot, instructions, queries
from clearwork.authorizations.models import Authorization, DotTestOrder, Draft
from clearwork.authorizations.rules import CENTRALIZED, Kind, Modality, Reason
from clearwork.centers import queries as centers
from clearwork.centers.models import Service, ServicePackage
from clearwork.foundation import clock
from clearwork.foundation.ids import read_uuid, read_uuids
from clearwork.people import queries as people

DUPLICATE = "duplicate"
_COPIED = ("worksite", "modality", "kind", "reason", "billing_note", "center_note", "center")
_INJURY = ("injury_date", "injury_time", "body_part", "what_happened", "claim_number", "insurer")


def initial(viewer: Viewer, asked: Mapping[str, str]) -> dict[str, Any]:
    """A new form's first values.

    `asked` is the address's query: `from` an authorization (`how=duplicate`: with its
    employee; else it is a template), a `package`, a `kind`, a `modality`, an `employee`, a
    `center`, a `reason`, a `service` by its code. What the viewer may not see is passed over
    like what is not there. `left_out` names services that the order or package had and that are
    not offered any more.
    """
    found = {**_usual(viewer), **_chosen(asked)}
    source = row(queries.in_full(viewer), asked.get("from", ""))
    if source is not None:
        found |= _of_order(source, with_employee=asked.get("how") == DUPLICATE)
        found |= {"left_out": _retired(source.services.all())}
    package = row(centers.packages(viewer), asked.get("package", ""))
    if package is not None:
        found |= of_package(package) | {"left_out": _retired(centers.packaged(package))}
    employee = row(people.employees(viewer), asked.get("employee", ""))
    if employee is not None:
        found |= {"employee": employee.pk, "worksite": employee.worksite_id}
    center = row(centers.centers(), asked.get("center", ""))
    if center is not None:
        found |= {"center": center.pk}
    if code := asked.get("service", "").replace("\0", ""):
        found |= _of_service(code)
    return _with_days(_with_place(viewer, _with_injury(found)))


def _retired(services: Iterable[Service]) -> list[str]:
    return [service.name for service in services if not service.is_active]


def _of_service(code: str) -> dict[str, Any]:
    service = centers.services().filter(code=code).first()
    return {"services": [service.pk], "kind": service.kind} if service else {}


def of_order(authorization: Authorization) -> dict[str, Any]:
    """All that an authorization says, for changing it."""
    return {
        **_of_order(authorization, with_employee=True),
        **{name: getattr(authorization, name) for name in _INJURY},
        **_of_dot_test(authorization.dot_tests.first(), with_donor=True),
        "valid_from": authorization.valid_from,
        "expires": authorization.expires,
        "revision": authorization.revision,
    }


def of_package(package: ServicePackage) -> dict[str, Any]:
    """Its services, and what else it says."""
    said = {name: getattr(package, name) for name in ("kind", "reason", "modality")}
    services = [service.pk for service in package.services.all()]
    return {name: value for name, value in said.items() if value} | {"services": services}


def of_draft(draft: Draft) -> dict[str, Any]:
    """What was typed into a form that was not sent, which goes on as the same one."""
    typed = {name: values[-1] for name, values in draft.typed.items() if values}
    services = read_uuids(draft.typed.get("services", ()))
    return typed | {"services": services, "submission": draft.submission}


def _usual(viewer: Viewer) -> dict[str, Any]:
    """What this person used last, and whom the employer's last DOT test named."""
    last = catalogue.last_of(viewer)
    named = _of_dot_test(catalogue.last_dot_test(viewer), with_donor=False)
    return {"worksite": last.worksite_id if last else _first_worksite(viewer), **named}


def _first_worksite(viewer: Viewer) -> UUID | None:
    """The one that the list of worksites shows chosen."""
    first = people.worksites(viewer).first()
    return first.pk if first else None


def _chosen(asked: Mapping[str, str]) -> dict[str, Any]:
    allowed: dict[str, type[Kind] | type[Modality] | type[Reason]] = {
        "kind": Kind,
        "modality": Modality,
        "reason": Reason,
    }
    return {name: asked[name] for name, enum in allowed.items() if asked.get(name) in set(enum)}


def _of_order(authorization: Authorization, *, with_employee: bool) -> dict[str, Any]:
    """What can be said of another day or person, too: no dates, and nothing of an injury."""
    found = {name: getattr(authorization, name) for name in _COPIED if name != "center"}
    found |= {"worksite": authorization.worksite_id, "center": authorization.center_id}
    found["services"] = [service.pk for service in authorization.services.all()]
    if with_employee:
        found |= {"who": "existing", "employee": authorization.employee_id}
    if test := authorization.dot_tests.first():
        found |= _of_dot_test(test, with_donor=False) | {"dot_specimen": test.specimen}
    return found


def _of_dot_test(test: DotTestOrder | None, *, with_donor: bool) -> dict[str, Any]:
    if test is None:
        return {}
    found = {f"dot_{name}": getattr(test, name) for name in dot.REMEMBERED}
    if with_donor:
        observed = {True: "yes", False: "no", None: ""}[test.observed]
        found |= {"dot_donor_id": test.donor_id, "dot_observed": observed}
        found |= {"dot_specimen": test.specimen}
    return found


def _with_injury(found: dict[str, Any]) -> dict[str, Any]:
    """An injury is mostly told of at once: today, now, with the usual first care."""
    now = clock.now().astimezone()
    usual: dict[str, Any] = {"injury_date": now.date(), "injury_time": now.time()}
    if found.get("kind") == Kind.INJURY:
        first = catalogue.first_care(found.get("modality", Modality.IN_CENTER))
        usual |= {"reason": Reason.OTHER, "services": [first.pk] if first else []}
    return usual | found


def _with_place(viewer: Viewer, found: dict[str, Any]) -> dict[str, Any]:
    usual = centers.defaults(viewer, found.get("worksite"))
    if found.get("modality") not in CENTRALIZED and not found.get("center") and usual.center:
        found = {**found, "center": usual.center.pk}
    return {"billing_note": usual.billing_note, **found}


def _with_days(found: dict[str, Any]) -> dict[str, Any]:
    days = instructions.valid_days(found.get("modality", Modality.IN_CENTER))
    return {"expires": clock.today() + timedelta(days=days), **found}


def row(rows: Any, pk: str) -> Any:
    """The row with this id among those one may see; None for any other text."""
    found = read_uuid(pk)
    return rows.filter(pk=found).first() if found else None
