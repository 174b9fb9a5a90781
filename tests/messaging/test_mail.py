"""Every mail there is: what it must not say, and that it goes out once."""

from __future__ import annotations

import inspect
import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.db import connection
from django.test import override_settings
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app

from clearwork.accounts import messages as access_messages
from clearwork.accounts.actions import invite
from clearwork.accounts.models import AccessRequest, PortalAccess, Role
from clearwork.accounts.requests import ask, decline
from clearwork.audit.actions import SYSTEM
from clearwork.authorizations.rules import in_words
from clearwork.config.env import Environment
from clearwork.config.mail import mailer
from clearwork.database import scope
from clearwork.employers.models import Contact
from clearwork.foundation import clock
from clearwork.messaging.jobs import KEPT_DAYS, tidy
from clearwork.messaging.mail import QUEUE, Mail, send_once
from clearwork.messaging.models import Dispatch
from clearwork.passes import messages as pass_messages
from clearwork.passes.models import Pass
from clearwork.passes.words import day
from clearwork.results import messages as result_messages
from tests.cast import Cast
from tests.database.stage import Case, issued, northwinds
from tests.messaging.postman import everything, outbox, post, queued

# The employee of every report and order in these stories, and what was done to her.
CANARIES = ("Maria", "Garcia", "1988", "DOT", "physical", "N-1", "Plant 4", "Dallas", "MEC")


def request(email: str = "nora@northwind.example") -> AccessRequest:
    return AccessRequest(
        account_number="200100",
        company="Typed Company",
        first_name="Nora",
        last_name="Newcomer",
        email=email,
        phone="1",
        needs="Maria Garcia's DOT physical at Plant 4 in Dallas",
        role=Role.ADMIN,
    )


def every_mail(cast: Cast) -> list[Any]:
    """One of each kind, about a person who wants them all."""
    case = northwinds(cast)
    with scope.acting_as(scope.OPERATOR):
        declined = request()
        ask(declined, ip="127.0.0.1")
        decline(by=SYSTEM, request=declined, reason="Call us.")
        contact = Contact.objects.get(employer=cast.northwind, first_name="Alice")
        invited = invite(by=SYSTEM, contact=contact, role=Role.ADMIN, email="new@northwind.example")
        access_messages.send_invitation(invited)
        access = PortalAccess.objects.get(user=cast.alice.user)
        access_messages.send_let_in(access, invited)
        access_messages.send_access_changed(access)
    mails = post()
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        access.notify = "each"
        each = result_messages.new_result(access, case.report.pk)
        access.notify = "daily"
        posted = case.report.posted_at
        daily = result_messages.daily(access, posted.replace(year=posted.year - 1), posted)
    assert each and daily
    return [*mails, each.message(), daily.message(), *passes(case)]


def passes(case: Case) -> list[Any]:
    """To the employee, in either language, to a named person, and a code."""
    marias = issued(case)
    with scope.acting_as(scope.OPERATOR):
        asked = Pass.objects.select_related("authorization__employee").get(pk=marias.pk)
        asked.code_asked_at = clock.now()
        pass_mail, named_mail = pass_messages.pass_mail(asked), pass_messages.named_mail(asked)
        code_mail = pass_messages.code_mail(asked)
        asked.authorization.employee.language = "es"
        in_spanish = pass_messages.pass_mail(asked)
    assert code_mail
    last = asked.authorization.expires
    assert in_words(last) in pass_mail.paragraphs[1], "how long the link works"
    assert day(last, "es") in in_spanish.paragraphs[1]
    return [mail.message() for mail in (pass_mail, named_mail, code_mail, in_spanish)]


def test_no_mail_names_an_employee_or_tells_of_health(cast: Cast) -> None:
    mails = every_mail(cast)
    assert len({message.subject for message in mails}) == 11
    for message in mails:
        said = everything(message)
        assert not [word for word in (*CANARIES, "Nora", "Typed Company") if word in said], said


def test_every_mail_is_text_with_the_same_words_in_html(cast: Cast) -> None:
    for message in every_mail(cast):
        (html,) = [str(content) for content, kind in message.alternatives if kind == "text/html"]
        words = re.sub(r"<[^>]+>", " ", html)
        for paragraph in filter(None, message.body.splitlines()):
            assert paragraph.rstrip(":") in words.replace("&#x27;", "'"), paragraph
        assert "style" not in html and "src=" not in html


def test_the_network_says_whom_mails_come_from_and_where_links_lead(cast: Cast) -> None:
    changes = {"url": "https://portal.net.example/", "network_name": "Net Nine"}
    environment = Environment().model_copy(update=changes)
    with override_settings(ENVIRONMENT=environment, DEFAULT_FROM_EMAIL="care@net.example"):
        sent = Mail("a@x.example", "Hello", ("Words & <b>",), "Go", "/results/").message()
        raw = sent.message().as_string()
    assert "From: care@net.example" in raw and "https://portal.net.example/results/" in sent.body
    assert "Net Nine" in sent.body and "Words & <b>" in sent.body
    assert "Words &amp; &lt;b&gt;" in everything(sent)


