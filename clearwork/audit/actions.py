"""Writing the audit trail, inside the transaction that does the thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from clearwork.audit.models import AuditEvent


class Action(StrEnum):
    """What can be done, as `<resource>:<past participle>`."""

    SIGNED_IN = "session:signed_in"
    SIGN_IN_FAILED = "session:sign_in_failed"
    SIGNED_OUT = "session:signed_out"
    ACCESS_REQUESTED = "access:requested"
    ACCESS_REQUEST_APPROVED = "access:request_approved"
    ACCESS_REQUEST_DECLINED = "access:request_declined"
    ACCESS_INVITED = "access:invited"
    ACCESS_INVITATION_REVOKED = "access:invitation_revoked"
    ACCESS_ACCEPTED = "access:accepted"
    ACCESS_ROLE_CHANGED = "access:role_changed"
    ACCESS_TURNED_OFF = "access:turned_off"
    ACCESS_TURNED_ON = "access:turned_on"
    ACCESS_GRANTED = "access:granted"
    ACCESS_REVIEWED = "access:reviewed"
    ACCESS_PREVIEWED = "access:previewed"
    NOTIFICATIONS_CHANGED = "notifications:changed"
    EMAIL_CHANGE_ASKED = "email:change_asked"
    EMAIL_CHANGED = "email:changed"
    PASSWORD_CHANGED = "password:changed"  # noqa: S105 - an action's name
    PASSWORD_RESET = "password:reset"  # noqa: S105
    SESSIONS_ENDED = "session:ended"
    SECOND_FACTOR_CHANGED = "second_factor:changed"
    SECOND_FACTOR_RESET = "second_factor:reset"
    COMPANY_CHANGED = "company:changed"
    WORKSITE_CHANGED = "worksite:changed"
    CONTACT_CHANGED = "contact:changed"
    SUBSCRIPTION_CHANGED = "subscription:changed"
    RELEASE_REQUESTED = "release:requested"
    RELEASE_DECIDED = "release:decided"
    RELEASE_DOWNLOADED = "release:downloaded"
    AUTHORIZATION_CREATED = "authorization:created"
    AUTHORIZATION_VIEWED = "authorization:viewed"
    AUTHORIZATION_DOWNLOADED = "authorization:downloaded"
    AUTHORIZATION_CHANGED = "authorization:changed"
    AUTHORIZATION_CANCELLED = "authorization:cancelled"
    AUTHORIZATION_EXTENDED = "authorization:extended"
    AUTHORIZATION_EDITED = "authorization:edited"
    AUTHORIZATION_ANSWERED = "authorization:answered"
    EMPLOYEE_ADDED = "employee:added"
    EMPLOYEE_CHANGED = "employee:changed"
    EMPLOYEE_LEFT = "employee:left"
    EMPLOYEE_RETURNED = "employee:returned"
    EMPLOYEE_VIEWED = "employee:viewed"
    EMPLOYEES_MERGED = "employee:merged"
    EMPLOYEES_PARTED = "employee:parted"
    DELIVERY_REQUESTED = "delivery:requested"
    DELIVERY_ACKNOWLEDGED = "delivery:acknowledged"
    DELIVERY_FAILED = "delivery:failed"
    REPORT_RECEIVED = "report:received"
    REPORT_VIEWED = "report:viewed"
    REPORT_DOWNLOADED = "report:downloaded"
    REPORT_CORRECTED = "report:corrected"
    REPORT_WITHDRAWN = "report:withdrawn"
    REPORT_UNREADABLE = "report:unreadable"
    REPORT_RESTORED = "report:restored"
    REPORT_HELD = "report:held"
    REPORT_HOLD_ENDED = "report:hold_ended"
    REPORT_DESTROYED = "report:destroyed"
    REPORT_REMOVED = "report:removed"
    REPORT_PUT_BACK = "report:put_back"
    REPORT_RELEASED = "report:released"
    PRIVACY_REPORTED = "privacy:reported"
    PRIVACY_DECIDED = "privacy:decided"
    PRIVACY_VIEWED = "privacy:viewed"
    EXPORT_ASKED = "export:asked"
    EXPORT_MADE = "export:made"
    EXPORT_DOWNLOADED = "export:downloaded"
    EXPORT_STOPPED = "export:stopped"
    VISITS_LISTED = "visits:listed"
    VISIT_VIEWED = "visit:viewed"
    WORK_STATUS_LISTED = "work_status:listed"
    WORK_STATUS_VIEWED = "work_status:viewed"
    WORK_STATUS_DOWNLOADED = "work_status:downloaded"
    CARD_LINK_GIVEN = "card_link:given"
    CARD_LINK_REVOKED = "card_link:revoked"
    CARD_LINK_CODE_ASKED = "card_link:code_asked"
    CARD_LINK_TRY_FAILED = "card_link:try_failed"
    CARD_LINK_OPENED = "card_link:opened"
    DOT_CARDS_LISTED = "dot_cards:listed"
    DOT_CARDS_DOWNLOADED = "dot_cards:downloaded"
    RESULT_HELD = "result:held"
    RESULT_VIEWED = "result:viewed"
    RESULT_SETTLED = "result:settled"
    BATCH_BEGUN = "batch:begun"
    BATCH_SUBMITTED = "batch:submitted"
    BATCH_STOPPED = "batch:stopped"
    BATCH_PASSES_SENT = "batch:passes_sent"
    PACKAGE_CHANGED = "package:changed"
    FAVOURITE_CHANGED = "favourite:changed"
    DEFAULTS_CHANGED = "defaults:changed"
    CATALOGUE_LOADED = "catalogue:loaded"
    SERVICE_ADDED = "service:added"
    SERVICE_CHANGED = "service:changed"
    SERVICE_RETIRED = "service:retired"
    SERVICE_OFFERED = "service:offered"
    PASS_SENT = "pass:sent"  # noqa: S105 - an action's name
    PASS_RESENT = "pass:resent"  # noqa: S105
    PASS_CAME_BACK = "pass:came_back"  # noqa: S105
    PASS_REVOKED = "pass:revoked"  # noqa: S105
    PASS_CODE_ASKED = "pass:code_asked"  # noqa: S105
    PASS_TRY_FAILED = "pass:try_failed"  # noqa: S105
    PASS_OPENED = "pass:opened"  # noqa: S105
    PASS_DOWNLOADED = "pass:downloaded"  # noqa: S105
    TOKEN_CREATED = "token:created"  # noqa: S105 - an action's name
    TOKEN_ADOPTED = "token:adopted"  # noqa: S105
    TOKEN_REVOKED = "token:revoked"  # noqa: S105
    HOLD_PLACED = "hold:placed"
    HOLD_LIFTED = "hold:lifted"
    EMPLOYER_ADDED = "employer:added"
    STAFF_ADDED = "staff:added"
    STAFF_REMOVED = "staff:removed"


@dataclass(frozen=True)
class Actor:
    """Who acts: a `user`, an employer's `integration`, a `center`'s system, the `system` itself."""

    kind: str
    id: UUID | None = None


SYSTEM = Actor("system")


def event(
    action: Action,
    *,
    by: Actor,
    employer_id: UUID | None = None,
    center_id: UUID | None = None,
    subject_id: UUID | None = None,
    **detail: Any,
) -> AuditEvent:
    """An unsaved event, for callers that save many at once."""
    return AuditEvent(
        action=action,
        actor_kind=by.kind,
        actor_id=by.id,
        employer_id=employer_id,
        center_id=center_id,
        subject_id=subject_id,
        detail=detail,
    )


def record(
    action: Action,
    *,
    by: Actor,
    employer_id: UUID | None = None,
    center_id: UUID | None = None,
    subject_id: UUID | None = None,
    **detail: Any,
) -> None:
    """Write one event. An error here undoes the change it speaks of."""
    event(
        action, by=by, employer_id=employer_id, center_id=center_id, subject_id=subject_id, **detail
    ).save(force_insert=True)
