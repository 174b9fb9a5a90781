"""Doing at the sign-in pages what people do there."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.accounts import security_jobs
from clearwork.accounts.models import User
from clearwork.audit.actions import Action
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from tests.cast import PASSWORD

EMAIL = "alice@northwind.example"
UNKNOWN = "nobody@northwind.example"


@dataclass(frozen=True)
class Guarded:
    """A person with an authenticator app (its secret) and recovery codes."""

    user: User
    secret: str
    codes: list[str]

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or `steps` times 30 seconds later (RFC 6238)."""
        return str(format_hotp_value(hotp_value(self.secret, int(time.time()) // 30 + steps)))


def attempt(email: str, password: str = PASSWORD, client: Client | None = None) -> Any:
    return (client or Client()).post("/sign-in/", {"login": email, "password": password})


def enter_code(client: Client, code: str) -> Any:
    return client.post("/sign-in/second-factor/", {"code": code})


def is_in(client: Client) -> bool:
    return client.get("/security/session/").status_code == 200


def masked(answer: Any, *addresses: str) -> bytes:
    content: bytes = re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]+', rb"\1", answer.content)
    content = re.sub(rb'"X-CSRFToken": "[^"]+"|data-left="\d+"', b"", content)
    for address in addresses:
        content = content.replace(address.encode(), b"ADDRESS")
    return content


def events(action: Action) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action).order_by("id"))


def jobs(name: str) -> list[dict[str, Any]]:
    """The arguments of the jobs queued under this name, oldest first."""
    with scope.acting_as(scope.OPERATOR):
        found = ProcrastinateJob.objects.filter(task_name=name).order_by("id")
        return [{"id": job.id, **job.args} for job in found]


@dataclass(frozen=True)
class _Job:
    id: int


@dataclass(frozen=True)
class _Context:
    job: _Job


def mailed(name: str) -> list[Any]:
    """Run these jobs as the worker does; the mails they sent."""
    before = len(mail.outbox)
    task = app.tasks[name]
    assert security_jobs.__name__ == task.func.__module__
    for job in jobs(name):
        context: Any = _Context(_Job(job.pop("id")))
        task.func(context, **job)
    return mail.outbox[before:]


def link_of(message: Any) -> str:
    """The path of the one link in a mail, which begins with the configured address."""
    (link,) = set(re.findall(r"http://localhost:\d+(/[^\s\"<]+)", message.body))
    return str(urlsplit(link).path)
