"""A mail that comes back: believed where its address proves it, told in plain words, put right."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.messaging import bounces
from clearwork.passes.models import Pass
from tests.cast import Cast
from tests.conftest import SignIn
from tests.messaging.postman import everything, outbox, post
from tests.passes.conftest import MARIAS, SAMS, Issue, path_of

pytestmark = pytest.mark.usefixtures("reading_bounces")
NOBODY = "5.1.1 (bad destination mailbox address)"


@pytest.fixture
def reading_bounces() -> Iterator[None]:
    changed = {"bounce_address": "bounces@portal.example"}
    with override_settings(ENVIRONMENT=settings.ENVIRONMENT.model_copy(update=changed)):
        yield


def report(to: str, *, status: str = NOBODY, action: str = "failed") -> bytes:
    """As a mail server writes it (RFC 3464, appendix E)."""
    lines = [
        "From: MAILER-DAEMON@mx.home.example",
        f"To: <{to}>",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
        "",
        "--part",
        "Content-Type: text/plain",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "--part",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.home.example",
        "Arrival-Date: Mon, 23 Nov 2026 12:00:00 -0600",
        "",
        "Final-Recipient: rfc822; maria@home.example",
        f"Action: {action}",
        f"Status: {status}",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user",
        "",
        "--part",
        "Content-Type: message/rfc822",
        "",
        "Subject: your pass",
        "",
        "--part--",
        "",
    ]
    return "\r\n".join(lines).encode()


def receive(raw: bytes, monkeypatch: pytest.MonkeyPatch, **options: str) -> str:
    """As the mail server's pipe does."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    said = io.StringIO()
    call_command("receive_bounce", stdout=said, **options)
    return said.getvalue().strip()


def section(client: Client, authorization: Authorization) -> str:
    return client.get(f"/passes/of/{authorization.pk}/").content.decode()


