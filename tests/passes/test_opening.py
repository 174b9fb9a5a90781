"""Whoever holds the link: the employee shows a date of birth, a named person a code."""

from __future__ import annotations

import io
import logging
import re
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import icalendar
import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Modality, State
from clearwork.centers.models import MedicalCenter, Service
from clearwork.config.logs import DiscreetFormatter
from clearwork.database import scope
from clearwork.employers.models import Employer, Worksite
from clearwork.foundation import clock
from clearwork.passes import content, opening, queries, tokens
from clearwork.passes.models import Pass, Sending
from clearwork.passes.rules import CODES_AN_HOUR, GRACE, NothingToSend, Purpose, Standing
from tests.cast import BORN, Cast
from tests.messaging.postman import everything, post
from tests.passes.conftest import SAMS, Issue, as_it_is, path_of

RIGHT = {"month": str(BORN.month), "day": str(BORN.day), "year": str(BORN.year)}
WRONG = {**RIGHT, "day": "18"}
_SAVEPOINT_OR_VALUE = re.compile(r"'[^']*'|\"s\d+_x\d+\"")
PRIVATE = ("Maria", "Garcia", "CW-", "DOT", "Northwind", "1988", "maria@")
GONE = "This link does not work"


def change(model: Any, pk: Any, **facts: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        model.objects.filter(pk=pk).update(**facts)


def opened(phone: Client, issued: Pass, language: str = "en") -> str:
    """The pass as shown after the right date."""
    answer = phone.post(path_of(issued), RIGHT)
    assert answer.status_code == HTTPStatus.FOUND
    return phone.get(f"{path_of(issued)}?lang={language}").content.decode()


def test_the_link_asks_for_the_date_of_birth_and_shows_nothing_before(
    phone: Client, issue: Issue
) -> None:
    page = phone.get(path_of(issue())).content.decode()
    assert "Northwind Freight has sent you a pass" in page and "Your date of birth" in page
    assert not [word for word in ("Maria", "Garcia", "CW-", "Dallas", "DOT") if word in page]


def test_the_right_date_shows_the_pass(
    cast: Cast, phone: Client, issue: Issue, authorization: Authorization
) -> None:
    change(
        Service,
        cast.dot_physical.pk,
        bring="Your glasses\nYour list of medicines",
        prepare="Sleep well.",
    )
    change(Employer, cast.northwind.pk, phone="214-555-0777")
    page = opened(phone, issue())
    for said in (
        authorization.number,
        "Maria Garcia",
        "Dallas Medical Center",
        "100 Mill Road, Dallas, TX 75201",
        "google.com/maps/dir/?api=1&amp;destination=100+Mill+Road",
        "214-555-0777",
        "DOT physical",
        "Your glasses",
        "Your list of medicines",
        "Sleep well.",
        "photo ID",
        "QR code of",
        "Bar code of",
    ):
        assert said in page, said


def test_the_pass_tells_the_minimum(cast: Cast, phone: Client, issue: Issue) -> None:
    issued = issue()
    change(
        Authorization,
        issued.authorization_id,
        kind="injury",
        body_part="Left hand",
        what_happened="Cut by a tile",
        claim_number="CLM-77",
        insurer="Big Mutual",
        center_note="Be gentle",
        billing_note="PO 12",
    )
    page = opened(phone, issued)
    private = ("Left hand", "Cut by", "CLM-77", "Mutual", "gentle", "PO 12", "Pre-placement", "N-1")
    assert not [word for word in private if word in page]
    assert "1988" not in page and "Injury" not in page


def test_it_is_in_spanish_as_chosen_remembered_or_as_the_browser_asks(
    cast: Cast, phone: Client, issue: Issue
) -> None:
    change(Service, cast.dot_physical.pk, name_es="Examen físico del DOT", bring_es="Sus lentes")
    issued = issue()
    asked = phone.get(path_of(issued), headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"})
    assert "Su fecha de nacimiento" in asked.content.decode() and 'lang="es"' in str(asked.content)
    assert "abril" in asked.content.decode()
    page = opened(phone, issued, "es")
    assert "Adónde ir" in page and "Examen físico del DOT" in page and "Sus lentes" in page
    assert "Válido hasta" in page and " de " in page
    assert "Adónde ir" in phone.get(path_of(issued)).content.decode(), "remembered"
    assert "Where to go" in phone.get(f"{path_of(issued)}?lang=en").content.decode()
    assert "Where to go" in phone.get(f"{path_of(issued)}?lang=xx").content.decode()
    strange = Client().get(path_of(issued), headers={"Accept-Language": "zz;q=x,,,;;"})
    assert "Your date of birth" in strange.content.decode()


@pytest.mark.parametrize(
    ("modality", "said"),
    [
        (Modality.TELEMED, ["Demo Telemed", "telemed.example.com", "1-555-0102"]),
        (Modality.TELEREHAB, ["Demo Telerehab", "telerehab.example.com", "1-555-0103"]),
    ],
)
def test_care_at_a_distance_says_how_to_reach_it(
    phone: Client, issue: Issue, modality: Modality, said: list[str]
) -> None:
    issued = issue()
    change(Authorization, issued.authorization_id, modality=modality, center=None)
    for language in ("en", "es"):
        page = opened(phone, issued, language)
        assert [words for words in said if words not in page] == []
        assert "Dallas" not in page and "maps" not in page


def test_a_wrong_date_says_how_many_tries_are_left(phone: Client, issue: Issue) -> None:
    issued = issue()
    answer = phone.post(path_of(issued), WRONG)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "You can try 4 more times." in answer.content.decode()
    assert 'value="18"' in answer.content.decode(), "what was typed stays"
    assert as_it_is(issued).tries_left == 4 and as_it_is(issued).times_opened == 0


@pytest.mark.parametrize(
    "typed",
    [{}, {**RIGHT, "day": "31"}, {**RIGHT, "year": "3000"}, {**RIGHT, "month": "x"}],
    ids=["nothing", "April 31", "the future", "no month"],
)
def test_what_is_no_date_costs_no_try(phone: Client, issue: Issue, typed: dict[str, str]) -> None:
    issued = issue()
    answer = phone.post(path_of(issued), typed)
    assert answer.status_code == 422
    assert "Enter the month, the day and the year" in answer.content.decode()
    assert as_it_is(issued).tries_left == 5


@pytest.mark.parametrize("typed", [{"year": "88"}, {"day": "017"}, {"year": " 1988 "}])
def test_a_date_is_forgiven_its_form(phone: Client, issue: Issue, typed: dict[str, str]) -> None:
    assert phone.post(path_of(issue()), {**RIGHT, **typed}).status_code == HTTPStatus.FOUND


def test_five_wrong_dates_and_the_link_is_dead_also_for_the_right_one(
    phone: Client, issue: Issue
) -> None:
    issued = issue()
    answers = [phone.post(path_of(issued), WRONG) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [410]
    assert "after that the link stops working" in answers[3].content.decode()
    assert phone.post(path_of(issued), RIGHT).status_code == HTTPStatus.GONE
    assert as_it_is(issued).times_opened == 0
    with scope.acting_as(scope.OPERATOR):
        failed = AuditEvent.objects.filter(action="pass:try_failed")
        assert [event.detail["tries_left"] for event in failed.order_by("id")] == [4, 3, 2, 1, 0]


def test_only_the_right_date_counts_as_opened(phone: Client, issue: Issue) -> None:
    """Mail scanners and link previews fetch every link, some with HEAD, some twice."""
    issued = issue()
    for _ in range(3):
        phone.get(path_of(issued))
        phone.head(path_of(issued))
    seen = as_it_is(issued)
    assert (seen.times_opened, seen.first_opened_at, seen.tries_left) == (0, None, 5)
    opened(phone, issued)
    phone.get(path_of(issued))
    first = as_it_is(issued)
    assert first.times_opened == 1 and first.first_opened_at == first.last_opened_at
    opened(Client(), issued)
    again = as_it_is(issued)
    assert again.times_opened == 2 and again.first_opened_at == first.first_opened_at
    with scope.acting_as(scope.OPERATOR):
        events = AuditEvent.objects.filter(action="pass:opened")
        assert {event.actor_id for event in events} == {issued.pk} and events.count() == 2


def test_this_device_need_not_show_it_again_for_half_an_hour(
    phone: Client, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued, other = issue(), issue(SAMS)
    opened(phone, issued)
    cookie = phone.cookies["clearwork_pass"]
    assert cookie["httponly"] and cookie["max-age"] == 1800 and cookie["path"] == path_of(issued)
    phone.cookies["clearwork_pass"]["path"] = "/"
    assert "CW-" not in phone.get(path_of(other)).content.decode(), "another pass"
    now = clock.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 31 * 60)
    assert "Your date of birth" in phone.get(path_of(issued)).content.decode()


def test_pages_are_kept_nowhere_and_tell_no_other_site(phone: Client, issue: Issue) -> None:
    issued = issue()
    opened(phone, issued)
    for answer in (
        phone.get(path_of(issued)),
        Client().get("/pass/x/"),
        Client().get(path_of(issued)),
    ):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert settings.SESSION_COOKIE_NAME not in answer.cookies
        elsewhere = re.findall(r'(?:src|href)="(https?:[^"]+)"', answer.content.decode())
        assert all(url.startswith("https://www.google.com/maps/dir/") for url in elsewhere)
        assert answer.content.count(b"<script") == answer.content.count(b"clearwork.js")


def gone(kind: str, issued: Pass) -> str:
    """The address of a link that came to that end."""
    ends: dict[str, dict[str, Any]] = {
        "revoked": {"revoked_at": clock.now()},
        "dead": {"tries_left": 0},
    }
    if kind in ends:
        change(Pass, issued.pk, **ends[kind])
    if kind == "expired":
        ended = clock.today() - GRACE - timedelta(days=1)
        change(Authorization, issued.authorization_id, expires=ended, valid_from=ended)
    if kind == "unknown":
        return f"/pass/{tokens.token(uuid4())}/"
    if kind == "wrong secret":
        right = path_of(issued)
        return right[:-3] + ("AA/" if right[-3:-1] != "AA" else "BB/")
    return "/pass/nonsense/" if kind == "nonsense" else path_of(issued)


KINDS = ("unknown", "nonsense", "wrong secret", "revoked", "dead", "expired")


@pytest.mark.parametrize("method", ["get", "post"])
def test_links_that_open_nothing_are_all_alike(cast: Cast, issue: Issue, method: str) -> None:
    """To the byte, and to the query."""
    seen = set()
    for number, kind in enumerate(KINDS):
        change(Authorization, issue().authorization_id, expires=clock.today())
        issued = issue(SAMS.__class__(SAMS.channel, f"s{number}@x.example"))
        path = gone(kind, issued)
        with scope.acting_as(scope.ANONYMOUS), CaptureQueriesContext(connection) as captured:
            answer = getattr(Client(), method)(path, RIGHT if method == "post" else None)
        asked = tuple(_SAVEPOINT_OR_VALUE.sub("?", query["sql"]) for query in captured)
        seen.add((answer.status_code, answer.content, str(sorted(answer.headers.items())), asked))
        said = answer.content.decode()
        assert GONE in said and settings.ENVIRONMENT.support_phone in said
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": State.CANCELLED}, "was cancelled"),
        ({"state": State.EXPIRED}, "expired on"),
        ({"expires": clock.today() - timedelta(days=1)}, "expired on"),
        ({"state": State.COMPLETED}, "The visit is complete"),
    ],
)
def test_a_pass_whose_authorization_ended_says_so_and_whom_to_call(
    cast: Cast, phone: Client, issue: Issue, facts: dict[str, Any], said: str
) -> None:
    issued = issue()
    change(Employer, cast.northwind.pk, phone="214-555-0777")
    change(Authorization, issued.authorization_id, **facts)
    page = opened(phone, issued)
    assert said in page and "Northwind Freight" in page and "214-555-0777" in page
    assert "QR code" not in page and "Dallas" not in page
    assert phone.get(f"{path_of(issued)}pass.pdf").status_code == HTTPStatus.FOUND
    change(
        Authorization,
        issued.authorization_id,
        state=State.ACCEPTED,
        expires=clock.today() + timedelta(days=9),
    )
    extended = phone.get(path_of(issued)).content.decode()
    assert "QR code" in extended and "no longer valid" not in extended
    change(MedicalCenter, cast.dallas.pk, is_active=False)
    closed = phone.get(path_of(issued)).content.decode()
    assert "The medical center has closed." in closed and "100 Mill Road" not in closed


@pytest.mark.parametrize("is_centralized", [False, True])
def test_a_pass_is_over_when_its_authorization_is(
    cast: Cast, issue: Issue, monkeypatch: pytest.MonkeyPatch, is_centralized: bool
) -> None:
    """At midnight in Honolulu, where the care would be, not in Chicago, where the network is."""
    issued, midnight = issue(), datetime(2027, 3, 11, 10, tzinfo=UTC)
    remote = {"center": None, "modality": Modality.TELEMED} if is_centralized else {}
    facts = {"valid_from": date(2027, 3, 1), "expires": date(2027, 3, 10), **remote}
    change(Authorization, issued.authorization_id, **facts)
    change(Worksite, cast.plant.pk, postal_code="96813" if is_centralized else "75201")
    change(MedicalCenter, cast.dallas.pk, time_zone="Pacific/Honolulu")
    monkeypatch.setattr(clock, "today", lambda: date(2027, 3, 11))
    for early, standing in ((1, Standing.VALID), (0, Standing.EXPIRED)):
        moment = midnight - timedelta(seconds=early)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        with scope.acting_as(scope.ANONYMOUS):
            found = opening.find(tokens.token(issued.pk))
            assert found and content.shown(found, "en").standing == standing
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            assert queries.may_send(found.authorization) == bool(early)
        with nullcontext() if early else pytest.raises(NothingToSend):
            issue(SAMS)


def test_a_revoked_pass_closes_on_the_device_that_has_it_open(phone: Client, issue: Issue) -> None:
    issued = issue()
    opened(phone, issued)
    change(Pass, issued.pk, revoked_at=clock.now())
    assert GONE in phone.get(path_of(issued)).content.decode()
    assert phone.get(f"{path_of(issued)}pass.pdf").status_code == HTTPStatus.GONE


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pass_is_kept_as_a_tagged_pdf(
    phone: Client, issue: Issue, authorization: Authorization, language: str
) -> None:
    issued = issue()
    path = f"{path_of(issued)}pass.pdf"
    assert Client().get(path).status_code == HTTPStatus.FOUND, "first the date of birth"
    opened(phone, issued, language)
    answer = phone.get(path)
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    with pikepdf.open(io.BytesIO(answer.content)) as opened_pdf:
        assert len(opened_pdf.pages) == 1 and opened_pdf.Root.MarkInfo.Marked
        assert str(opened_pdf.Root.Lang).startswith(language)
    words = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert authorization.number in words and "Dallas Medical Center" in words
    assert ("Valid until" if language == "en" else "Válido hasta") in words
    with scope.acting_as(scope.OPERATOR):
        assert AuditEvent.objects.filter(action="pass:downloaded").count() == 1


@pytest.mark.parametrize(
    ("language", "title", "step"),
    [
        ("en", "Last day for your visit: Dallas Medical Center", "You need no appointment"),
        ("es", "Último día para su visita: Dallas Medical Center", "No necesita cita"),
    ],
)
def test_the_last_day_goes_into_a_calendar_and_nothing_of_the_person(
    phone: Client, issue: Issue, authorization: Authorization, language: str, title: str, step: str
) -> None:
    issued = issue()
    path = f"{path_of(issued)}visit.ics"
    assert Client().get(path).status_code == HTTPStatus.FOUND, "first the date of birth"
    assert f'href="{path}"' in opened(phone, issued, language)
    answer = phone.get(path)
    assert answer["Content-Type"].startswith("text/calendar")
    lines = answer.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75 and b"\n" not in b"".join(lines)
    (event,) = icalendar.Calendar.from_ical(answer.content).events
    assert (event.start, event["SUMMARY"]) == (authorization.expires, title)
    assert event.end - event.start == timedelta(days=1) and step in str(event["DESCRIPTION"])
    assert not event.errors and event["UID"] and event["DTSTAMP"] and len(event.alarms.times) == 1
    assert not [word for word in PRIVATE if word in answer.content.decode()]


def test_care_without_a_center_has_no_last_day_anywhere(
    phone: Client, issue: Issue, authorization: Authorization
) -> None:
    change(Authorization, authorization.pk, modality=Modality.TELEMED, center=None)
    issued = issue()
    assert "visit.ics" not in opened(phone, issued)
    assert phone.get(f"{path_of(issued)}visit.ics").status_code == HTTPStatus.FOUND


def test_no_log_holds_what_opens_a_pass(
    issue: Issue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str) -> Pass:
        raise RuntimeError("no such luck")

    issued = issue()
    monkeypatch.setattr(opening, "find", broken)
    caplog.set_level(logging.DEBUG)
    answer = Client(raise_request_exception=False).get(path_of(issued))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    formatter = DiscreetFormatter("%(message)s")
    said = "\n".join(map(formatter.format, caplog.records))
    assert "Internal Server Error: /pass/…/" in said and tokens.token(issued.pk) not in said


# A named person


def code_in(mails: list[Any]) -> str:
    (mail,) = mails
    assert mail.to == [SAMS.address]
    (found,) = re.findall(r"\b\d{6}\b", str(mail.body))
    return str(found)


def test_a_named_person_opens_it_with_a_code_sent_to_the_same_address(
    phone: Client, issue: Issue, authorization: Authorization
) -> None:
    issued = issue(SAMS)
    post()
    page = phone.get(path_of(issued)).content.decode()
    assert "Send me a code" in page and "date of birth" not in page and "Maria" not in page
    assert phone.post(f"{path_of(issued)}code/").status_code == HTTPStatus.FOUND
    number = code_in(post()[-1:])
    assert "A code is on its way" in phone.get(path_of(issued)).content.decode()
    typed = {"code": f"{number[:3]} {number[3:]}"}
    assert phone.post(path_of(issued), typed).status_code == HTTPStatus.FOUND
    shown = phone.get(path_of(issued)).content.decode()
    assert authorization.number in shown and "Maria Garcia" in shown and "Dallas" in shown
    assert "DOT physical" not in shown, "unless the sender chose so"
    assert "QR code" not in shown and "What to bring" not in shown, "that is the employee's"
    assert phone.get(f"{path_of(issued)}pass.pdf").status_code == HTTPStatus.FOUND
    assert as_it_is(issued).times_opened == 1
    assert Client().post(path_of(issued), typed).status_code == 422, "a code works once"


def test_the_services_are_shown_to_whom_the_sender_chose(phone: Client, issue: Issue) -> None:
    issued = issue(SAMS.__class__(SAMS.channel, SAMS.address, SAMS.name, SAMS.interest, True))
    post()
    phone.post(f"{path_of(issued)}code/")
    phone.post(path_of(issued), {"code": code_in(post()[-1:])})
    assert "DOT physical" in phone.get(path_of(issued)).content.decode()


def test_a_wrong_code_counts_and_no_code_does_not(phone: Client, issue: Issue) -> None:
    issued = issue(SAMS)
    for nothing in ("", "12345", "1234567", "abcdef"):
        assert phone.post(path_of(issued), {"code": nothing}).status_code == 422
    assert as_it_is(issued).tries_left == 5
    post()
    phone.post(f"{path_of(issued)}code/")
    number = int(code_in(post()[-1:]))
    wrong = {"code": f"{(number + 1) % 1_000_000:06d}"}
    answers = [phone.post(path_of(issued), wrong).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 410]
    assert phone.post(path_of(issued), {"code": f"{number:06d}"}).status_code == 410


def test_an_old_code_opens_nothing(phone: Client, issue: Issue) -> None:
    issued = issue(SAMS)
    post()
    phone.post(f"{path_of(issued)}code/")
    number = code_in(post()[-1:])
    asked = as_it_is(issued).code_asked_at
    assert asked
    before = tokens.code(issued.pk, asked)
    assert before == number
    change(Pass, issued.pk, code_asked_at=clock.now() - timedelta(minutes=11))
    assert phone.post(path_of(issued), {"code": number}).status_code == 422


def test_codes_are_sent_a_few_times_an_hour(phone: Client, issue: Issue) -> None:
    issued = issue(SAMS)
    asked = [phone.post(f"{path_of(issued)}code/") for _ in range(CODES_AN_HOUR + 1)]
    assert [answer.status_code for answer in asked] == [302] * CODES_AN_HOUR + [429]
    assert "too many codes" in asked[-1].content.decode()
    with scope.acting_as(scope.OPERATOR):
        assert Sending.objects.filter(purpose=Purpose.CODE).count() == CODES_AN_HOUR


def test_the_employees_link_has_no_codes_and_sams_no_date_of_birth(
    phone: Client, issue: Issue
) -> None:
    marias, sams = issue(), issue(SAMS)
    assert phone.post(f"{path_of(marias)}code/").status_code == HTTPStatus.GONE
    assert phone.post(path_of(sams), RIGHT).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert as_it_is(sams).times_opened == 0
    assert "code" not in "".join(everything(mail) for mail in post()[:1])
