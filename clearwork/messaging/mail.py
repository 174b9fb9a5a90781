"""One mail: what it says, and sending it. No mail holds health information or a name."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from procrastinate import RetryStrategy

from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.bounces import return_address
from clearwork.messaging.models import Dispatch

QUEUE = "mail"
# By RFC 3834; Exchange asks for its own header. Reports of mail that failed are wanted.
_NO_REPLIES = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}
# After 3, 9, 27 … seconds; the ninth try comes some two and three quarter hours after the first.
RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)


class Message(Protocol):
    """What goes out: a mail or a text message."""

    def send(self) -> None: ...


@dataclass(frozen=True)
class Mail:
    """Plain words to one address, and at most one link, e.g. ("Sign in", "/sign-in/")."""

    to: str
    subject: str
    paragraphs: tuple[str, ...]
    link_words: str = ""
    link_path: str = ""
    language: str = "en"
    # What this mail is known as where it is told apart from others that come back.
    sent_as: UUID | None = None

    def message(self) -> EmailMultiAlternatives:
        """The mail as sent: plain text, and the same words in HTML."""
        context = {**asdict(self), "link": self.link_path and address(self.link_path), **_facts()}
        # The envelope's sender, beside which the From header names the portal.
        comes_back_to = return_address(self.sent_as) if self.sent_as else ""
        message = EmailMultiAlternatives(
            subject=" ".join(self.subject.split()),  # a header has one line, whatever a name has
            body=render_to_string("messaging/mail.txt", context),
            from_email=comes_back_to or settings.DEFAULT_FROM_EMAIL,
            to=[self.to],
            headers={**_NO_REPLIES, "From": settings.DEFAULT_FROM_EMAIL},
        )
        message.attach_alternative(render_to_string("messaging/mail.html", context), "text/html")
        return message

    def send(self) -> None:
        self.message().send()


def address(path: str) -> str:
    """A page's whole address, by the setting: never by what a request says of its host."""
    return f"{settings.ENVIRONMENT.address}{path}"


def send_once(job_id: int | None, message: Message | None) -> bool:
    """Send what the job `job_id` has to say, unless it did before; whether it was sent now.

    Outside any transaction: a mail server may take its time. Where it refuses, the
    error is raised for the job to be tried again.
    """
    if message is None or job_id is None or not _begin(job_id):
        return False
    try:
        message.send()
    except BaseException:
        _forget(job_id)
        raise
    _note_sent(job_id)
    return True


def is_in_doubt(job_id: int) -> bool:
    """Whether a worker ended while the server was answering: nobody knows whether it went out."""
    with scope.acting_as(scope.OPERATOR):
        return Dispatch.objects.filter(job_id=job_id, sent_at=None).exists()


def local_words(at: datetime) -> str:
    """A moment in the network's time, e.g. "Nov 26, 2026, 9:05 AM CST"."""
    return timezone.localtime(at).strftime("%b %-d, %Y, %-I:%M %p %Z")


def _facts() -> dict[str, str]:
    environment = settings.ENVIRONMENT
    names = ("network_name", "support_phone", "support_hours")
    return {name: getattr(environment, name) for name in names}


def _begin(job_id: int) -> bool:
    with scope.acting_as(scope.OPERATOR):
        _, is_new = Dispatch.objects.get_or_create(job_id=job_id)
    return is_new


def _forget(job_id: int) -> None:
    with scope.acting_as(scope.OPERATOR):
        Dispatch.objects.filter(job_id=job_id).delete()


def _note_sent(job_id: int) -> None:
    with scope.acting_as(scope.OPERATOR):
        Dispatch.objects.filter(job_id=job_id).update(sent_at=clock.now())
