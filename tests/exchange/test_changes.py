"""A center hears of changes and cancellations, in their order, over a real line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clearwork.audit.actions import Action
from clearwork.authorizations import changes, deliveries, late, queries
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.authorizations.rules import Control, DeliveryState, Reason, State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.employers.models import Worksite
from clearwork.exchange import inbound
from clearwork.exchange.hl7.message import parse
from clearwork.foundation import clock
from clearwork.people.models import Employee
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange import wire
from tests.exchange.records import events, jobs
from tests.exchange.test_outbound import accepts, deliver, fresh, ordered

QUEUED, ACKNOWLEDGED = DeliveryState.QUEUED, DeliveryState.ACKNOWLEDGED
FAILED, WITHDRAWN = DeliveryState.FAILED, DeliveryState.WITHDRAWN
LATER = timedelta(days=60)


def no_answer(_: bytes) -> None:
    return None


def unknown(raw: bytes) -> bytes:
    err = "ERR||ORC^1^2|204^Unknown key identifier^HL70357|E\r"
    return wire.framed(wire.answer_to(raw, "AE", "No such order") + err.encode())


def busy(raw: bytes) -> bytes:
    err = "ERR|||207^Application internal error^HL70357|E\r"
    return wire.framed(wire.answer_to(raw, "AR", "Try later") + err.encode())


def cancel(cast: Cast, authorization: Authorization, reason: str = "") -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert changes.cancel(authorization, by=cast.alice.viewer, reason=reason) == ""


def extend(cast: Cast, authorization: Authorization) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        until = clock.today() + LATER
        assert changes.extend(authorization, until=until, by=cast.alice.viewer) == ""


def edit(cast: Cast, authorization: Authorization, **wanted: object) -> str:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        now = Authorization.objects.get(pk=authorization.pk)
        return changes.change_order(
            authorization, cast.order(**wanted), by=cast.alice.viewer, seen=now.revision
        )


def deliveries_of(authorization: Authorization) -> list[Delivery]:
    with scope.acting_as(scope.OPERATOR):
        found = Delivery.objects.filter(authorization=authorization).order_by("id")
        return list(found.select_related("authorization"))


def told(authorization: Authorization) -> list[tuple[str, str]]:
    return [(each.control, each.state) for each in deliveries_of(authorization)]


def controls(received: list[bytes]) -> list[str]:
    return [parse(raw).segments("ORC")[0].get(1) for raw in received]


# Cancelling


def test_what_was_never_sent_is_withdrawn_and_the_center_hears_nothing(cast: Cast) -> None:
    delivery = fresh(ordered(cast, 1))
    cancel(cast, delivery.authorization)
    assert told(delivery.authorization) == [(Control.NEW, WITHDRAWN)]
    assert fresh(delivery).finished_at and fresh(delivery).message is None


def test_the_center_is_told_why(cast: Cast) -> None:
    with wire.center_system([accepts, accepts]) as center:
        delivery = deliver(ordered(cast, center.port, center_note="Fasting"))
        cancel(cast, delivery.authorization, "Made by mistake")
        (_, cancellation) = deliveries_of(delivery.authorization)
        assert deliver(cancellation).state == ACKNOWLEDGED
    order, told_last = center.received
    assert controls(center.received) == ["NW", "CA"]
    message = parse(told_last)
    assert message.segments("ORC")[0].get(2) == delivery.authorization.number
    assert message.segments("ORC")[0].get(16, 2) == "Made by mistake"
    # No more than it takes to find the order.
    assert not message.segments("OBX") and not message.segments("NTE")
    assert parse(order).segments("NTE")
    assert fresh(cancellation).authorization.state == State.CANCELLED


def test_an_order_that_may_have_arrived_is_cancelled_there(cast: Cast) -> None:
    with wire.center_system([no_answer, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        cancel(cast, delivery.authorization)
        assert told(delivery.authorization) == [(Control.NEW, WITHDRAWN), (Control.CANCEL, QUEUED)]
        deliver(delivery)  # its job comes again, and finds nothing to do
        deliver(deliveries_of(delivery.authorization)[1])
    assert controls(center.received) == ["NW", "CA"]


def test_a_center_that_never_had_it_need_not_cancel_it(cast: Cast) -> None:
    with wire.center_system([no_answer, unknown]) as center:
        delivery = deliver(ordered(cast, center.port))
        cancel(cast, delivery.authorization)
        (_, cancellation) = deliveries_of(delivery.authorization)
        assert deliver(cancellation).state == ACKNOWLEDGED


def test_a_center_that_will_not_cancel_is_heard(cast: Cast) -> None:
    def no(raw: bytes) -> bytes:
        return wire.framed(wire.answer_to(raw, "AE", "She is here"))

    with wire.center_system([accepts, no, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        cancel(cast, delivery.authorization)
        (_, cancellation) = deliveries_of(delivery.authorization)
        failed = deliver(cancellation)
        assert failed.state == FAILED
        assert failed.last_error == "Dallas Medical Center could not cancel the order: She is here"
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            assert deliveries.resend(failed.authorization, by=cast.alice.viewer)
        again = deliveries_of(delivery.authorization)[-1]
        assert (again.control, deliver(again).state) == (Control.CANCEL, ACKNOWLEDGED)


def test_a_cancellation_lets_the_try_under_way_end(cast: Cast) -> None:
    """Else it could overtake the order it cancels."""
    delivery = fresh(ordered(cast, 1))
    with scope.acting_as(scope.OPERATOR):
        deliveries.begin_try(delivery, b"MSH")
    cancel(cast, delivery.authorization)
    job = jobs(deliveries.DELIVER_JOB)[-1]
    assert job.args["delivery_id"] == str(deliveries_of(delivery.authorization)[1].pk)
    assert job.scheduled_at and job.scheduled_at > clock.now() + timedelta(seconds=20)


def test_the_answer_to_a_withdrawn_order_starts_what_waits_behind_it(cast: Cast) -> None:
    delivery = fresh(ordered(cast, 1))
    with scope.acting_as(scope.OPERATOR):
        deliveries.begin_try(delivery, b"MSH")
    cancel(cast, delivery.authorization)
    with scope.acting_as(scope.OPERATOR):
        withdrawn = Delivery.objects.select_related("authorization").get(pk=delivery.pk)
        deliveries.delivery_acknowledged(withdrawn, center=cast.dallas)
    after = fresh(delivery)
    assert (after.state, after.authorization.state) == (ACKNOWLEDGED, State.CANCELLED)
    assert jobs(deliveries.DELIVER_JOB)[-1].scheduled_at is None


# Changing


def test_before_the_first_try_the_new_order_simply_goes(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = fresh(ordered(cast, center.port))
        assert edit(cast, delivery.authorization, services=[cast.audiogram]) == ""
        assert told(delivery.authorization) == [(Control.NEW, QUEUED)]
        deliver(delivery)
    (raw,) = center.received
    assert [obr.get(4) for obr in parse(raw).segments("OBR")] == ["AUDIO"]


def test_a_delivered_order_is_changed_there(cast: Cast) -> None:
    with wire.center_system([accepts, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        assert edit(cast, delivery.authorization, services=[cast.audiogram]) == ""
        deliver(deliveries_of(delivery.authorization)[1])
    assert controls(center.received) == ["NW", "XO"]
    assert parse(center.received[1]).segments("OBR")[0].get(4) == "AUDIO"
    assert fresh(delivery).authorization.state == State.DELIVERED


def test_a_change_waits_behind_an_order_that_may_have_arrived(cast: Cast) -> None:
    with wire.center_system([no_answer, accepts, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        assert edit(cast, delivery.authorization, services=[cast.audiogram]) == ""
        before = len(jobs(deliveries.DELIVER_JOB))
        change = deliveries_of(delivery.authorization)[1]
        deliver(change)  # would come first: nothing is sent
        assert fresh(change).attempts == 0 and len(center.received) == 1
        deliver(delivery)
        assert len(jobs(deliveries.DELIVER_JOB)) == before + 1
        deliver(change)
    assert controls(center.received) == ["NW", "NW", "XO"]
    assert center.received[0] == center.received[1]
    assert told(delivery.authorization) == [
        (Control.NEW, ACKNOWLEDGED),
        (Control.CHANGE, ACKNOWLEDGED),
    ]


def test_another_center_gets_the_order_and_the_first_a_cancellation(cast: Cast) -> None:
    with wire.center_system([accepts, accepts, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        elsewhere = {"center": cast.mesa, "services": [cast.audiogram], "reason": Reason.OTHER}
        assert edit(cast, delivery.authorization, **elsewhere) == ""
        assert fresh(delivery).authorization.state == State.SUBMITTED
        for each in deliveries_of(delivery.authorization)[1:]:
            deliver(each)
    told_where = [
        (parse(raw).segments("ORC")[0].get(1), parse(raw).header.receiving_facility)
        for raw in center.received
    ]
    assert told_where == [("NW", "C-TX-DAL"), ("CA", "C-TX-DAL"), ("NW", "C-AZ-MES")]
    what = [[obr.get(4) for obr in parse(raw).segments("OBR")] for raw in center.received]
    assert what == [["DOT-PHYS"], ["ORDER"], [cast.audiogram.code]], "what is another's to know"
    assert b"Other" not in center.received[1]
    assert fresh(delivery).authorization.state == State.DELIVERED


def test_the_last_failure_takes_what_waited_with_it(cast: Cast) -> None:
    with wire.center_system([no_answer, no_answer, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        edit(cast, delivery.authorization, services=[cast.audiogram])
        deliver(delivery, last_try=True)
        assert told(delivery.authorization) == [(Control.NEW, FAILED), (Control.CHANGE, WITHDRAWN)]
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            assert deliveries.resend(delivery.authorization, by=cast.alice.viewer)
        deliver(deliveries_of(delivery.authorization)[-1])
    assert controls(center.received) == ["NW", "NW", "NW"]
    assert parse(center.received[-1]).segments("OBR")[0].get(4) == "AUDIO"


def test_an_order_that_came_back_fails_with_the_cancellation_before_it(cast: Cast) -> None:
    """Else nobody would send it, and nothing would say so."""
    with wire.center_system([accepts, no_answer, accepts]) as center:
        first = deliver(ordered(cast, center.port))
        for place in (cast.mesa, cast.dallas):
            assert edit(cast, first.authorization, center=place) == ""
        cancellation = deliveries_of(first.authorization)[1]
        deliver(cancellation, last_try=True)
        assert told(first.authorization)[1::2] == [(Control.CANCEL, FAILED), (Control.NEW, FAILED)]
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            shown = queries.open_delivery(first.authorization)
            assert shown and shown.unsent_since and shown.last_error
            assert first.authorization in late.in_need(cast.alice.viewer, clock.now())
            assert deliveries.resend(first.authorization, by=cast.alice.viewer)
        assert deliver(deliveries_of(first.authorization)[-1]).state == ACKNOWLEDGED
    assert controls(center.received) == ["NW", "CA", "NW"]
    assert parse(center.received[-1]).header.receiving_facility == "C-TX-DAL"


# Extending


@pytest.mark.parametrize("lapsed", [State.EXPIRED, State.NO_SHOW])
def test_an_extension_tells_the_center_the_new_day(cast: Cast, lapsed: State) -> None:
    with wire.center_system([accepts, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        with scope.acting_as(scope.OPERATOR):
            Authorization.objects.update(state=lapsed, expires=clock.today() - timedelta(days=1))
        extend(cast, delivery.authorization)
        deliver(deliveries_of(delivery.authorization)[1])
    assert controls(center.received) == ["NW", "XO"]
    told_days = {obx.get(3): obx.get(5) for obx in parse(center.received[1]).segments("OBX")}
    assert told_days["EXPIRES"] == f"{clock.today() + LATER:%Y%m%d}"
    assert fresh(delivery).authorization.state == State.DELIVERED


def test_what_expired_undelivered_is_sent_once_extended(cast: Cast) -> None:
    with wire.center_system([accepts]) as center:
        delivery = fresh(ordered(cast, center.port))
        with scope.acting_as(scope.OPERATOR):
            Authorization.objects.update(state=State.EXPIRED)
            deliveries.withdraw([delivery.authorization])
        extend(cast, delivery.authorization)
        again = deliveries_of(delivery.authorization)[-1]
        assert (again.control, deliver(again).state) == (Control.NEW, ACKNOWLEDGED)


# Trying again


def test_a_busy_center_is_tried_again(cast: Cast) -> None:
    with wire.center_system([busy, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        assert (delivery.state, delivery.attempts) == (QUEUED, 1)
        assert "busy" in delivery.last_error
        assert deliver(delivery).state == ACKNOWLEDGED
    assert center.received[0] == center.received[1]


def test_a_busy_center_is_not_tried_for_ever(cast: Cast) -> None:
    with wire.center_system([busy]) as center:
        delivery = deliver(ordered(cast, center.port), last_try=True)
    assert delivery.state == FAILED


def test_a_retry_is_the_same_though_everything_was_renamed(cast: Cast) -> None:
    with wire.center_system([no_answer, accepts]) as center:
        delivery = deliver(ordered(cast, center.port))
        with scope.acting_as(scope.OPERATOR):
            Employee.objects.filter(pk=cast.maria.pk).update(last_name="Garcia-Lopez")
            Worksite.objects.filter(pk=cast.plant.pk).update(name="Plant 5")
            Authorization.objects.update(center_note="Call first")
        after = deliver(delivery)
    assert center.received[0] == center.received[1]
    assert after.message is None  # kept no longer than it is needed


# What the center makes of it, said later


def answer(center: MedicalCenter, number: str, control: str, reason: str = "") -> bytes:
    raw = wire.status(number, center, control, reason=reason).replace(
        b"ORM^O01^ORM_O01", b"ORR^O02"
    )
    (ack,) = inbound.receive([raw])
    assert ack is not None
    return ack


def timeline(cast: Cast, authorization: Authorization) -> list[tuple[str, str, str]]:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        found = AuthorizationEvent.objects.filter(authorization=authorization, change__gt="")
        return [(e.label, e.actor, e.note) for e in found.order_by("id")]


@pytest.mark.parametrize(
    ("control", "says"),
    [
        ("CR", "The center cancelled it, as asked"),
        ("UC", "The center could not cancel it"),
    ],
)
def test_what_became_of_a_cancellation_is_told_apart(
    cast: Cast, sign_in: SignIn, control: str, says: str
) -> None:
    with wire.center_system([accepts, accepts]) as center:
        order = deliver(ordered(cast, center.port)).authorization
        assert b"204" in answer(cast.dallas, order.number, control), "nobody asked for it yet"
        cancel(cast, order)
        deliver(deliveries_of(order)[1])
    why = "" if control == "CR" else "The employee was seen already"
    for _ in range(2):  # said again, under another control id
        assert b"MSA|AA" in answer(cast.dallas, order.number, control, why)
    assert timeline(cast, order) == [(says, cast.dallas.name, why)]
    page = sign_in(cast.alice).get(f"/authorizations/{order.pk}/").content.decode()
    assert says in page and why in page
    with scope.acting_as(scope.OPERATOR):
        assert Authorization.objects.get(pk=order.pk).state == State.CANCELLED
    assert len(events(Action.AUTHORIZATION_ANSWERED)) == 1


def test_each_change_is_answered_for_itself(cast: Cast) -> None:
    with wire.center_system([accepts, accepts, accepts]) as center:
        order = deliver(ordered(cast, center.port)).authorization
        for control, notes in (("XR", "One"), ("UX", "Two"), ("XR", "Three")):
            assert edit(cast, order, center_note=notes) == ""
            deliver(deliveries_of(order)[-1])
            assert b"MSA|AA" in answer(cast.dallas, order.number, control)
    assert [label for label, _, _ in timeline(cast, order)] == [
        "Order changed",
        "The center took over the change",
        "Order changed",
        "The center could not make the change",
        "Order changed",
        "The center took over the change",
    ]
    assert b"204" in answer(cast.mesa, order.number, "XR"), "another center's"
