"""What contradicts what is known is said to its sender, and outdoes nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Modality, State
from clearwork.database import scope
from clearwork.exchange import matching
from clearwork.exchange.hl7.dates import format_timestamp
from clearwork.exchange.models import HeldResult, Outcome
from clearwork.foundation import clock
from clearwork.people import merging
from clearwork.results.models import Report
from clearwork.visits.models import Visit
from tests import cast as people
from tests.cast import Cast
from tests.exchange import wire
from tests.exchange.test_inbound import refused, state_of, tell


def test_a_status_of_another_person_is_an_error(cast: Cast, authorized: Authorization) -> None:
    raw = wire.status(authorized.number, cast.dallas)
    own = wire.pid().encode()
    stranger = wire.pid("Quokka", "Imogen", born=date(1970, 1, 1)).encode()
    assert refused(raw.replace(own, stranger)) == ("AE", "PID^1^5", "204")
    for known in (wire.pid("Garcia-Lopez"), wire.pid("Quokka", "Imogen"), "PID|1||||Quokka||0000"):
        raw = wire.status(authorized.number, cast.dallas)
        assert tell(raw.replace(own, known.encode())).code == "AA"  # a name changed, or a slip


def test_what_lies_in_the_future_is_an_error(cast: Cast, authorized: Authorization) -> None:
    """In force until then, it would hide whatever the center says later."""
    slip = f"{clock.today().year + 100}1101093000-0600".encode()
    result, status = (
        wire.result(authorized, cast.dallas),
        wire.status(authorized.number, cast.dallas),
    )
    visit = b"20261101093000-0600"
    assert refused(result.replace(visit, slip)) == ("AE", "OBX^1^14", "102")
    assert refused(status.replace(b"20261101100000-0600", slip)) == ("AE", "ORC^1^9", "102")


def test_a_correction_follows_what_a_clock_far_ahead_sent(
    cast: Cast, authorized: Authorization
) -> None:
    who, number = wire.person(authorized.employee), authorized.number
    tell(wire.message(cast.dallas, who, *wire.document(number), sent="2199"))
    later = format_timestamp(clock.now() + timedelta(seconds=1))
    corrected = [part.replace("||F|||", "||C|||") for part in wire.document(number)]
    tell(wire.message(cast.dallas, who, *corrected, sent=later))
    with scope.acting_as(scope.OPERATOR):
        assert Report.objects.get(superseded_by=None).corrects


def test_a_result_of_telemed_is_filed_by_its_number(cast: Cast) -> None:
    """Centralized care is of no center: only the matching, not a center, may look it up."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        telemed = cast.injury_order(modality=Modality.TELEMED, center=None)
        ordered = authorize(telemed, by=cast.alice.viewer)
    parts = wire.document(ordered.number.lower(), kind="test_and_lab_result")
    for who in (wire.pid("Quokka"), wire.pid(born=date(1970, 1, 1)), wire.pid()):
        tell(wire.message(cast.dallas, who, *parts))
    with scope.acting_as(scope.OPERATOR):
        waiting = HeldResult.objects.order_by("id").values_list("pk", flat=True)
        assert [matching.file_if_certain(pk) for pk in waiting] == [False, False, True]
        report, visit = Report.objects.get(), Visit.objects.get()
        assert (report.authorization, report.employee_id) == (ordered, cast.maria.pk)
        assert visit.kind == ordered.kind
    assert state_of(ordered) == State.COMPLETED


@pytest.mark.parametrize("ended", [State.EXPIRED, State.NO_SHOW])
def test_a_result_shows_that_the_employee_came_after_all(
    ended: State, cast: Cast, authorized: Authorization
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(state=ended)
    tell(wire.result(authorized, cast.dallas))
    assert state_of(authorized) == State.CHECKED_IN


def test_what_is_held_can_be_taken_back(cast: Cast, authorized: Authorization) -> None:
    """Else support would file, for whoever it names, what its center says is in error."""
    orc, obr, obx = wire.document(authorized.number)
    held = wire.message(cast.dallas, wire.pid("Quokka"), orc, obr, obx)
    error = "OBX|1||mec_dot_card||||||||W"
    withdrawal = wire.message(
        cast.dallas, wire.pid("Quokka"), orc, error, "NTE|1||Another patient."
    )
    assert refused(withdrawal) == ("AE", "ORC^1^3", "204")
    tell(held)
    for who in (wire.pid(), wire.pid("Quokka", born=date(1970, 1, 1))):
        assert refused(wire.message(cast.dallas, who, orc, error))[2] == "204"
    assert refused(wire.message(cast.mesa, wire.pid("Quokka"), orc, error))[2] == "204"
    assert [tell(withdrawal).code for _ in range(2)] == ["AA", "AA"]  # its answer may be lost
    with scope.acting_as(scope.OPERATOR):
        taken = HeldResult.objects.get()
    assert (taken.outcome, taken.filed_at is None) == (Outcome.RETURNED, False)
    assert taken.reason == "Withdrawn by the medical center. Another patient."
    assert not matching.file_if_certain(taken.pk)


def test_who_was_merged_is_known_by_the_name_of_before(
    cast: Cast, authorized: Authorization
) -> None:
    """Her center has Maria Garcia; her employer made that record one with Maria Ruiz's."""
    with scope.acting_as(scope.OPERATOR):
        ruiz = people.employee(cast.plant, "Maria", "Ruiz", employee_number="N-9")
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        merge = merging.merge_employees(by=cast.alice.viewer, keep=ruiz, other=cast.maria)
    for number, account in ((authorized.number, ""), ("", "200100")):
        tell(wire.message(cast.dallas, wire.pid(), *wire.document(number, account=account)))
        with scope.acting_as(scope.OPERATOR):
            held = HeldResult.objects.get(filed_at=None)
        assert matching.file_if_certain(held.pk)
        with scope.acting_as(scope.OPERATOR):
            filed = Report.objects.latest("posted_at")
        assert (filed.employee_id, bool(filed.authorization_id)) == (ruiz.pk, bool(number))
    assert state_of(authorized) == State.CHECKED_IN
    other = wire.pid("Quokka", "Imogen")
    for sender, who in ((cast.dallas, other), (cast.mesa, wire.pid())):
        tell(wire.message(sender, who, *wire.document(authorized.number)))
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        merging.part_employees(by=cast.alice.viewer, merge=merge)
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=authorized.pk).update(employee=ruiz)
    tell(wire.message(cast.dallas, wire.pid(), *wire.document(authorized.number)))
    with scope.acting_as(scope.OPERATOR):
        left = list(HeldResult.objects.filter(filed_at=None))
    assert [matching.file_if_certain(held.pk) for held in left] == [False] * 3
