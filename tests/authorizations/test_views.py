"""The form and the pages, as a browser meets them."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clearwork.audit.actions import Action
from clearwork.authorizations import actions, queries
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.authorizations.rules import DeliveryState, State
from clearwork.database import scope
from clearwork.documents.inspect import inspect_pdf
from clearwork.foundation import clock
from clearwork.people.models import Employee
from tests import cast as people
from tests.authorizations.conftest import filled_in, telemed_care
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exchange.records import events, kept

NEW = reverse("authorizations:new")
LIST = reverse("authorizations:list")
MADE = {"authorizations": 1, "changes": 1, "deliveries": 1, "events": 2, "jobs": 1}


def page(name: str, authorization: Authorization) -> str:
    return reverse(f"authorizations:{name}", args=[authorization.pk])


def only() -> Authorization:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.select_related("employee").get()


def authorized(cast: Cast, by: Person | None = None, **changes: Any) -> Authorization:
    by = by or cast.alice
    with scope.acting_as(scope.employer(by.viewer.employer_id)):
        return actions.authorize(cast.order(**changes), by=by.viewer)


# Submitting


def test_the_form_makes_one_authorization_and_shows_it(
    alice: Client, filled: dict[str, Any]
) -> None:
    assert alice.get(NEW).status_code == 200
    before = kept()
    answer = alice.post(NEW, filled)
    assert kept() - before == MADE
    assert answer.status_code == 302 and answer["Location"] == page("detail", only())
    assert only().number in alice.get(answer["Location"]).content.decode()


def test_pressing_submit_twice_makes_one(alice: Client, filled: dict[str, Any]) -> None:
    before = kept()
    first, second = alice.post(NEW, filled), alice.post(NEW, filled)
    assert first["Location"] == second["Location"]
    assert kept() - before == MADE


def test_a_number_that_was_given_before_is_drawn_again(
    alice: Client, filled: dict[str, Any], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = authorized(cast).number
    numbers = iter([taken, "CW-4K7M-2QX9"])
    monkeypatch.setattr(actions, "new_number", lambda _: next(numbers))
    before = kept()
    assert alice.post(NEW, filled).status_code == 302
    assert kept() - before == MADE


@pytest.mark.parametrize("new_employee", [False, True])
def test_submitting_from_two_windows_at_once_makes_one(
    committed_cast: Cast, *, new_employee: bool
) -> None:
    cast = committed_cast
    form = filled_in(cast)
    if new_employee:
        form |= {"who": "new", "first_name": "Ana", "last_name": "Ruiz"}
        form |= {"date_of_birth": "1990-01-02", "employee_number": "N-77"}
    windows = [_signed_in(cast.alice) for _ in range(4)]
    before, start = kept(), threading.Barrier(4)

    def submit(window: Client) -> tuple[int, str]:
        start.wait()
        try:
            answer = window.post(NEW, form)
            return answer.status_code, answer.get("Location", "")
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(submit, windows))
    assert answers == [(302, page("detail", only()))] * 4
    added = {"employees": 1, "events": 3} if new_employee else {}
    assert kept() - before == MADE | added


def _signed_in(person: Person) -> Client:
    client = Client(raise_request_exception=False)
    with scope.acting_as(scope.ANONYMOUS):
        client.force_login(person.user)
    return client


def test_two_forms_with_one_new_employee_number_at_once(committed_cast: Cast) -> None:
    cast = committed_cast
    add = {"who": "new", "first_name": "Ana", "last_name": "Ruiz"}
    add |= {"date_of_birth": "1990-01-02", "employee_number": "N-77"}
    windows, start = [_signed_in(cast.alice) for _ in range(3)], threading.Barrier(3)
    before = kept()

    def submit(window: Client) -> int:
        start.wait()
        try:
            return window.post(NEW, filled_in(cast) | add).status_code
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(3) as threads:
        answers = sorted(threads.map(submit, windows))
    assert answers == [302, 422, 422]
    assert kept() - before == MADE | {"employees": 1, "events": 3}


def test_a_new_employee_comes_with_the_authorization(alice: Client, filled: dict[str, Any]) -> None:
    before = kept()
    new = {"who": "new", "first_name": "小红", "last_name": "李", "date_of_birth": "1990-01-02"}
    assert alice.post(NEW, filled | new).status_code == 302
    assert kept() - before == MADE | {"employees": 1, "events": 3}
    assert str(only().employee) == "小红 李"
    assert len(events(Action.EMPLOYEE_ADDED)) == 1


@pytest.mark.parametrize(
    "name",
    ["ﷺ" * 100, "뷁" * 100, "Zoë-Łukasz O’Neil", "\U0001f600", "ก้อง", "عمر", "a\u0301" * 50],
    ids=["long ligatures", "hangul", "latin", "emoji", "thai", "arabic", "combining"],
)
def test_any_name_of_100_characters_is_taken(
    alice: Client, filled: dict[str, Any], name: str
) -> None:
    new = {"who": "new", "first_name": name, "last_name": name, "date_of_birth": "1990-01-02"}
    assert alice.post(NEW, filled | new).status_code == 302
    assert only().employee.first_name == name


def test_services_of_the_other_kind_are_refused_by_name(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    answer = alice.post(NEW, filled | {"services": [str(cast.injury_care.pk)]})
    assert answer.status_code == 422
    (error,) = answer.context["form"].errors["services"]
    assert "Injury care, first visit" in error and kept().authorizations == 0


def test_an_injury_keeps_its_facts_and_another_order_does_not(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    facts = {"injury_date": f"{clock.today()}", "injury_time": "07:45", "body_part": "Left hand"}
    facts |= {"what_happened": "Cut", "claim_number": "C-1", "insurer": "Acme"}
    alice.post(NEW, filled | facts)
    assert (only().injury_date, only().body_part) == (None, "")
    injury = {"kind": "injury", "services": [str(cast.injury_care.pk)]}
    alice.post(NEW, filled_in(cast) | facts | injury)
    with scope.acting_as(scope.OPERATOR):
        stored = Authorization.objects.get(kind="injury")
    assert (stored.body_part, stored.claim_number, f"{stored.injury_time}") == (
        "Left hand",
        "C-1",
        "07:45:00",
    )


def test_centralized_care_has_no_center_and_no_delivery(
    alice: Client, filled: dict[str, Any]
) -> None:
    before = kept()
    page = alice.post(NEW, filled | {"modality": "telemed"} | telemed_care(), follow=True)
    assert "<li>By phone: call 1-555-0102</li>" in page.content.decode()
    assert only().center_id is None
    assert kept() - before == {"authorizations": 1, "changes": 1, "events": 2}


# Bad input: an error at the field, and nothing kept

DAY = timedelta(days=1)
TODAY = clock.today()
_NEW_PERSON = {
    "who": "new",
    "first_name": "Ana",
    "last_name": "Ruiz",
    "date_of_birth": "1990-01-02",
}
_INJURY = {"kind": "injury", "injury_date": f"{TODAY}", "body_part": "x", "what_happened": "x"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"employee": str(uuid4())}, "employee"),
    ({"employee": "not-an-id"}, "employee"),
    ({"employee": ""}, "employee"),
    ({"employee": "\0"}, "employee"),
    ({"worksite": str(uuid4())}, "worksite"),
    ({"worksite": "' OR 1=1"}, "worksite"),
    ({"center": str(uuid4())}, "center"),
    ({"center": "x\0"}, "center"),
    ({"center": ""}, "center"),
    ({"services": [str(uuid4())]}, "services"),
    ({"services": ["\0"]}, "services"),
    ({"services": []}, "services"),
    ({"valid_from": f"{TODAY - DAY}"}, "valid_from"),
    ({"valid_from": "2026-02-30"}, "valid_from"),
    ({"valid_from": "\0"}, "valid_from"),
    ({"valid_from": ""}, "valid_from"),
    ({"expires": f"{TODAY - DAY}"}, "expires"),
    ({"expires": "99999-01-01"}, "expires"),
    ({"kind": "both"}, "kind"),
    ({"kind": ""}, "kind"),
    ({"reason": "because"}, "reason"),
    ({"modality": "by post"}, "modality"),
    ({"who": "nobody"}, "who"),
    ({"submission": ""}, "submission"),
    ({"submission": "again"}, "submission"),
    ({"center_note": "x" * 10_000}, "center_note"),
    ({"billing_note": "x" * 10_000}, "billing_note"),
    ({"center_note": "a\0b"}, "center_note"),
    (_NEW_PERSON | {"first_name": "x" * 300}, "first_name"),
    (_NEW_PERSON | {"last_name": "王" * 300}, "last_name"),
    (_NEW_PERSON | {"last_name": "Ru\0iz"}, "last_name"),
    (_NEW_PERSON | {"last_name": "  "}, "last_name"),
    (_NEW_PERSON | {"date_of_birth": f"{TODAY + DAY}"}, "date_of_birth"),
    (_NEW_PERSON | {"date_of_birth": "1899-12-31"}, "date_of_birth"),
    (_NEW_PERSON | {"date_of_birth": ""}, "date_of_birth"),
    (_NEW_PERSON | {"employee_number": "N-1"}, "employee_number"),
    (_NEW_PERSON | {"expires": f"{TODAY - DAY}"}, "expires"),
    (_INJURY | {"injury_date": f"{TODAY + DAY}"}, "injury_date"),
    (_INJURY | {"injury_date": "0001-01-01"}, "injury_date"),
    (_INJURY | {"injury_time": "25:00"}, "injury_time"),
    (_INJURY | {"what_happened": "x" * 10_000}, "what_happened"),
    (_INJURY | {"body_part": ""}, "body_part"),
    (_INJURY, "services"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD)
def test_bad_input_is_an_error_at_its_field_and_nothing_is_kept(
    alice: Client, filled: dict[str, Any], wrong: dict[str, Any], field: str
) -> None:
    before = kept()
    answer = alice.post(NEW, filled | wrong)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert kept() - before == {}
    assert answer.context["form"].errors[field][0] in _plain(answer.content.decode())


def _plain(page: str) -> str:
    return page.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")


def test_another_employers_employee_is_no_employee(
    alice: Client, cast: Cast, filled: dict[str, Any]
) -> None:
    answers = [
        alice.post(NEW, filled | {"employee": str(pk)}) for pk in (cast.other_maria.pk, uuid4())
    ]
    errors = [answer.context["form"].errors["employee"] for answer in answers]
    assert [a.status_code for a in answers] == [422, 422] and errors[0] == errors[1]
    assert alice.post(NEW, filled | {"worksite": str(cast.yard.pk)}).status_code == 422
    assert kept().authorizations == 0


def test_what_was_typed_is_still_there_after_an_error(
    alice: Client, filled: dict[str, Any]
) -> None:
    shown = alice.post(NEW, filled | {"center_note": "Fasting <b>", "valid_from": ""})
    text = shown.content.decode()
    assert "Fasting &lt;b&gt;" in text and "Maria Garcia" in text
    assert filled["submission"] in text  # it stays the same submission


# Who sees what


def test_view_only_may_create_but_sees_only_own(
    cast: Cast, sign_in: SignIn, filled: dict[str, Any]
) -> None:
    victor, alice = sign_in(cast.victor), sign_in(cast.alice)
    hers = authorized(cast)
    assert victor.post(NEW, filled).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        own = Authorization.objects.exclude(pk=hers.pk).get()
    listed = victor.get(LIST).content.decode()
    assert own.number in listed and hers.number not in listed
    assert victor.get(page("detail", own)).status_code == 200
    for name in ("detail", "live", "document", "cancel"):
        assert victor.get(page(name, hers)).status_code == 404, name
    for name in ("cancel", "resend"):
        assert victor.post(page(name, hers)).status_code == 404, name
    both = alice.get(LIST).content.decode()
    assert own.number in both and hers.number in both


def test_another_employers_authorization_is_like_none(cast: Cast, sign_in: SignIn) -> None:
    bob, hers = sign_in(cast.bob), authorized(cast)
    for name in ("detail", "live", "document", "cancel"):
        there = bob.get(page(name, hers))
        nowhere = bob.get(reverse(f"authorizations:{name}", args=[uuid4()]))
        assert there.status_code == nowhere.status_code == 404
    assert bob.post(page("cancel", hers)).status_code == 404
    assert only().state == State.SUBMITTED


def test_viewing_and_downloading_are_one_event_each(alice: Client, cast: Cast) -> None:
    hers = authorized(cast)
    alice.get(page("detail", hers))
    alice.get(page("live", hers))
    (viewed,) = events(Action.AUTHORIZATION_VIEWED)
    assert (viewed.subject_id, viewed.actor_id, viewed.detail) == (
        hers.pk,
        cast.alice.user.pk,
        {},
    )
    answer = alice.get(page("document", hers))
    assert len(events(Action.AUTHORIZATION_DOWNLOADED)) == 1
    assert answer["Content-Disposition"] == f'attachment; filename="{hers.number}.pdf"'
    assert answer["Cache-Control"] == "no-store" and answer["Content-Type"] == "application/pdf"
    assert inspect_pdf(answer.content).tagged


def test_cancelling_asks_first_and_is_over_once_seen(alice: Client, cast: Cast) -> None:
    hers = authorized(cast)
    assert alice.get(page("cancel", hers)).status_code == 200
    assert only().state == State.SUBMITTED
    assert alice.post(page("cancel", hers), {"reason": "mistake"}).status_code == 302
    assert only().state == State.CANCELLED
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(state=State.CHECKED_IN)
    shown = alice.post(page("cancel", hers), {"reason": "mistake"}, follow=True).content.decode()
    assert "call the center" in shown and only().state == State.CHECKED_IN
    assert len(events(Action.AUTHORIZATION_CANCELLED)) == 1


def _fail_delivery() -> None:
    with scope.acting_as(scope.OPERATOR):
        Delivery.objects.update(
            state=DeliveryState.FAILED, last_error="No one answered.", finished_at=clock.now()
        )


def test_a_failed_delivery_can_be_sent_again_once(alice: Client, cast: Cast) -> None:
    hers = authorized(cast)
    alice.post(page("resend", hers))  # it is still on its way: nothing happens
    assert kept().deliveries == 1
    _fail_delivery()
    text = alice.get(page("detail", hers)).content.decode()
    assert "No one answered." in text and "Your company" in text, "nobody else acts any more"
    before = kept()
    alice.post(page("resend", hers))
    alice.post(page("resend", hers))
    assert kept() - before == {"deliveries": 1, "events": 1, "jobs": 1}


def test_sending_again_from_two_windows_at_once_sends_once(committed_cast: Cast) -> None:
    hers = authorized(committed_cast)
    _fail_delivery()
    windows, start = [_signed_in(committed_cast.alice) for _ in range(4)], threading.Barrier(4)

    def resend(window: Client) -> int:
        start.wait()
        try:
            return window.post(page("resend", hers)).status_code
        finally:
            connections["default"].close()

    before = kept()
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(resend, windows)) == [302] * 4
    assert kept() - before == {"deliveries": 1, "events": 1, "jobs": 1}


def test_a_cancelled_order_is_not_sent_again(alice: Client, cast: Cast) -> None:
    hers = authorized(cast)
    _fail_delivery()
    assert "Send again" in alice.get(page("live", hers)).content.decode()
    alice.post(page("cancel", hers), {"reason": "mistake"})
    assert "Send again" not in alice.get(page("live", hers)).content.decode()
    before = kept()
    alice.post(page("resend", hers))
    assert kept() - before == {}


# The list


def test_the_list_is_found_by_number_name_and_state(alice: Client, cast: Cast) -> None:
    marias, weis = authorized(cast), authorized(cast, employee=cast.wei)

    def found(**query: str) -> set[str]:
        text = alice.get(LIST, query).content.decode()
        return {n for n in (marias.number, weis.number) if n in text}

    assert found() == {marias.number, weis.number}
    assert found(q=marias.number.lower().replace("-", " ")) == {marias.number}
    assert found(q="gar") == found(q="MARIA g") == found(q="Garcia, María") == {marias.number}
    assert found(q="王") == {weis.number}
    assert found(state="submitted", q="maria") == {marias.number}
    assert found(state="completed") == set()
    assert found(q="nobody") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"},
        {"state": "\0"},
        {"state": "junk"},
        {"q": "x" * 5000},
        {"q": "%_\\"},
        {"after": "junk"},
        {"after": "2026-01-01T00:00:00_x"},
        {"after": "2026-01-01T00:00:00+23:59_00000000-0000-0000-0000-000000000000"},
        {"after": "0001-01-01T00:00:00+14:00_00000000-0000-0000-0000-000000000000"},
    ],
)
def test_odd_questions_are_answered(alice: Client, cast: Cast, query: dict[str, str]) -> None:
    authorized(cast)
    assert alice.get(LIST, query).status_code == 200


def test_every_page_of_the_list_shows_each_once(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        first = authorized(cast)
        at = first.created_at
        rows = [_copy(first, index, at) for index in range(60)]
        Authorization.objects.bulk_create(rows)
    seen: list[str] = []
    after = ""
    for _ in range(3):
        answer = alice.get(LIST, {"after": after})
        seen += re.findall(r">\s*(CW-[0-9A-Z]{4}-[0-9A-Z]{4})", _rows(answer.content.decode()))
        after = answer.context["page"].next
    assert after == ""
    assert len(seen) == 61 and set(seen) == {first.number, *(row.number for row in rows)}


def _rows(text: str) -> str:
    return text[text.index("<tbody>") : text.index("</tbody>")]


def _copy(row: Authorization, index: int, at: Any) -> Authorization:
    """Another one like it; every five share a moment, as a batch's do."""
    facts = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    facts |= {"id": UUID(int=index), "submission": uuid4(), "number": f"CW-0000-{index:04d}"}
    return Authorization(**facts | {"created_at": at - timedelta(minutes=index // 5)})


def test_the_list_costs_the_same_however_long(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        people.employee(cast.plant, "Ana", "Ruiz")
        staff = list(Employee.objects.filter(employer=cast.northwind))
    for index in range(3):
        authorized(cast, employee=staff[index])
    alice.get(LIST)  # the first page of a session also notes when it began
    count = len(_queries(alice))
    with scope.acting_as(scope.OPERATOR):
        first = Authorization.objects.first()
        assert first
        Authorization.objects.bulk_create(_copy(first, i, first.created_at) for i in range(22))
    assert len(_queries(alice)) == count <= 12


def _queries(client: Client) -> list[dict[str, str]]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(LIST).status_code == 200
    return list(captured.captured_queries)


def test_queries_show_view_only_their_own(cast: Cast) -> None:
    hers, his = authorized(cast), authorized(cast, by=cast.victor)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert set(queries.authorizations(cast.alice.viewer)) == {hers, his}
        assert set(queries.authorizations(cast.victor.viewer)) == {his}
        assert set(queries.authorizations(cast.bob.viewer)) == set()
