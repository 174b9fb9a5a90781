"""Mailing what messages.py composes. Arguments are ids only."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts import messages
from clearwork.accounts.messages import Job
from clearwork.accounts.models import AccessRequest, Invitation, PortalAccess
from clearwork.database import scope
from clearwork.employers.models import Employer
from clearwork.messaging.mail import QUEUE, RETRY, send_once


@app.task(name=Job.INVITATION, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_invitation(context: JobContext, *, employer_id: str, invitation_id: str) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        employer = Employer.objects.get(pk=employer_id)
        mail = messages.invitation(Invitation.objects.get(pk=invitation_id), employer)
    send_once(context.job.id, mail)


@app.task(name=Job.REQUEST_RECEIVED, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_request_received(context: JobContext, *, request_id: str) -> None:
    with scope.acting_as(scope.OPERATOR):
        mail = messages.request_received(AccessRequest.objects.get(pk=request_id))
    send_once(context.job.id, mail)


@app.task(name=Job.REQUEST_DECLINED, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_request_declined(context: JobContext, *, request_id: str) -> None:
    with scope.acting_as(scope.OPERATOR):
        mail = messages.request_declined(AccessRequest.objects.get(pk=request_id))
    send_once(context.job.id, mail)


@app.task(name=Job.ACCESS_CHANGED, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_access_changed(context: JobContext, *, employer_id: str, access_id: str) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        access = PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
        mail = messages.access_changed(access, access.employer)
    send_once(context.job.id, mail)


@app.task(name=Job.LET_IN, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_let_in(
    context: JobContext, *, employer_id: str, access_id: str, invitation_id: str
) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        admin = PortalAccess.objects.select_related("user", "employer").get(pk=access_id)
        mail = messages.let_in(admin, Invitation.objects.get(pk=invitation_id))
    send_once(context.job.id, mail)
