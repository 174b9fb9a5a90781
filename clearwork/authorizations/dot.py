"""What a DOT drug or alcohol test needs before it may be ordered (49 CFR 40.14). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from clearwork.authorizations.rules import Reason
from clearwork.foundation.choices import LabelledEnum


class Agency(LabelledEnum):
    """The DOT agency whose rules the employee's duties fall under (40.14(g))."""

    FMCSA = "fmcsa", "FMCSA: trucks and buses"
    FAA = "faa", "FAA: aviation"
    FRA = "fra", "FRA: railroads"
    FTA = "fta", "FTA: public transit"
    PHMSA = "phmsa", "PHMSA: pipelines"
    USCG = "uscg", "USCG: vessels"


class Specimen(LabelledEnum):
    """What is collected for a drug test (40.14(k))."""

    URINE = "urine", "Urine"
    ORAL_FLUID = "oral_fluid", "Oral fluid"


REASONS: dict[Reason, str] = {
    Reason.PRE_PLACEMENT: "Before the first safety-sensitive duty. DOT calls it pre-employment; "
    "a verified negative drug result must be there before the work begins.",
    Reason.RANDOM: "The employee was drawn by a neutral method. Send them at once: "
    "nobody may be warned or chosen by hand.",
    Reason.POST_ACCIDENT: "After an accident your agency's rule names. For FMCSA: alcohol within "
    "8 hours, drugs within 32 hours; care for the injured comes first.",
    Reason.REASONABLE_SUSPICION: "A trained supervisor saw signs of use (FRA: reasonable cause). "
    "Write the observations down, and do not let the employee drive.",
    Reason.RETURN_TO_DUTY: "After a violation and the substance abuse professional's go-ahead. "
    "A drug collection must be directly observed.",
    Reason.FOLLOW_UP: "From the substance abuse professional's plan after return to duty: at least "
    "6 in the first 12 months. A drug collection must be directly observed.",
}
"""The reasons DOT knows (40.14(h)), in plain words; no other may be given for a DOT test."""

OBSERVED = frozenset({Reason.RETURN_TO_DUTY, Reason.FOLLOW_UP})
"""An employer must direct these drug collections to be observed (40.67(b))."""

NEEDED = {
    "donor_id": "the employee's ID number",
    "agency": "the DOT agency",
    "der_name": "the name of your designated employer representative (DER)",
    "der_phone": "the DER's phone",
}
NEEDED_FOR_DRUGS = {
    "specimen": "the specimen: urine or oral fluid",
    "observed": "whether the collection is directly observed",
    "laboratory_name": "the laboratory's name",
    "laboratory_address": "the laboratory's address",
    "mro_name": "the name of the medical review officer (MRO)",
    "mro_address": "the MRO's address",
    "mro_phone": "the MRO's phone",
}
OF_DRUG_TESTS = frozenset(NEEDED_FOR_DRUGS) - {"observed"} | {"mro_fax"}
"""What an alcohol test alone has not."""
REMEMBERED = (
    "agency",
    "der_name",
    "der_phone",
    "laboratory_name",
    "laboratory_address",
    "mro_name",
    "mro_address",
    "mro_phone",
    "mro_fax",
    "ctpa_name",
    "ctpa_address",
    "ctpa_phone",
)
"""What one order has from the one before; nothing of it speaks of an employee."""


@dataclass(frozen=True)
class DotTest:
    """One order's data for the collector; the paragraphs of 40.14 each stands for.

    `donor_id` (b) is the employer's own number for the employee, never the SSN. The collection
    site is the order's medical center. `observed` is None until somebody decided (i).
    Specimen, laboratory (c) and MRO (f) are of drug tests alone; the C/TPA (j) only where used.
    """

    donor_id: str = ""
    agency: str = ""
    specimen: str = ""
    observed: bool | None = None
    der_name: str = ""
    der_phone: str = ""
    laboratory_name: str = ""
    laboratory_address: str = ""
    mro_name: str = ""
    mro_address: str = ""
    mro_phone: str = ""
    mro_fax: str = ""
    ctpa_name: str = ""
    ctpa_address: str = ""
    ctpa_phone: str = ""


def problems(test: DotTest, *, reason: Reason | None, for_drugs: bool) -> Iterator[tuple[str, str]]:
    """Each field that stands in the way, with what is wrong. `for_drugs`: not alcohol alone."""
    given = asdict(test)
    needed = NEEDED | (NEEDED_FOR_DRUGS if for_drugs else {})
    for field, name in needed.items():
        if given[field] in ("", None):
            yield field, f"A DOT test needs {name}."
    if reason is not None and reason not in REASONS:
        yield "reason", f"DOT knows no {reason.label.lower()} test. Choose one of its reasons."
    if for_drugs and reason in OBSERVED and test.observed is False:
        yield "observed", f"A {reason.label.lower()} drug test must be directly observed."
    if looks_like_ssn(test.donor_id):
        yield "donor_id", "This looks like a social security number. Give your own ID number."


def looks_like_ssn(donor_id: str) -> bool:
    parts = donor_id.strip().replace(" ", "-").split("-")
    return [len(part) for part in parts] == [3, 2, 4] and all(part.isdigit() for part in parts)
