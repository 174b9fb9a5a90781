"""What a document says, said once more in coded values: work status, a driver's certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from clearwork.demo.clinic import wire
from clearwork.demo.clinic.examination import complete

type Said = tuple[str, str, str]
"""OBX-3.1, OBX-2, and OBX-5 already escaped."""

_DUTY = {"Off work": "off", "Restricted duty": "restricted", "Full duty": "full"}
# When all is well, and when there are limits.
_OUTCOMES = {
    "fit_test": ("passed", "passed"),
    "respirator_clearance": ("cleared", "cleared_limited"),
    "pre_placement_physical": ("qualified", "qualified_limited"),
    "human_performance_evaluation": ("met", "met"),
}
_LIMITATIONS = {
    "corrective_lenses": "Wearing corrective lenses",
    "hearing_aid": "Wearing hearing aid",
}


def said(report_type: str, facts: Mapping[str, str]) -> tuple[Said, ...]:
    """What was done; with an activity status report and a MEC DOT card, what they say, too."""
    shown = complete(report_type, facts)
    more = {
        "injury_activity_status": _work_status,
        "non_injury_activity_status": _work_status,
        "mec_dot_card": _certificate,
    }
    said = more[report_type](shown) if report_type in more else _outcome(report_type, shown)
    return (*_services(shown), *said)


def _outcome(report_type: str, shown: Mapping[str, str]) -> Iterator[Said]:
    if report_type in _OUTCOMES:
        well, limited = _OUTCOMES[report_type]
        text = f"{shown.get('limits', 'None')} {shown.get('findings', '')}"
        code = limited if not text.startswith("None") or "a shift" in text else well
        yield "OUTCOME", "CE", wire.components(code, code.replace("_", " "), "99CW")


def _services(shown: Mapping[str, str]) -> Iterator[Said]:
    for row in shown["services"].split("\n"):
        name, _, state = row.partition("\t")
        if state == "Completed":
            yield "SERVICE", "ST", wire.escape(name)


def _work_status(shown: Mapping[str, str]) -> Iterator[Said]:
    duty = shown.get("work_status", "")
    if duty not in _DUTY:
        return
    yield "WORKSTATUS", "CE", wire.components(_DUTY[duty], duty, "99CW")
    yield from _days(shown, {"FROM": "status_from", "UNTIL": "status_until"})
    for row in filter(None, shown.get("restrictions", "").split("\n")):
        activity, _, limit = row.partition("\t")
        yield "RESTRICTION", "ST", wire.escape(f"{activity}: {limit}")
    if at := shown.get("next_appointment"):
        local = datetime.fromisoformat(at).astimezone()
        yield "NEXTAPPT", "TS", wire.timestamp(local)


def _certificate(shown: Mapping[str, str]) -> Iterator[Said]:
    yield from _days(shown, {"CERTFROM": "certificate_date", "CERTUNTIL": "expiration_date"})
    yield "REGISTRY", "ST", wire.escape(shown["registry_number"])
    for fact, words in _LIMITATIONS.items():
        if shown.get(fact):
            yield "LIMITATION", "CE", wire.components(fact, words, "99CW")


def _days(shown: Mapping[str, str], facts: Mapping[str, str]) -> Iterator[Said]:
    for code, fact in facts.items():
        if day := shown.get(fact, ""):
            yield code, "DT", day.replace("-", "")