def test_what_came_back_says_why_and_how_to_put_it_right(
    alice: Client, issue: Issue, authorization: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue()
    (mail,) = post()
    assert mail.from_email.endswith("@portal.example")
    assert "bounces" not in str(mail.message()["From"]), "people see the portal's own address"
    assert len(mail.from_email.partition("@")[0]) <= 64
    assert receive(report(mail.from_email.upper()), monkeypatch) == "Noted."
    shown = section(alice, authorization)
    assert "Not delivered" in shown and "There is no such mailbox" in shown
    assert f"/passes/of/{authorization.pk}/employee/" in shown and "Another address" in shown
    assert receive(report(mail.from_email), monkeypatch).startswith("Known already")
    (told,) = [mail for mail in post() if mail.to == ["alice@northwind.example"]]
    assert str(authorization.pk) in told.body
    assert not [word for word in ("Maria", "maria@", "DOT", "CW-") if word in everything(told)]
    with scope.acting_as(scope.OPERATOR):
        assert AuditEvent.objects.filter(action="pass:came_back").count() == 1


def test_the_same_link_sent_again_is_another_mail(
    alice: Client, issue: Issue, authorization: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue()
    (first,) = post()
    receive(report(first.from_email), monkeypatch)
    alice.post(f"/passes/{issued.pk}/resend/")
    post()
    assert receive(report(first.from_email), monkeypatch).startswith("Known already")
    assert "Sent, not opened" in section(alice, authorization)


def test_what_did_not_arrive_waits_on_home_until_it_is_put_right(
    alice: Client, cast: Cast, sign_in: SignIn, issue: Issue, authorization: Authorization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def waiting() -> tuple[bool, bool]:
        """Whether home and the list of them say so."""
        home, lost = alice.get("/").content.decode(), alice.get("/passes/lost/").content.decode()
        return "1 pass could not be delivered" in home, MARIAS.address in lost

    issued = issue()
    receive(report(str(post()[0].from_email)), monkeypatch)
    assert waiting() == (True, True)
    for other in (cast.victor, cast.bob):  # it is Alice's
        assert "Every link arrived" in sign_in(other).get("/passes/lost/").content.decode()
    alice.post(f"/passes/{issued.pk}/resend/")
    assert waiting() == (False, False)
    again = [mail for mail in post() if mail.to == [MARIAS.address]]
    receive(report(str(again[-1].from_email)), monkeypatch)
    assert waiting() == (True, True)
    replaced = issue(replace(MARIAS, address="maria@work.example"))
    assert waiting() == (False, False)
    receive(report(str(post()[-1].from_email)), monkeypatch)
    for state, waits in ((State.COMPLETED, False), (authorization.state, True)):
        with scope.acting_as(scope.OPERATOR):
            Authorization.objects.update(state=state)
        told = "maria@work.example" in alice.get("/passes/lost/").content.decode()
        assert told is waits, "whether there is anything left to come for"
    alice.post(f"/passes/{replaced.pk}/revoke/")
    assert "Every link arrived" in alice.get("/passes/lost/").content.decode()


@pytest.mark.parametrize(
    "forged",
    [
        lambda to: to.replace("+", "+aaaa"),
        lambda to: f"bounces+{'a' * 48}@portal.example",
        lambda to: f"{to[:50]}{'a' if to[50] != 'a' else 'b'}{to[51:]}",
        lambda to: "bounces@portal.example",
        lambda to: "",
    ],
)
def test_a_report_nobody_could_have_is_not_believed(
    alice: Client,
    issue: Issue,
    authorization: Authorization,
    monkeypatch: pytest.MonkeyPatch,
    forged: Callable[[str], str],
) -> None:
    issue()
    (mail,) = post()
    raw = report(forged(str(mail.from_email)))
    assert receive(raw, monkeypatch).startswith("Passed over")
    assert "Sent, not opened" in section(alice, authorization)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00 no mail at all",
        b"To: {}\r\nSubject: Out of office\r\n\r\nBack on Monday.",
        b"Content-Type: message/delivery-status\r\nTo: {}\r\n\r\nAction: failed",
        b'Content-Type: multipart/report; boundary=""\r\nTo: {}\r\n\r\n--\r\n',
    ],
)
def test_what_is_no_report_is_passed_over(
    issue: Issue, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    issue(SAMS)
    (mail,) = post()
    to = str(mail.from_email)
    said = receive(raw.replace(b"{}", to.encode()), monkeypatch, recipient=to)
    assert said.startswith("Passed over") or b"failed" in raw


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_only_what_was_given_up_counts(
    issue: Issue, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    issue()
    (mail,) = post()
    raw = report(mail.from_email, action=action, status="4.2.0")
    assert receive(raw, monkeypatch).startswith("Passed over")


def test_a_link_that_was_opened_has_arrived(
    phone: Client, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue()
    (mail,) = post()
    phone.post(path_of(issued), {"month": "4", "day": "17", "year": "1988"})
    with scope.acting_as(scope.OPERATOR):
        assert Pass.objects.get(pk=issued.pk).times_opened == 1
    assert receive(report(mail.from_email), monkeypatch).endswith("opened since.")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("5.1.2", "what stands after the @"),
        ("5.1.10", "no such mailbox"),
        ("5.2.2", "is full"),
        ("5.2.1", "takes no mail"),
        ("5.7.26", "refused it"),
        ("4.4.7", "could not be reached for days"),
        ("5.0.0", "did not accept it"),
        ("nonsense", "did not accept it"),
    ],
)
def test_why_is_told_in_plain_words(status: str, says: str) -> None:
    assert says in bounces.why_undeliverable(bounces.read(report("x@y.example", status=status)))


def test_a_network_that_reads_no_bounces_sends_as_ever(issue: Issue) -> None:
    environment = settings.ENVIRONMENT.model_copy(update={"bounce_address": ""})
    with override_settings(ENVIRONMENT=environment):
        issue(MARIAS)
        post()
    assert [mail.from_email for mail in outbox()] == [settings.DEFAULT_FROM_EMAIL]
