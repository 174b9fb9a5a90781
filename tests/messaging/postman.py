"""Doing the queued mailing within a test's own transaction, and reading what was sent."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.database import scope
from clearwork.messaging.mail import QUEUE


def queued(task: str = "") -> list[ProcrastinateJob]:
    """The mailing jobs, oldest first; of one kind where named."""
    with scope.acting_as(scope.OPERATOR):
        jobs = ProcrastinateJob.objects.filter(queue_name=QUEUE).order_by("id")
        return list(jobs.filter(task_name=task) if task else jobs)


def run(job: ProcrastinateJob) -> None:
    """As a worker does: the task's function with its context and arguments."""
    context = SimpleNamespace(job=SimpleNamespace(id=job.id, attempts=0))
    function: Any = app.tasks[job.task_name].func
    function(context, **job.args)


def post() -> list[EmailMultiAlternatives]:
    """Run every queued job; the mails sent by it."""
    before = len(outbox())
    for job in queued():
        run(job)
    return outbox()[before:]


def outbox() -> list[EmailMultiAlternatives]:
    return [message for message in mail.outbox if isinstance(message, EmailMultiAlternatives)]


def everything(message: EmailMultiAlternatives) -> str:
    """Headers, text and HTML, decoded."""
    parsed = message.message()
    bodies = [
        str(part.get_content()) for part in parsed.walk() if part.get_content_maintype() == "text"
    ]
    return "\n".join([*(f"{name}: {value}" for name, value in parsed.items()), *bodies])


def link(message: EmailMultiAlternatives) -> str:
    """The path of the one link in the mail."""
    here = re.escape(settings.ENVIRONMENT.address)
    (path,) = re.findall(rf"^{here}(/\S+)$", str(message.body), re.MULTILINE)
    return str(path)
