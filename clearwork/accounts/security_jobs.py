"""Mailing what security_messages.py composes, and tidying up. Arguments are ids only."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from procrastinate import JobContext
from procrastinate.contrib.django import app

from clearwork.accounts import limits, security_messages
from clearwork.accounts.models import EmailChange, User
from clearwork.accounts.security_actions import NEW, is_taken
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.mail import QUEUE, RETRY, send_once


@app.task(name=security_messages.RESET_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_reset(context: JobContext, *, user_id: str) -> None:
    """Nobody to mail to where the address was unknown."""
    user = _user(user_id) if user_id else None
    send_once(context.job.id, security_messages.reset(user) if user else None)


@app.task(name=security_messages.EMAIL_CHANGE_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_email_change(context: JobContext, *, change_id: str, side: str) -> None:
    """Whoever already uses the new address is not bothered."""
    with scope.acting_as(scope.ANONYMOUS):
        change = EmailChange.objects.select_related("user").filter(pk=change_id).first()
    if change is None or (side == NEW and is_taken(change.new_email)):
        return
    send_once(context.job.id, security_messages.email_change(change, side))


@app.task(name=security_messages.NOTICE_JOB, queue=QUEUE, retry=RETRY, pass_context=True)
def mail_notice(context: JobContext, *, user_id: str, notice: str) -> None:
    user = _user(user_id)
    send_once(context.job.id, security_messages.notice(user, notice) if user else None)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.tidy", queueing_lock="accounts.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001 - procrastinate names it
    with scope.acting_as(scope.OPERATOR):
        limits.forget_old()
        EmailChange.objects.filter(expires_at__lt=clock.now()).delete()
        Session.objects.filter(expire_date__lt=clock.now()).delete()


def _user(user_id: str) -> User | None:
    with scope.acting_as(scope.ANONYMOUS):
        return User.objects.filter(pk=user_id, is_active=True).first()
