"""What goes out about passes, one function a message. A link, and the names of those who send
it: never the employee's name, what is to be done, or where.

See jobs.py. A message is composed when it goes out; what has ended by then is not sent.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from django.conf import settings
from django.urls import reverse

from clearwork.authorizations.rules import State, has_ended, in_words
from clearwork.foundation import clock
from clearwork.messaging.mail import Mail, Message
from clearwork.messaging.texts import Text
from clearwork.passes import tokens
from clearwork.passes.actions import DELIVER_JOB, UNDELIVERED_JOB
from clearwork.passes.models import Pass, Sending
from clearwork.passes.opening import usable
from clearwork.passes.rules import Channel, Purpose, Recipient, code_is_fresh
from clearwork.passes.words import day
from clearwork.people.rules import Language


class Job(StrEnum):
    """The jobs by name.

    TO_EMPLOYEE is for apps below this one, which cannot import it: defer it by its name in
    the transaction that makes an authorization, with `employer_id`, `authorization_id` and
    the `user_id` of whoever sends.
    """

    DELIVER = DELIVER_JOB
    TO_EMPLOYEE = "passes.send_to_employee"
    UNDELIVERED = UNDELIVERED_JOB


def message(sending: Sending) -> Message | None:
    """What this sending says now; None where there is nothing to open any more."""
    said = _said(sending)
    return replace(said, sent_as=sending.pk) if isinstance(said, Mail) else said


def undelivered(sending: Sending) -> Mail:
    """To whoever sent a link: it came back. Not to whom it was, nor for whom."""
    authorization = sending.of.authorization_id
    return Mail(
        to=sending.of.made_by.email,
        subject=f"A link you sent could not be delivered: {_network()} employer portal",
        paragraphs=(
            "A link to an authorization, which you sent by email, could not be delivered.",
            "The authorization's page says why, and lets you send it to another address.",
        ),
        link_words="See what came back",
        link_path=reverse("authorizations:detail", kwargs={"pk": authorization}),
    )


def _said(sending: Sending) -> Message | None:
    issued = sending.of
    if not usable(issued):
        return None
    if sending.purpose == Purpose.CODE:
        return code_text(issued) if _is_text(issued) else code_mail(issued)
    if has_ended(State(issued.authorization.state)):
        return None
    if issued.recipient == Recipient.NAMED:
        return named_text(issued) if _is_text(issued) else named_mail(issued)
    return pass_text(issued) if _is_text(issued) else pass_mail(issued)


def pass_mail(issued: Pass) -> Mail:
    employer, network = issued.employer.legal_name, _network()
    last = issued.authorization.expires
    if _in_spanish(issued):
        return Mail(
            to=issued.address,
            subject=f"{employer}: su pase para {network}",
            paragraphs=(
                f"{employer} le ha enviado un pase para {network}.",
                (
                    "El enlace le pedirá su fecha de nacimiento y después mostrará el pase: adónde "
                    "ir y qué llevar. Puede abrirlo cuantas veces lo necesite, hasta el "
                    f"{day(last, Language.SPANISH)}."
                ),
                "In English: open the link and choose English at the top.",
            ),
            link_words="Abrir el pase",
            link_path=_path(issued),
            language=Language.SPANISH.value,
        )
    return Mail(
        to=issued.address,
        subject=f"{employer}: your pass for {network}",
        paragraphs=(
            f"{employer} has sent you a pass for {network}.",
            (
                "The link asks for your date of birth, then shows the pass: where to go and what "
                f"to bring. You can open it as often as you need, until {in_words(last)}."
            ),
            "En español: abra el enlace y elija Español arriba.",
        ),
        link_words="Open the pass",
        link_path=_path(issued),
    )


def pass_text(issued: Pass) -> Text:
    employer, network = issued.employer.legal_name, _network()
    words = f"{employer}: your pass for {network}. Open it with your date of birth:"
    if _in_spanish(issued):
        words = f"{employer}: su pase para {network}. Ábralo con su fecha de nacimiento:"
    return Text(issued.address, words, _path(issued))


def named_mail(issued: Pass) -> Mail:
    employer, network = issued.employer.legal_name, _network()
    return Mail(
        to=issued.address,
        subject=f"{employer} has sent you an authorization for {network}",
        paragraphs=(
            (
                f"{employer} has sent you an authorization for {network}, because you need it for "
                "your work."
            ),
            (
                "It contains information protected under privacy laws. The link sends a code to "
                "this address before it shows anything. Please do not pass it on."
            ),
            "If you do not know why you got this, do not open it, and call us.",
        ),
        link_words="Open the authorization",
        link_path=_path(issued),
    )


def named_text(issued: Pass) -> Text:
    employer, network = issued.employer.legal_name, _network()
    words = f"{employer} has sent you an authorization for {network}. Please keep it private:"
    return Text(issued.address, words, _path(issued))


def code_mail(issued: Pass) -> Mail | None:
    words = _code_words(issued)
    if words is None:
        return None
    why = "Someone who has the link asked for it. If that was not you, you need do nothing."
    return Mail(issued.address, f"Your code for {_network()}", (words, why))


def code_text(issued: Pass) -> Text | None:
    words = _code_words(issued)
    return None if words is None else Text(issued.address, words)


def _code_words(issued: Pass) -> str | None:
    asked_at = issued.code_asked_at
    if asked_at is None or not code_is_fresh(asked_at, clock.now()):
        return None
    number = tokens.code(issued.pk, asked_at)
    return f"Your code for {_network()} is {number}. It works for 10 minutes."


def _path(issued: Pass) -> str:
    path = reverse("passes:open", kwargs={"token": tokens.token(issued.pk)})
    return f"{path}?lang={Language.SPANISH.value}" if _in_spanish(issued) else path


def _in_spanish(issued: Pass) -> bool:
    if issued.recipient != Recipient.EMPLOYEE:
        return False
    return bool(issued.authorization.employee.language == Language.SPANISH)


def _is_text(issued: Pass) -> bool:
    return issued.channel == Channel.TEXT


def _network() -> str:
    name: str = settings.ENVIRONMENT.network_name
    return name
