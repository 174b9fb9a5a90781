"""What a result's coded values mean: a visit, work status, a driver's certificate."""

from __future__ import annotations

from datetime import date, datetime, time

from clearwork.employers.rules import WORK_STATUS, ReportType
from clearwork.exchange.hl7.coded import Coded
from clearwork.foundation import clock
from clearwork.results.dot_rules import (
    LIMITATION_LENGTH,
    MOST_LIMITATIONS,
    REGISTRY_LENGTH,
    is_plausible,
)
from clearwork.results.models import DotCertificate, Report
from clearwork.results.outcomes import Outcome, outcome
from clearwork.visits.actions import News
from clearwork.visits.rules import Duty, Status, duty, plain


def day_of(moment: datetime) -> date:
    """The day of a visit, in the network's time."""
    return moment.astimezone().date()


def visit_of(report: Report, coded: Coded, at: datetime | None, kind: str) -> News:
    """The visit that a report speaks of; of one that names no time, its day begins."""
    status = work_status(report, coded)
    return News(
        employer_id=report.employer_id,
        employee_id=report.employee_id,
        center_id=report.center_id,
        kind=str(kind),
        day=report.visit_date,
        authorization_id=report.authorization_id,
        arrived_at=at or datetime.combine(report.visit_date, time()).astimezone(),
        services=plain(coded.services),
        next_appointment=coded.next_appointment,
        status=status,
        source_id=report.pk,
        only_ends=status is not None and _says_nothing(report, status),
    )


def work_status(report: Report, coded: Coded) -> Status | None:
    """Only an activity status report says it.

    After one without a code that is known, what was known before is so no more: it has to be read.
    """
    said = duty(coded.work_status)
    if report.report_type not in WORK_STATUS:
        return None
    if said is None:
        return Status(Duty.UNKNOWN, starts=report.visit_date)
    full = said == Duty.FULL
    return Status(
        duty=said,
        starts=coded.starts or report.visit_date,
        restrictions=() if full else plain(coded.restrictions),
        until=None if full else coded.until,
        expected_return=None if full else coded.expected_return,
    )


def _says_nothing(report: Report, status: Status) -> bool:
    """A correction without a code says that the one before was wrong; another report nothing."""
    return status.duty == Duty.UNKNOWN and not report.corrects


def set_outcome(report: Report, coded: Coded) -> None:
    """The word that says what this report comes to, where there may be one."""
    status, certificate = work_status(report, coded), certificate_of(report, coded)
    if status and not _says_nothing(report, status):
        report.outcome = Outcome(status.duty.value)
    elif certificate:
        report.outcome, report.outcome_until = Outcome.CERTIFIED, certificate.expires
    else:
        report.outcome = outcome(ReportType(report.report_type), coded.outcome) or ""


def certificate_of(report: Report, coded: Coded) -> DotCertificate | None:
    """Only a MEC DOT card certifies a driver, and only for days that can be."""
    certified = coded.certified or report.visit_date
    if report.report_type != ReportType.MEC_DOT_CARD or coded.expires is None:
        return None
    if not is_plausible(certified, coded.expires, clock.today()):
        return None
    return DotCertificate(
        employer_id=report.employer_id,
        employee_id=report.employee_id,
        report=report,
        center_id=report.center_id,
        certified_from=certified,
        expires=coded.expires,
        registry_number=coded.registry_number[:REGISTRY_LENGTH],
        limitations=[each[:LIMITATION_LENGTH] for each in coded.limitations[:MOST_LIMITATIONS]],
    )
