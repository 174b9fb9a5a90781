"""What is reported to whom: report types, their kind and release class. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from clearwork.foundation.choices import LabelledEnum


class ReportKind(LabelledEnum):
    INJURY = "injury", "Injury"
    NON_INJURY = "non_injury", "Non-injury"


class ReleaseClass(StrEnum):
    """`documented request`: more than the minimum necessary (45 CFR 164.502(b))."""

    STANDARD = "standard"
    DOCUMENTED_REQUEST = "documented request"


class ReportType(LabelledEnum):
    INJURY_ACTIVITY_STATUS = "injury_activity_status", "Injury activity status report"
    FIRST_NOTICE_OF_INJURY = "first_notice_of_injury", "First notice of injury letter"
    PATIENT_REFERRAL = "patient_referral", "Patient referral report"
    RECHECK_REMINDER = "recheck_appointment_reminder", "Recheck appointment reminder letter"
    STATE_INJURY_REPORT = "state_injury_report", "State injury report"
    CUSTODY_AND_CONTROL = "custody_and_control_form", "Custody and control form"
    ALCOHOL_TESTING = "alcohol_testing_form", "Alcohol testing form"
    DRUG_SCREEN_LINK = "drug_screen_result_link", "Drug screen result link"
    CUSTOMER_PROPRIETARY = "customer_proprietary_form", "Customer proprietary form"
    NON_INJURY_ACTIVITY_STATUS = "non_injury_activity_status", "Non-injury activity status report"
    MEC_DOT_CARD = "mec_dot_card", "MEC DOT card"
    MER_LONG_FORM = "mer_long_form", "MER long form"
    PRE_PLACEMENT_PHYSICAL = "pre_placement_physical", "Pre-placement physical result"
    AUDIOGRAM = "audiogram", "Audiogram"
    HPE = "human_performance_evaluation", "Human performance evaluation (HPE)"
    RESPIRATOR_CLEARANCE = "respirator_clearance", "Respirator clearance"
    FIT_TEST = "fit_test", "Fit test"
    SURVEILLANCE_OPINION = "medical_surveillance_opinion", "Medical surveillance opinion letter"
    TEST_AND_LAB = "test_and_lab_result", "Test and lab result"
    VACCINE_RECORD = "vaccine_administration_record", "Vaccine administration record"
    OTHER = "other_physical_or_ancillary", "Other physical or ancillary result"

    @property
    def kind(self) -> ReportKind:
        return ReportKind.INJURY if self in _INJURY else ReportKind.NON_INJURY

    @property
    def release_class(self) -> ReleaseClass:
        beyond = self in BEYOND_MINIMUM
        return ReleaseClass.DOCUMENTED_REQUEST if beyond else ReleaseClass.STANDARD


_INJURY = frozenset(list(ReportType)[:8])
BEYOND_MINIMUM = frozenset({ReportType.MER_LONG_FORM})
WORK_STATUS = frozenset({ReportType.INJURY_ACTIVITY_STATUS, ReportType.NON_INJURY_ACTIVITY_STATUS})
DRUG_TESTS = frozenset({ReportType.CUSTODY_AND_CONTROL, ReportType.DRUG_SCREEN_LINK})


def report_type(code: str) -> ReportType | None:
    """The type a center's code means, or None where a person has to decide."""
    return ReportType(code) if code in ReportType._value2member_map_ else None


class DecisionState(LabelledEnum):
    WAITING = "waiting", "Waiting for support"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"


RELEASE_DAYS = 365
CHANGES_AT_ONCE = 100_000


class ReleaseStanding(LabelledEnum):
    """Where a documented request stands today: an approval ends with its last day."""

    WAITING = "waiting", "Waiting for support"
    APPROVED = "approved", "Approved"
    EXPIRED = "expired", "Expired"
    DECLINED = "declined", "Declined"


def standing(state: str, expires: date | None, today: date) -> ReleaseStanding:
    if state == DecisionState.APPROVED and (expires is None or expires < today):
        return ReleaseStanding.EXPIRED
    return ReleaseStanding(state)


def last_expiry(today: date) -> date:
    """An approval lasts a year at most; then the need is documented again."""
    return today + timedelta(days=RELEASE_DAYS)


class ChangedMeanwhile(Exception):
    """Someone else saved a change after this one's page was drawn."""


class NameTaken(Exception):
    """Another worksite of the employer has this name, but for case, accents or spaces."""


class AlreadyAsked(Exception):
    """A request for this contact and type waits, or is approved and in force."""


class AlreadyDecided(Exception):
    """Someone decided this request before."""


class DocumentLost(Exception):
    """An uploaded file can no longer be read: it is missing, or not what was stored."""


class BadDecision(ValueError):
    """The decision lacks what it needs; the message says what, for the person deciding."""


def fingerprint(parts: Iterable[object]) -> str:
    """What a page showed, so that saving can tell whether it still holds. Order matters."""
    shown = "".join(f"{part}\0" for part in parts)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]
