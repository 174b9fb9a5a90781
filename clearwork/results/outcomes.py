"""What a report comes to, in a word: only where an employer may know it. Pure.

A drug or alcohol test, a laboratory's finding, a hearing test or an opinion letter has no word
here: what it says is in the report, or at the laboratory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from clearwork.employers.rules import ReportType
from clearwork.foundation.choices import LabelledEnum


class Outcome(LabelledEnum):
    """The first four are a work status' own words: see visits.rules.Duty."""

    UNKNOWN = "unknown", "Status not known"
    OFF_WORK = "off_work", "Off work"
    RESTRICTED = "restricted", "Restricted duty"
    FULL_DUTY = "full_duty", "Full duty"
    CERTIFIED = "certified", "Certified"
    PASSED = "passed", "Passed"
    NOT_PASSED = "not_passed", "Not passed"
    CLEARED = "cleared", "Cleared"
    CLEARED_LIMITED = "cleared_limited", "Cleared with limits"
    NOT_CLEARED = "not_cleared", "Not cleared"
    QUALIFIED = "qualified", "Qualified"
    QUALIFIED_LIMITED = "qualified_limited", "Qualified with limits"
    NOT_QUALIFIED = "not_qualified", "Not qualified"
    MET = "met", "Meets the job's demands"
    NOT_MET = "not_met", "Does not meet the job's demands"


# 29 CFR 1910.134(f) and (e)(6); 29 CFR 1630.14(b)(1)(i) and (c)(1)(i): what supervisors may know.
SAID: Mapping[ReportType, tuple[Outcome, ...]] = {
    ReportType.FIT_TEST: (Outcome.PASSED, Outcome.NOT_PASSED),
    ReportType.RESPIRATOR_CLEARANCE: (
        Outcome.CLEARED,
        Outcome.CLEARED_LIMITED,
        Outcome.NOT_CLEARED,
    ),
    ReportType.PRE_PLACEMENT_PHYSICAL: (
        Outcome.QUALIFIED,
        Outcome.QUALIFIED_LIMITED,
        Outcome.NOT_QUALIFIED,
    ),
    ReportType.HPE: (Outcome.MET, Outcome.NOT_MET),
}


def outcome(kind: ReportType, code: str) -> Outcome | None:
    """What a center's code means for this type; None where it may not be said, or is unknown."""
    said = re.sub(r"[\s-]+", "_", code.strip().lower())
    return next((each for each in SAID.get(kind, ()) if each == said), None)
