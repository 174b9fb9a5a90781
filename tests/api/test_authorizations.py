"""Authorizing care by the API: one, many, again, and in vain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from clearwork.api.models import KeptAnswer
from clearwork.api.rules import MOST_ORDERS
from clearwork.authorizations import many
from clearwork.authorizations.models import Authorization, Delivery, DotTestOrder
from clearwork.centers.models import Service
from clearwork.database import scope
from clearwork.foundation import clock
from tests.api.story import PROBLEM, Integration, events, integration, order
from tests.cast import Cast, offer_everything


@pytest.fixture
def payroll(cast: Cast) -> Integration:
    return integration(cast.alice)


def count() -> int:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.count()


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422 and answer["Content-Type"] == PROBLEM
    return [error["pointer"] for error in answer.json()["errors"]]


def test_one_is_made_and_followed_and_cancelled(cast: Cast, payroll: Integration) -> None:
    made = payroll.post("/authorizations", order(cast))
    assert made.status_code == 201
    said = made.json()
    assert said["state"] == "submitted" and said["number"].startswith("CW-")
    assert said["services"] == [cast.dot_physical.code] and said["worksite"]["name"] == "Plant 4"
    assert made["Location"] == f"/api/v1/authorizations/{said['id']}"
    with scope.acting_as(scope.OPERATOR):
        assert Delivery.objects.get().authorization_id == Authorization.objects.get().pk
    read = payroll.get(f"/authorizations/{said['id']}")
    assert read.json() == said
    again = payroll.get(f"/authorizations/{said['id']}", If_None_Match=read["ETag"])
    assert again.status_code == 304 and not again.content
    gone = payroll.post(f"/authorizations/{said['id']}/cancel", {"reason": "mistake"})
    assert gone.json()["state"] == "cancelled"
    twice = payroll.post(f"/authorizations/{said['id']}/cancel", {"reason": "mistake"})
    assert twice.status_code == 409 and "cancelled already" in twice.json()["detail"]
    assert len(events("authorization:viewed")) == 2


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"employee_id": None}, "#/employee_number"),
        ({"employee_number": "N-1"}, "#/employee_number"),
        ({"services": []}, "#/services"),
        ({"services": ["NONE"]}, "#/services"),
        ({"center": None}, "#/center"),
        ({"center": "ZZ-NONE"}, "#/center"),
        ({"kind": "injury"}, "#/services"),
        ({"kind": "neither"}, "#/kind"),
        ({"injury": {"body_part": "Hand"}}, "#/injury"),
        ({"valid_from": "2020-01-01"}, "#/valid_from"),
        ({"expires": "2020-01-01"}, "#/expires"),
        ({"expires": "tomorrow"}, "#/expires"),
        ({"dot": {"agency": "fmcsa"}}, "#/services"),
        ({"center_note": "nul\0"}, "#/center_note"),
        ({"services": ["nul\0"]}, "#/services/0"),
        ({"center_note": "x" * 501}, "#/center_note"),
        ({"centre": "TX-DAL"}, "#/centre"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    changes: dict[str, Any], pointer: str, cast: Cast, payroll: Integration
) -> None:
    assert pointer in pointers(payroll.post("/authorizations", order(cast, **changes)))
    assert count() == 0


def test_an_injury_and_a_dot_test_need_their_data(cast: Cast, payroll: Integration) -> None:
    with scope.acting_as(scope.OPERATOR):
        Service.objects.create(
            code="DOT-DRUG", name="DOT drug test", kind="non_injury", dot_test="drug"
        )
        offer_everything(cast)
    wrong = pointers(payroll.post("/authorizations", order(cast, services=["DOT-DRUG"])))
    assert {"#/dot/agency", "#/dot/mro_name", "#/dot/observed"} <= set(wrong)
    assert "#/dot/donor_id" not in wrong, "the employee number on file"
    data = {"agency": "fmcsa", "specimen": "urine", "observed": False}
    of = {"der": ["name", "phone"], "laboratory": ["name", "address"]}
    of |= {"mro": ["name", "address", "phone"]}
    data |= {f"{who}_{what}": "Given" for who, whats in of.items() for what in whats}
    made = payroll.post("/authorizations", order(cast, services=["DOT-DRUG"], dot=data))
    assert made.status_code == 201, made.content
    with scope.acting_as(scope.OPERATOR):
        assert DotTestOrder.objects.get().donor_id == "N-1"
    hurt = order(cast, kind="injury", services=[cast.injury_care.code], reason="other")
    wrong = pointers(payroll.post("/authorizations", hurt))
    assert {"#/injury/injury_date", "#/injury/body_part"} <= set(wrong)
    facts = {"injury_date": f"{clock.today()}", "injury_time": "14:05"}
    hurt["injury"] = {**facts, "body_part": "Left hand", "what_happened": "Cut by a tile."}
    assert payroll.post("/authorizations", hurt).status_code == 201


def test_another_employers_ids_are_like_none(cast: Cast, payroll: Integration) -> None:
    for name, pk in (("employee_id", cast.other_maria.pk), ("worksite_id", cast.yard.pk)):
        assert pointers(payroll.post("/authorizations", order(cast, **{name: str(pk)}))) == [
            f"#/{name}"
        ]


def test_a_thousand_at_once_or_none(cast: Cast, payroll: Integration) -> None:
    many = [order(cast, center_note=f"{number}") for number in range(MOST_ORDERS)]
    many[3], many[7] = order(cast, center="XX"), order(cast, employee_id=str(cast.other_maria.pk))
    wrong = pointers(payroll.post("/authorizations/bulk", {"orders": many}))
    assert wrong == ["#/orders/3/center", "#/orders/7/employee_id"] and count() == 0
    many[3], many[7] = order(cast, center_note="3"), order(cast, center_note="7")
    with CaptureQueriesContext(connection) as asked:
        made = payroll.post("/authorizations/bulk", {"orders": many})
    assert made.status_code == 201 and count() == MOST_ORDERS
    assert len(asked) < 40, "whatever the number"
    third = made.json()["authorizations"][3]
    with scope.acting_as(scope.OPERATOR):
        assert Authorization.objects.get(pk=third["id"]).center_note == "3"
    assert len(events("authorization:created")) == MOST_ORDERS


def test_ten_thousand_are_too_many(cast: Cast, payroll: Integration) -> None:
    tiny: dict[str, Any] = {"orders": [{}] * 10_000}
    answer = payroll.post("/authorizations/bulk", tiny)
    assert answer.status_code == 422 and count() == 0
    whole = payroll.post("/authorizations/bulk", {"orders": [order(cast)] * 10_000})
    assert whole.status_code == 413 and whole["Content-Type"] == PROBLEM


def test_a_number_that_was_given_before_is_drawn_again(
    cast: Cast, payroll: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = payroll.post("/authorizations", order(cast)).json()["number"]
    drawn = iter(["CW-4K7M-2QX9", given, "CW-4K7M-2QX9", given, "CW-4K7M-2QX9", "CW-0000-0000"])
    monkeypatch.setattr(many, "new_number", lambda _: next(drawn))
    made = payroll.post("/authorizations/bulk", {"orders": [order(cast), order(cast)]})
    numbers = [one["number"] for one in made.json()["authorizations"]]
    assert numbers == ["CW-4K7M-2QX9", "CW-0000-0000"]
    assert count() == 3


def test_the_same_key_makes_it_once(cast: Cast, payroll: Integration) -> None:
    first = payroll.post("/authorizations", order(cast), Idempotency_Key="order-1")
    again = payroll.post("/authorizations", order(cast), Idempotency_Key="order-1")
    assert first.status_code == again.status_code == 201 and count() == 1
    assert first.content == again.content and first["Location"] == again["Location"]
    other = order(cast, reason="random")
    refused = payroll.post("/authorizations", other, Idempotency_Key="order-1")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["header"] == "Idempotency-Key"
    payroll.post("/authorizations", order(cast), Idempotency_Key="order-2")
    others = integration(cast.alice)
    theirs = others.post("/authorizations", order(cast), Idempotency_Key="order-1")
    assert count() == 3, "another key, and another token's key"
    for system, made in ((payroll, first), (others, theirs)):
        repeated = system.post("/authorizations", order(cast), Idempotency_Key="order-1")
        assert repeated.content == made.content
    assert first.content != theirs.content


def test_a_key_that_made_nothing_is_free_again(cast: Cast, payroll: Integration) -> None:
    wrong = order(cast, services=[])
    assert payroll.post("/authorizations", wrong, Idempotency_Key="a").status_code == 422
    assert payroll.post("/authorizations", order(cast), Idempotency_Key="a").status_code == 201


def test_a_key_is_kept_for_a_day(
    cast: Cast, payroll: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    payroll.post("/authorizations", order(cast), Idempotency_Key="a")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=1))
    assert payroll.post("/authorizations", order(cast), Idempotency_Key="a").status_code == 201
    assert count() == 2
    with scope.acting_as(scope.OPERATOR):
        assert KeptAnswer.objects.count() == 1


def test_the_same_key_at_the_same_moment(committed_cast: Cast) -> None:
    """Several processes would do the same: each thread has a connection of its own."""
    payroll = integration(committed_cast.alice)

    def send(_: int) -> bytes:
        try:
            sent = order(committed_cast)
            again = Integration(payroll.token, payroll.text, type(payroll.client)())
            content: bytes = again.post("/authorizations", sent, Idempotency_Key="a").content
            return content
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(send, range(4)))
    assert len(answers) == 1 and count() == 1


def test_a_list_is_filtered_and_paged(cast: Cast, payroll: Integration) -> None:
    orders = [order(cast, center_note=f"{number}") for number in range(30)]
    payroll.post("/authorizations/bulk", {"orders": orders})
    ids: list[str] = []
    after = ""
    while True:
        with CaptureQueriesContext(connection) as asked:
            said = payroll.get(f"/authorizations?limit=13{after}").json()
        assert len(asked) <= 14
        ids += [item["id"] for item in said["items"]]
        if not said["next"]:
            break
        after = f"&after={said['next']}"
    assert len(ids) == len(set(ids)) == 30
    assert payroll.get("/authorizations?state=completed").json()["items"] == []
    soon = (clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert payroll.get(f"/authorizations?changed_since={soon}").json()["items"] == []
    changed = payroll.get("/authorizations?changed_since=2020-01-01T00:00:00Z&limit=100").json()
    assert [item["id"] for item in changed["items"]] != ids and len(changed["items"]) == 30
    for query in ("state=none", "limit=0", "limit=1000", "after=1", "changed_since=2020-01-01"):
        answer = payroll.get(f"/authorizations?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["query"] == query.partition("=")[0]
