"""Canaries: a password, a name, a birth date and the keys go everywhere but into a log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from clearwork.accounts.models import User
from clearwork.accounts.security_messages import reset_path
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.config.logs import DiscreetFormatter
from clearwork.database import embedded, scope
from clearwork.database.address import DATABASE
from clearwork.exchange import inbound, outbound
from clearwork.exchange.hl7.ack import read_ack
from clearwork.exchange.jobs import match
from clearwork.exchange.models import HeldResult
from tests.cast import Cast
from tests.database.test_isolation import order_fields
from tests.environment import DATA
from tests.exchange import wire

PASSWORD = "canary-password-7Gq"
GIVEN, FAMILY = "Zebrafina", "Quokkason"
BORN = date(1971, 11, 23)
FACTS = [
    PASSWORD,
    f"{PASSWORD} wrong",
    GIVEN,
    FAMILY,
    *(f"{BORN:{form}}" for form in ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%b %d, %Y", "%B %d")),
    "datetime.date(1971",
]


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:
    """All that any logger says, at DEBUG, as the console's handler would write it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    console = logging.getHandlerByName("console")
    assert console and isinstance(console.formatter, DiscreetFormatter)
    handler.setFormatter(console.formatter)
    configured: dict[str, Any] = settings.LOGGING
    loggers = [logging.getLogger(name) for name in ("", *configured["loggers"])]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(handler)
    yield written
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def stage(committed_cast: Cast) -> Cast:
    """Alice has the canary password; Dallas' system is where `wire` will answer."""
    cache.clear()
    with scope.acting_as(scope.OPERATOR):
        user = User.objects.get(pk=committed_cast.alice.user.pk)
        user.set_password(PASSWORD)
        user.save()
    return committed_cast


def new_person(cast: Cast) -> dict[str, object]:
    facts = {"who": "new", "first_name": GIVEN, "last_name": FAMILY, "date_of_birth": BORN}
    return order_fields(cast, **facts)


def sign_in(cast: Cast) -> Client:
    client = Client(raise_request_exception=False)
    for password in (f"{PASSWORD} wrong", PASSWORD):
        client.post("/sign-in/", {"login": cast.alice.user.email, "password": password})
    assert client.get("/").status_code == 200
    return client


def refused_by_the_database(client: Client, cast: Cast) -> None:
    """The server's error quotes the whole row: name, date of birth and all."""
    with embedded.connect(Path(DATA), DATABASE) as superuser:
        change = "ALTER TABLE people_employee {} CONSTRAINT no_canary"
        superuser.execute(f"{change.format('ADD')} CHECK (first_name <> '{GIVEN}')")
        try:
            answer = client.post("/authorizations/new/", new_person(cast))
        finally:
            superuser.execute(change.format("DROP"))
    assert answer.status_code == 500


def authorize(client: Client, cast: Cast) -> tuple[Authorization, Delivery]:
    answer = client.post("/authorizations/new/", new_person(cast))
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert FAMILY in page.content.decode()
    assert client.get("/authorizations/", {"q": f"{GIVEN} {FAMILY}"}).status_code == 200
    assert client.get(f"/results/?name={FAMILY}&date_of_birth={BORN}").status_code == 200
    with scope.acting_as(scope.OPERATOR):
        authorization = Authorization.objects.select_related("employee").get()
        return authorization, Delivery.objects.get()


def send(delivery: Delivery, cast: Cast) -> None:
    """To nobody, to one who answers in riddles, to one who repeats what was sent, then taken."""
    employer, pk = delivery.employer_id, delivery.pk
    other = b"MSH|^~\\&|A|B|C|D|1||ACK|1|P|2.5.1\rMSA|AA|other\r"
    replies: list[wire.Reply] = [
        lambda raw: None,
        lambda raw: wire.framed(b"riddle" + raw),
        lambda raw: wire.framed(other + raw),
    ]
    for reply in replies:
        with wire.center_system([reply]) as center:
            _at(cast, center.port)
            with pytest.raises(outbound.NotDelivered):
                outbound.deliver(employer, pk, last_try=False)
    with wire.center_system([lambda raw: wire.framed(wire.answer_to(raw))]) as center:
        _at(cast, center.port)
        outbound.deliver(employer, pk, last_try=True)
    assert center.received and FAMILY.encode() in center.received[0]


