"""What there is to know of each report type: what it is, who needs it, how long it is kept. Pure.

How long is the law's least; a network may keep longer (CLEARWORK_RETENTION_YEARS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clearwork.employers.rules import ReportType


@dataclass(frozen=True)
class Retention:
    """`years` from the visit; `after_employment`, from the day the employee left; `after_year`,
    from the end of the calendar year of the visit; `until_next`, and until there is a later one.

    `citation` is the rule that says so, in the Code of Federal Regulations.
    """

    years: int
    citation: str
    after_employment: bool = False
    after_year: bool = False
    until_next: bool = False

    @property
    def words(self) -> str:
        since = "after employment ends" if self.after_employment else "after the visit"
        since = "after the year of the visit ends" if self.after_year else since
        then = ", and until the next one" if self.until_next else ""
        return f"Kept for {self.years} year{'' if self.years == 1 else 's'} {since}{then}"


@dataclass(frozen=True)
class ReportFacts:
    """`subscribers`: whose job it usually is to receive it."""

    description: str
    subscribers: str
    retention: Retention


_MEDICAL = Retention(30, "29 CFR 1910.1020(d)(1)(i)", after_employment=True)
_INJURY_LOG = Retention(5, "29 CFR 1904.33(a)", after_year=True)
_DRIVER_FILE = Retention(3, "49 CFR 391.51(d)")
_DRUG_TEST = Retention(5, "49 CFR 382.401(b)(1)")
_NOISE = Retention(30, "29 CFR 1910.1020(d)(1)(i), beyond 1910.95(m)(3)", after_employment=True)
_SAFETY, _CLAIMS = "Safety manager", "Safety manager, claims contact"
_DER, _FLEET = "Designated employer representative (DER)", "Fleet or DOT compliance manager"
_HIRING = "Human resources"

FACTS: Mapping[ReportType, ReportFacts] = {
    ReportType.INJURY_ACTIVITY_STATUS: ReportFacts(
        "What the employee may and may not do after an injury visit, and until when.",
        _CLAIMS,
        _INJURY_LOG,
    ),
    ReportType.FIRST_NOTICE_OF_INJURY: ReportFacts(
        "Says that an employee was first seen for an injury, with the claim's data.",
        _CLAIMS,
        _INJURY_LOG,
    ),
    ReportType.PATIENT_REFERRAL: ReportFacts(
        "Sends the employee on to a specialist, therapy or imaging.", _CLAIMS, _INJURY_LOG
    ),
    ReportType.RECHECK_REMINDER: ReportFacts(
        "The date and place of the employee's next appointment.", _SAFETY, _INJURY_LOG
    ),
    ReportType.STATE_INJURY_REPORT: ReportFacts(
        "The form a state asks for after a work injury.", _CLAIMS, _INJURY_LOG
    ),
    ReportType.CUSTODY_AND_CONTROL: ReportFacts(
        "Who held a drug test's specimen, from the collection to the laboratory.",
        _DER,
        Retention(2, "49 CFR 382.401(b)(2)"),
    ),
    ReportType.ALCOHOL_TESTING: ReportFacts(
        "The result of a breath or saliva alcohol test, as the technician wrote it.",
        _DER,
        _DRUG_TEST,
    ),
    ReportType.DRUG_SCREEN_LINK: ReportFacts(
        "Where a drug screen's result is found: in the laboratory's own portal.", _DER, _DRUG_TEST
    ),
    ReportType.CUSTOMER_PROPRIETARY: ReportFacts(
        "Your own form, filled in at the medical center.", _HIRING, _MEDICAL
    ),
    ReportType.NON_INJURY_ACTIVITY_STATUS: ReportFacts(
        "What the employee may and may not do at work, for a reason that is no work injury.",
        "Human resources, safety manager",
        _MEDICAL,
    ),
    ReportType.MEC_DOT_CARD: ReportFacts(
        "The medical examiner's certificate a commercial driver carries.", _FLEET, _DRIVER_FILE
    ),
    ReportType.MER_LONG_FORM: ReportFacts(
        "The whole medical examination report of a driver. More than an employer usually needs: "
        "sent only upon a documented request.",
        "Nobody without an approved request",
        Retention(3, "49 CFR 391.43(i)"),
    ),
    ReportType.PRE_PLACEMENT_PHYSICAL: ReportFacts(
        "Whether an applicant is fit for the job offered.", _HIRING, _MEDICAL
    ),
    ReportType.AUDIOGRAM: ReportFacts(
        "A hearing test, and how it compares with earlier ones.", _SAFETY, _NOISE
    ),
    ReportType.HPE: ReportFacts(
        "How well someone can do the job's lifting, carrying and moving.", _HIRING, _MEDICAL
    ),
    ReportType.RESPIRATOR_CLEARANCE: ReportFacts(
        "Whether someone may wear a respirator at work, and which.",
        _SAFETY,
        Retention(30, "29 CFR 1910.134(m)(1) with 1910.1020", after_employment=True),
    ),
    ReportType.FIT_TEST: ReportFacts(
        "That a respirator's make and size fit the wearer. Kept until the next test, yearly.",
        _SAFETY,
        Retention(1, "29 CFR 1910.134(m)(2)(ii)", until_next=True),
    ),
    ReportType.SURVEILLANCE_OPINION: ReportFacts(
        "A physician's opinion after an exam that a substance standard asks for.",
        _SAFETY,
        _MEDICAL,
    ),
    ReportType.TEST_AND_LAB: ReportFacts(
        "The result of a test or laboratory analysis.", _SAFETY, _MEDICAL
    ),
    ReportType.VACCINE_RECORD: ReportFacts(
        "Which vaccine was given, and when.",
        _SAFETY,
        Retention(30, "29 CFR 1910.1030(h)(1)(iv)", after_employment=True),
    ),
    ReportType.OTHER: ReportFacts("Any other physical examination or service.", _HIRING, _MEDICAL),
}
