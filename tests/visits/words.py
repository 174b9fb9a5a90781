"""What a center's system says of a visit beside its documents."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from clearwork.authorizations.models import Authorization
from clearwork.centers.models import MedicalCenter
from clearwork.foundation import clock
from tests.exchange import wire

LIFTING = "Lifting: up to 15 lb"


def hl7(day: date) -> str:
    return f"{day:%Y%m%d}"


def days(number: int) -> date:
    """Some days from now; before now where it is negative."""
    return clock.today() + timedelta(days=number)


def said(code: str, value: str, kind: str = "ST") -> str:
    return f"OBX|9|{kind}|{code}^^99CW||{value}||||||F"


def work_status(
    authorization: Authorization,
    center: MedicalCenter,
    *coded: str,
    visited: date | None = None,
    control_id: str | None = None,
    number: str | None = None,
    account: str = "",
    as_what: str = "F",
    filler: str = "F-1",
    sent: int = 0,
) -> bytes:
    """An activity status report with these coded segments after it.

    `as_what` is OBX-11, `filler` ORC-3; `sent` so many minutes after noon.
    """
    kind = f"{authorization.kind}_activity_status"
    named = authorization.number if number is None else number
    parts = wire.document(named, kind=kind, title="Activity status report", account=account)
    parts = [part.replace("|F-1|", f"|{filler}|") for part in parts]
    parts[-1] = parts[-1].replace("||||||F|||", f"||||||{as_what}|||")
    if visited:
        parts = [part.replace("20261101093000", f"{visited:%Y%m%d}093000") for part in parts]
    who = wire.person(authorization.employee)
    time = f"2026110112{sent:02}00-0600"
    return wire.message(center, who, *parts, *coded, control_id=control_id, sent=time)


def taken_back(authorization: Authorization, center: MedicalCenter, filler: str = "F-1") -> bytes:
    """The same report, withdrawn."""
    kind = f"{authorization.kind}_activity_status^Activity status report^99CW"
    orc = f"ORC|RE|{authorization.number}^CLEARWORK|{filler}"
    obx = f"OBX|1||{kind}||||||||W"
    return wire.message(center, wire.person(authorization.employee), orc, obx)


def restricted(until: date | None, *restrictions: str) -> tuple[str, ...]:
    limits = (said("RESTRICTION", text) for text in restrictions or (LIFTING,))
    last = (said("UNTIL", hl7(until), "DT"),) if until else ()
    return (said("WORKSTATUS", "restricted^Restricted duty^99CW", "CE"), *limits, *last)


def dot_card(
    authorization: Authorization, center: MedicalCenter, certified: date, expires: date, *more: str
) -> bytes:
    coded = (
        said("CERTFROM", hl7(certified), "DT"),
        said("CERTUNTIL", hl7(expires), "DT"),
        *more,
    )
    parts = wire.document(authorization.number)
    return wire.message(center, wire.person(authorization.employee), *parts, *coded)


control_ids = map("CW{:06}".format, count(1))
