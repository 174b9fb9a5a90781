"""What a center says of a report it posted before: a correction, or that it was an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clearwork.audit.actions import Action, Actor, record
from clearwork.authorizations.models import Authorization
from clearwork.database import fast
from clearwork.employers.rules import WORK_STATUS
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import removal, turns
from clearwork.results.models import Report
from clearwork.visits import actions as visits

NO_REASON = "The medical center gave no reason."
_LONGEST_REASON = 300
_OF_ONE_ORDER = (
    *("employer_id", "employee_id", "authorization_id"),
    *("center_id", "filler_number", "report_type"),
)
_CORRECTED = """
    SELECT r.authorization_id, r.filler_number, r.report_type
    FROM authorizations_authorization o
    JOIN results_report r ON r.employer_id = o.employer_id AND r.authorization_id = o.id
    WHERE o.center_id = %s AND o.number = ANY (%s) AND r.corrects
"""


def latest(authorization: Authorization, filler_number: str, report_type: str) -> Report | None:
    """The last version of what the center posted with this number and type."""
    found = Report.objects.filter(
        employer_id=authorization.employer_id,
        authorization_id=authorization.pk,
        center_id=authorization.center_id,
        filler_number=filler_number,
        report_type=report_type,
        superseded_by=None,
    )
    return found.order_by("-posted_at", "-id").first()


def corrected(center_id: UUID, numbers: list[str]) -> Iterator[tuple[UUID, str, str]]:
    """Of which orders of a center corrections are here: authorization, filler number, type.

    Sent at once, fetched when iterated (see database.fast).
    """
    found = fast.execute(_CORRECTED, [center_id, numbers])
    return ((order, filler, kind) for order, filler, kind in found)


@transaction.atomic
def settle(report: Report, *, by: Actor) -> None:
    """Put the last correction in place of what its center sent before, whichever came first.

    In the order's turn. Of two sent at the same moment a correction is the later one.
    """
    same = {name: getattr(report, name) for name in _OF_ONE_ORDER}
    found = sorted(Report.objects.filter(**same), key=_age)
    corrections = [number for number, each in enumerate(found) if each.corrects]
    if not report.filler_number or not corrections:
        return
    last = found[corrections[-1]]
    earlier = [one for one in found[: corrections[-1]] if one.superseded_by_id is None]
    for each in earlier:
        _supersede(each, last, by=by)
    _keep_out_of_sight(earlier, last)


def _age(report: Report) -> tuple[datetime, bool, datetime, UUID]:
    return (report.sent_at or report.posted_at, report.corrects, report.posted_at, report.pk)


def _supersede(earlier: Report, correction: Report, *, by: Actor) -> None:
    earlier.superseded_by = correction
    earlier.save(update_fields=("superseded_by",))
    _take_back_status(earlier)
    _note(Action.REPORT_CORRECTED, earlier, by)


def _keep_out_of_sight(earlier: list[Report], last: Report) -> None:
    """Where one was received in error, so were those before it. A correction of it may be of the
    right person at last: nobody sees it either, until that is decided about it alone."""
    if last.incident_id is None and any(one.incident_id for one in earlier):
        removal.ask_about(last)
    elif last.incident_id:
        for each in earlier:
            if each.incident_id is None:
                removal.withhold(each, incident_id=last.incident_id)


@transaction.atomic
def release(incident: PrivacyIncident, *, employee: Employee, reason: str, by: Actor) -> None:
    """As removal.release; a correction takes the place of what was released before."""
    for report in removal.release(incident, employee=employee, reason=reason, by=by):
        turns.take_of([report])
        settle(report, by=by)


@transaction.atomic
def withdraw(report: Report, *, why: str, by: Actor) -> None:
    """Nobody reads it any more; that it was there, and why not any more, stays."""
    if report.withdrawn_at is not None:
        return
    report.withdrawn_at, report.withdrawn_why = clock.now(), why[:_LONGEST_REASON] or NO_REASON
    report.save(update_fields=("withdrawn_at", "withdrawn_why"))
    _take_back_status(report)
    _note(Action.REPORT_WITHDRAWN, report, by)
    for released in removal.released_as(report):
        withdraw(released, why=why, by=by)


def _take_back_status(report: Report) -> None:
    if report.report_type in WORK_STATUS:
        visits.take_back(report_id=report.pk, visit=removal.visit_of(report))


def _note(action: Action, report: Report, by: Actor) -> None:
    record(
        action,
        by=by,
        employer_id=report.employer_id,
        center_id=report.center_id,
        subject_id=report.pk,
    )
