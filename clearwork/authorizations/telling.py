"""An order in words, and what is different between two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, time
from enum import Enum
from typing import Any

from clearwork.authorizations.actions import Order, facts
from clearwork.authorizations.dot import Agency, DotTest, Specimen
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Kind, Modality, Reason

_LABELS = {
    "worksite": "Worksite",
    "modality": "How they are seen",
    "center": "Medical center",
    "kind": "Kind of care",
    "reason": "Reason",
    "services": "Services",
    "injury_date": "Date of injury",
    "injury_time": "Time of injury",
    "body_part": "What is hurt",
    "what_happened": "What happened",
    "claim_number": "Claim number",
    "insurer": "Insurer",
    "valid_from": "Valid from",
    "expires": "Expires",
    "center_note": "Note to the center",
    "billing_note": "Billing note",
    "dot": "DOT test",
}
_ENUMS: dict[str, Any] = {"modality": Modality, "kind": Kind, "reason": Reason}


@dataclass(frozen=True)
class Difference:
    """One thing two versions of an order say differently, in words."""

    label: str
    saved: str
    typed: str


def differences(saved: Authorization, typed: Order) -> list[Difference]:
    """What is saved beside what was typed, where the two differ."""
    there, here = in_words(saved), _order_in_words(typed)
    return [
        Difference(label, there[name], here[name])
        for name, label in _LABELS.items()
        if there[name] != here[name]
    ]


def in_words(authorization: Authorization) -> dict[str, str]:
    """What a saved order says, by field."""
    values = {
        name: getattr(authorization, name) for name in _LABELS if name not in ("services", "dot")
    }
    tests = [
        {name: getattr(test, name) for name in DotTest.__dataclass_fields__}
        for test in authorization.dot_tests.all()
    ]
    return _words(values, authorization.services.all(), tests[0] if tests else None)


def _order_in_words(order: Order) -> dict[str, str]:
    return _words(facts(order), order.services, asdict(order.dot) if order.dot else None)


def _words(
    values: Mapping[str, Any], services: Iterable[object], test: Mapping[str, Any] | None
) -> dict[str, str]:
    words = {name: _word(name, value) for name, value in values.items()}
    words["services"] = ", ".join(sorted(str(service) for service in services))
    words["dot"] = _test_in_words(test) if test else ""
    return words


def _word(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name in _ENUMS:
        return str(_ENUMS[name](value).label)
    if isinstance(value, date):
        return f"{value:%B} {value.day}, {value.year}"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def _test_in_words(test: Mapping[str, Any]) -> str:
    observed = {True: "observed", False: "not observed", None: ""}[test["observed"]]
    shown: dict[str, type[Enum]] = {"agency": Agency, "specimen": Specimen}
    words = [
        str(shown[name](value).label) if name in shown and value else str(value)  # type: ignore[attr-defined]
        for name, value in test.items()
        if name != "observed"
    ]
    return ", ".join(filter(None, [*words, observed]))