def _at(cast: Cast, port: int) -> None:
    with scope.acting_as(scope.OPERATOR):
        type(cast.dallas).objects.filter(pk=cast.dallas.pk).update(hl7_port=port)


def receive(authorization: Authorization, cast: Cast) -> None:
    """A result, one for a stranger (held), and every kind that is refused."""
    who = wire.pid(FAMILY, GIVEN, BORN)
    account = {"account": cast.northwind.account_number}
    messages = [
        wire.result(authorization, cast.dallas),
        wire.message(cast.dallas, who, *wire.document("", **account)),
        wire.message(cast.dallas, who, *wire.document(authorization.number, b"no PDF")),
        wire.message(cast.dallas, who, *wire.document(authorization.number, f"%%{FAMILY}")),
        wire.message(cast.dallas, who),
        wire.message(cast.dallas, who, sender="NOBODY|KNOWS"),
        wire.message(cast.dallas, who, kind="ADT^A01^ADT_A01"),
        wire.message(cast.dallas, who.replace("1971", "1971-")),
        who.encode(),
        wire.message(cast.dallas, who)[:-40] + b"\xff\xfe",
    ]
    codes = [read_ack(ack).code for ack in inbound.receive(messages) if ack]
    assert codes[:2] == ["AA", "AA"]
    assert set(codes[2:]) <= {"AE", "AR"}
    with scope.acting_as(scope.OPERATOR):
        held = HeldResult.objects.get()
    match(held_id=str(held.pk))


def test_no_log_line_tells_a_secret_or_who_someone_is(
    stage: Cast, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    server_log = Path(DATA) / "postgres.log"
    before = len(server_log.read_bytes())
    client = sign_in(stage)
    session = client.cookies["sessionid"].value
    refused_by_the_database(client, stage)
    authorization, delivery = authorize(client, stage)
    send(delivery, stage)
    receive(authorization, stage)

    out, err = capfd.readouterr()
    postgres = server_log.read_bytes()[before:].decode()
    for where, written in {"log": log.getvalue(), "out": out, "err": err, "pg": postgres}.items():
        keys = [session, settings.SECRET_KEY, settings.MASTER_KEY]
        assert [fact for fact in (*FACTS, *keys) if fact in written] == [], where
    assert "Internal Server Error: /authorizations/new/" in log.getvalue()
    assert 'violates check constraint "no_canary"' in log.getvalue()
    assert 'violates check constraint "no_canary"' in postgres
    assert "refused message" in log.getvalue()


def test_a_row_the_database_refuses_is_not_quoted(cast: Cast, log: io.StringIO) -> None:
    """Sign-in's table has no row-level security, so the server does quote it."""
    email = f"{FAMILY}@canary.example"
    with scope.acting_as(scope.OPERATOR):
        User.objects.create(email=email)
        try:
            with transaction.atomic():
                User.objects.create(email=email)
        except IntegrityError as error:
            assert FAMILY in str(error)
            logging.getLogger("clearwork.anything").exception("refused")
    assert "duplicate key value" in log.getvalue()
    assert FAMILY not in log.getvalue()


def test_control_the_canaries_are_seen_where_they_do_sing(log: io.StringIO) -> None:
    logging.getLogger("clearwork.anything").debug("born %s", BORN)
    assert any(fact in log.getvalue() for fact in FACTS)


def test_what_the_database_quotes_is_left_out_and_the_rest_stays() -> None:
    inner = ValueError(f"line one\nDETAIL:  Failing row contains ({GIVEN},\n{FAMILY}).\n")
    outer = RuntimeError(f"outer\nDETAIL:  Key (name)=({GIVEN}) exists.")
    outer.__cause__ = inner
    record = logging.LogRecord(
        "x", logging.ERROR, "p", 1, "it failed", None, (RuntimeError, outer, None)
    )
    text = DiscreetFormatter("%(message)s").format(record)
    assert GIVEN not in text and FAMILY not in text
    for kept in ("it failed", "ValueError: line one", "direct cause", "RuntimeError: outer"):
        assert kept in text


def test_no_secret_of_a_mailed_link_stands_in_the_log_and_every_id_does() -> None:
    person = User(email="ann@northwind.example")
    lines = (reset_path(person), f"/visits/{person.pk}/")
    reset, visit = (
        DiscreetFormatter().format(logging.LogRecord("x", 40, "p", 1, line, None, None))
        for line in lines
    )
    assert reset == f"/sign-in/reset/{person.pk.hex}/…/" and visit == lines[1]