def test_a_subject_takes_no_second_line(db: None) -> None:
    """A company's name that holds one stops none of its mails, and adds no header."""
    sent = Mail("a@x.example", "Two\r\nBcc: e@x.example Lines", ()).message().message()
    assert (sent["Subject"], sent["Bcc"]) == ("Two Bcc: e@x.example Lines", None)
    with pytest.raises(ValueError, match="linefeed"):
        Mail("a@x.example\nBcc: e@x.example", "Hello", ()).message().message()
    assert (sent["Auto-Submitted"], sent["X-Auto-Response-Suppress"]) == (
        "auto-generated",
        "OOF, AutoReply",
    )


class Refusing(locmem.EmailBackend):
    """A mail server that is not up for one address."""

    def send_messages(self, messages: Any) -> int:
        if any("down" in to for message in messages for to in message.to):
            raise smtplib.SMTPServerDisconnected("try later")
        return int(super().send_messages(messages))


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locmem, "EmailBackend", Refusing)


def test_a_refused_mail_is_tried_again_and_then_sent_once(db: None, refusing: None) -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send_once(7, Mail("down@x.example", "Hello", ()))
    with scope.acting_as(scope.OPERATOR):
        assert not Dispatch.objects.exists()
    assert send_once(7, Mail("up@x.example", "Hello", ()))
    assert not send_once(7, Mail("up@x.example", "Hello", ()))
    with scope.acting_as(scope.OPERATOR):
        assert Dispatch.objects.get().sent_at
    assert len(outbox()) == 1


def test_a_job_killed_while_the_server_answered_does_not_mail_twice(db: None) -> None:
    with scope.acting_as(scope.OPERATOR):
        Dispatch.objects.create(job_id=7)
    assert not send_once(7, Mail("a@x.example", "Hello", ()))
    assert outbox() == []


def test_what_was_sent_a_month_ago_is_forgotten(db: None) -> None:
    with scope.acting_as(scope.OPERATOR):
        for job_id, days in ((1, KEPT_DAYS + 1), (2, KEPT_DAYS - 1)):
            began = clock.now() - timedelta(days=days)
            Dispatch.objects.create(job_id=job_id, started_at=began)
    tidy(0)
    with scope.acting_as(scope.OPERATOR):
        assert [dispatch.job_id for dispatch in Dispatch.objects.all()] == [2]


def test_an_address_that_fails_blocks_no_other(committed_cast: Cast, refusing: None) -> None:
    mail.outbox = []
    for email in ("down@x.example", "up@x.example"):
        with scope.acting_as(scope.ANONYMOUS):
            ask(request(email), ip="127.0.0.1")
    work_once()
    assert [message.to for message in outbox()] == [["up@x.example"]]
    down, up = queued()
    assert (down.status, down.attempts, up.status) == ("todo", 1, "succeeded")
    assert down.scheduled_at


def work_once() -> None:
    parameters = connection.get_connection_params()
    ours = {"pool", "cursor_factory", "context", "prepare_threshold", "server_side_binding"}
    connector = PsycopgConnector(kwargs={k: v for k, v in parameters.items() if k not in ours})
    with app.replace_connector(connector) as working:
        working.run_worker(wait=False, queues=[QUEUE])


def test_the_queue_holds_ids_alone(cast: Cast) -> None:
    every_mail(cast)
    for job in queued():
        assert all(re.fullmatch(r"[0-9a-f-]{36}", value) for value in job.args.values())


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("smtp://u%40x:p%2Fw@mail.example:2525", ("mail.example", 2525, "u@x", "p/w", True, False)),
        ("smtps://mail.example", ("mail.example", 465, "", "", False, True)),
        ("smtp://localhost:25", ("localhost", 25, "", "", False, False)),
    ],
)
def test_the_mail_server_is_set_by_one_address(
    tmp_path: Any, url: str, options: tuple[Any, ...]
) -> None:
    names = ("host", "port", "username", "password", "use_tls", "use_ssl")
    made = mailer(url, tmp_path)["OPTIONS"]
    assert tuple(made[name] for name in names) == options


def test_without_a_mail_server_mails_are_files(tmp_path: Any, db: None) -> None:
    with override_settings(MAILERS={"default": mailer("", tmp_path)}):
        Mail("a@x.example", "Hello", ("Words",)).message().send()
    (file,) = (tmp_path / "mail").iterdir()
    assert "To: a@x.example" in file.read_text()


def test_a_link_in_a_mails_file_is_whole_whatever_language_is_around_it(
    tmp_path: Any, db: None
) -> None:
    link, said = f"/pass/{'x' * 90}/", "En español: adónde ir y qué llevar. " * 5
    with override_settings(MAILERS={"default": mailer("", tmp_path)}):
        Mail("a@x.example", "Su pase, señora", (said,), "Abrir", link).send()
    (file,) = (tmp_path / "mail").iterdir()
    assert f"{link}\n" in file.read_text() and said.strip() in file.read_text()


@pytest.mark.parametrize("module", [access_messages, pass_messages, result_messages])
def test_each_mail_job_is_known_to_the_worker(module: Any) -> None:
    names = [str(job) for job in module.Job]
    assert names and set(names) <= set(app.tasks)
    assert inspect.getdoc(module)
