"""Telling of privacy incidents by mail. Arguments are ids only."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess, Role, User
from clearwork.database import scope
from clearwork.messaging.mail import QUEUE, RETRY, send_once
from clearwork.privacy.actions import QUEUE as PRIVACY
from clearwork.privacy.actions import TELL_OUTCOME_JOB, TELL_STAFF_JOB
from clearwork.privacy.models import PrivacyIncident
from clearwork.support import messages

_MAIL_STAFF, _MAIL_OUTCOME = "support.mail_staff", "support.mail_outcome"


@app.task(name=TELL_STAFF_JOB, queue=PRIVACY, retry=RETRY)
def tell_staff(*, what: str, pk: str) -> None:
    """One mail for each of support, and the privacy officer. `what`: see messages."""
    with scope.acting_as(scope.OPERATOR):
        for user in User.objects.filter(is_active=True).exclude(staff=""):
            task = app.configure_task(_MAIL_STAFF, queue=QUEUE)
            task.defer(what=what, pk=pk, user_id=str(user.pk))


@app.task(name=_MAIL_STAFF, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_staff(context: JobContext, *, what: str, pk: str, user_id: str) -> None:
    with scope.acting_as(scope.OPERATOR):
        mail = messages.reported(User.objects.get(pk=user_id), what, UUID(pk))
    send_once(context.job.id, mail)


@app.task(name=TELL_OUTCOME_JOB, queue=PRIVACY, retry=RETRY)
def tell_outcome(*, employer_id: str, incident_id: str) -> None:
    """One mail for each Admin User of the employer."""
    with scope.acting_as(scope.employer(UUID(employer_id))):
        admins = PortalAccess.objects.filter(
            employer_id=employer_id, role=Role.ADMIN, is_active=True, user__is_active=True
        )
        for access in admins:
            task = app.configure_task(_MAIL_OUTCOME, queue=QUEUE)
            ids = {"employer_id": employer_id, "incident_id": incident_id}
            task.defer(**ids, access_id=str(access.pk))


@app.task(name=_MAIL_OUTCOME, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_outcome(
    context: JobContext, *, employer_id: str, incident_id: str, access_id: str
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        access = PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
        mail = messages.outcome(access, PrivacyIncident.objects.get(pk=incident_id))
    send_once(context.job.id, mail)
