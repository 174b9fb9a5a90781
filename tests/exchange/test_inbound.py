"""What centers send is stored whole and once, or refused with a reason, or not answered."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from clearwork.audit.actions import Action
from clearwork.authorizations import actions
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.employers.rules import ReportKind
from clearwork.exchange import inbound, matching, storing
from clearwork.exchange.hl7.ack import Ack, read_ack
from clearwork.exchange.models import HeldResult, InboundMessage
from clearwork.results.models import Report
from tests import cast as people
from tests.cast import Cast
from tests.exchange import wire
from tests.exchange.records import events, jobs, kept

SAMPLES = sorted((Path(__file__).parent / "hl7" / "samples").rglob("*.hl7"))
FILED = {"messages": 1, "reports": 1, "changes": 1, "events": 2, "documents": 1}
HELD = {"messages": 1, "held": 1, "events": 1, "jobs": 1, "documents": 1}


def tell(raw: bytes) -> Ack:
    (answer,) = inbound.receive([raw])
    assert answer is not None
    return read_ack(answer)


def only_report() -> Report:
    with scope.acting_as(scope.OPERATOR):
        return Report.objects.select_related("authorization", "employee").get()


def only_held() -> HeldResult:
    with scope.acting_as(scope.OPERATOR):
        return HeldResult.objects.get()


def state_of(authorization: Authorization) -> str:
    with scope.acting_as(scope.OPERATOR):
        return Authorization.objects.get(pk=authorization.pk).state


# Results that find their place


def test_a_result_is_filed_under_its_authorization(cast: Cast, authorized: Authorization) -> None:
    before = kept()
    raw = wire.result(authorized, cast.dallas)
    ack = tell(raw)
    assert (ack.code, ack.control_id) == ("AA", wire.control_id_of(raw))
    assert kept() - before == FILED
    report = only_report()
    assert report.authorization == authorized and report.employee == cast.maria
    assert (report.employer_id, report.center_id) == (cast.northwind.pk, cast.dallas.pk)
    assert (report.report_type, report.kind) == ("mec_dot_card", ReportKind.NON_INJURY)
    assert (report.title, f"{report.visit_date}") == ("MEC DOT card", "2026-11-01")
    assert state_of(authorized) == State.CHECKED_IN


def test_the_stored_file_is_the_sent_one_and_unreadable_on_disk(
    cast: Cast, authorized: Authorization
) -> None:
    tell(wire.result(authorized, cast.dallas))
    report, original = only_report(), wire.pdf()
    assert read_document(report.document) == original
    assert bytes(report.sha256) == hashlib.sha256(original).digest()
    assert (report.size, report.pages) == (len(original), 1)
    for pack in Path(settings.MEDIA_ROOT).rglob("*.pack"):
        on_disk = pack.read_bytes()
        assert b"%PDF" not in on_disk and original[1000:1064] not in on_disk


def test_receiving_is_one_event_of_ids_only(cast: Cast, authorized: Authorization) -> None:
    tell(wire.result(authorized, cast.dallas))
    (event,) = events(Action.REPORT_RECEIVED)
    assert (event.actor_kind, event.actor_id) == ("center", cast.dallas.pk)
    assert (event.employer_id, event.subject_id) == (cast.northwind.pk, only_report().pk)
    assert event.detail == {}


def test_two_documents_of_one_visit_are_two_reports(cast: Cast, authorized: Authorization) -> None:
    number = authorized.number
    status_report = wire.document(
        number, wire.pdf("s", "non_injury_activity_status"), kind="non_injury_activity_status"
    )
    before = kept()
    raw = wire.message(cast.dallas, wire.pid(), *wire.document(number), *status_report)
    assert tell(raw).code == "AA"
    assert kept() - before == {**FILED, "reports": 2, "documents": 2, "events": 3}


@pytest.mark.parametrize("seam", ["\\X0D\\\\X0A\\", "\\.br\\", "\n", " "])
def test_base64_may_come_wrapped(cast: Cast, authorized: Authorization, seam: str) -> None:
    encoded = b64encode(wire.pdf()).decode()
    wrapped = seam.join(encoded[i : i + 76] for i in range(0, len(encoded), 76))
    raw = wire.message(cast.dallas, wire.pid(), *wire.document(authorized.number, wrapped))
    assert tell(raw).code == "AA"
    assert read_document(only_report().document) == wire.pdf()


def test_the_number_may_be_written_as_people_write_it(
    cast: Cast, authorized: Authorization
) -> None:
    spoken = authorized.number.lower().replace("-", " ")
    tell(wire.message(cast.dallas, wire.pid("GARCÍA", "maria"), *wire.document(spoken)))
    assert only_report().authorization == authorized


def test_a_chinese_name_matches(cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        hers = actions.authorize(cast.order(employee=cast.wei), by=cast.alice.viewer)
    tell(wire.result(hers, cast.dallas))
    assert only_report().employee == cast.wei


# Results that do not: a person decides


@pytest.mark.parametrize(
    "who",
    [wire.pid("Garza"), wire.pid(given="Mario"), wire.pid(born=people.BORN.replace(year=1989))],
    ids=["family", "given", "born"],
)
def test_a_right_number_with_another_person_is_held(
    cast: Cast, authorized: Authorization, who: str
) -> None:
    before = kept()
    assert tell(wire.message(cast.dallas, who, *wire.document(authorized.number))).code == "AA"
    assert kept() - before == HELD
    assert "differ" in only_held().why
    assert state_of(authorized) == State.SUBMITTED
    assert not matching.file_if_certain(only_held().pk)  # however well an employee fits
    assert kept() - before == HELD


def test_a_right_number_without_a_date_of_birth_is_held(
    cast: Cast, authorized: Authorization
) -> None:
    tell(wire.message(cast.dallas, "PID|1||1||Garcia^Maria", *wire.document(authorized.number)))
    assert only_held().date_of_birth is None


def test_another_centers_number_is_not_filed(cast: Cast, authorized: Authorization) -> None:
    before = kept()
    assert tell(wire.result(authorized, cast.mesa)).code == "AA"
    assert kept() - before == HELD
    assert only_held().center_id == cast.mesa.pk
    assert not matching.file_if_certain(only_held().pk)
    assert state_of(authorized) == State.SUBMITTED


def test_an_unknown_report_type_is_held(cast: Cast, authorized: Authorization) -> None:
    before = kept()
    odd = wire.document(authorized.number, kind="x" * 150, title="T" * 600)
    assert tell(wire.message(cast.dallas, wire.pid(), *odd)).code == "AA"
    assert kept() - before == HELD
    assert "type" in only_held().why and len(only_held().title) == 200


def test_overlong_and_odd_texts_are_held_not_lost(cast: Cast) -> None:
    before = kept()
    odd = wire.document("N" * 500, account="9" * 500)
    assert (
        tell(wire.message(cast.dallas, wire.pid("É" * 900, "\U0001f600" * 900), *odd)).code == "AA"
    )
    assert kept() - before == HELD


# Walk-ins


def walk_in(cast: Cast, account: str = "200100", who: str = "") -> HeldResult:
    tell(wire.message(cast.dallas, who or wire.pid(), *wire.document(account=account)))
    return only_held()


def test_a_walk_in_is_filed_when_exactly_one_person_fits(cast: Cast) -> None:
    held = walk_in(cast)
    assert [job.args for job in jobs("exchange.match")] == [{"held_id": str(held.pk)}]
    before = kept()
    assert matching.file_if_certain(held.pk)
    assert kept() - before == {"reports": 1, "events": 1}
    report = only_report()
    assert (report.employee, report.authorization) == (cast.maria, None)
    assert report.document == held.document and bytes(report.sha256) == bytes(held.sha256)
    assert read_document(report.document) == wire.pdf()


def test_filing_twice_files_once(cast: Cast) -> None:
    held = walk_in(cast)
    assert matching.file_if_certain(held.pk)
    assert not matching.file_if_certain(held.pk)
    assert only_report().employee == cast.maria
    assert len(events(Action.REPORT_RECEIVED)) == 1


def test_a_walk_in_stays_held_when_two_fit(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        people.employee(cast.plant, "María", "GARCIA", employee_number="N-9")
    held, before = walk_in(cast), kept()
    assert not matching.file_if_certain(held.pk)
    assert kept() - before == {}


@pytest.mark.parametrize(
    ("account", "who"),
    [
        ("999999", wire.pid()),
        ("", wire.pid()),
        ("200100", wire.pid("Nobody")),
        ("200100", "PID|1||1||Garcia^Maria"),
    ],
    ids=["unknown account", "no account", "unknown person", "no date of birth"],
)
def test_a_walk_in_stays_held_when_none_fits(cast: Cast, account: str, who: str) -> None:
    held = walk_in(cast, account, who)
    assert not matching.file_if_certain(held.pk)
    assert only_held().filed_at is None


def test_a_walk_in_goes_to_the_named_employer_alone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the database would let the matching look everywhere (see test_isolation)."""
    held = walk_in(cast, cast.southport.account_number)
    monkeypatch.setattr(scope, "employer", lambda _: scope.OPERATOR)
    assert matching.file_if_certain(held.pk)
    assert only_report().employer_id == cast.southport.pk
    assert only_report().employee == cast.other_maria


# Refusals


def refused(raw: bytes) -> tuple[str, str, str]:
    """Code, the error's place and number; and that nothing was kept."""
    before = kept()
    (answer,) = inbound.receive([raw])
    assert answer is not None
    assert kept() - before == {}
    err = re.search(r"ERR\|\|([^|]*)\|(\d+)", answer.decode())
    assert err, answer
    return read_ack(answer).code, err[1], err[2]


def test_an_unknown_sender_is_rejected(cast: Cast, authorized: Authorization) -> None:
    raw = wire.message(
        cast.dallas, wire.pid(), *wire.document(authorized.number), sender="WHO|KNOWS"
    )
    assert refused(raw) == ("AR", "MSH^1^3", "103")


def test_a_closed_center_still_sends_the_results_of_its_last_days(
    cast: Cast, authorized: Authorization
) -> None:
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=cast.dallas.pk).update(is_active=False)
    assert tell(wire.status(authorized.number, cast.dallas, "SC", "IP")).code == "AA"
    assert tell(wire.result(authorized, cast.dallas)).code == "AA"
    assert state_of(authorized) == State.CHECKED_IN and kept().reports == 1


def test_a_status_for_an_unknown_number_is_an_error(cast: Cast, authorized: Authorization) -> None:
    assert refused(wire.status("CW-0000-0000", cast.dallas)) == ("AE", "ORC^1^2", "204")
    assert refused(wire.status(authorized.number, cast.mesa)) == ("AE", "ORC^1^2", "204")
    assert state_of(authorized) == State.SUBMITTED


def test_documents_that_are_no_pdf_are_errors(cast: Cast, authorized: Authorization) -> None:
    def with_data(data: bytes | str) -> tuple[str, str, str]:
        segments = wire.document(authorized.number, data)
        return refused(wire.message(cast.dallas, wire.pid(), *segments))

    encoded = b64encode(wire.pdf()).decode()
    assert with_data("") == ("AE", "OBX^1^5^1^5", "101")
    assert with_data(b"PK not a pdf") == ("AE", "OBX^1^5^1^5", "102")
    assert with_data(encoded[:-3]) == ("AE", "OBX^1^5^1^5", "102")
    assert with_data(encoded[:50] + "*" + encoded[51:]) == ("AE", "OBX^1^5^1^5", "102")
    assert with_data(b"%PDF-1.7\n" + b"rubbish" * 99) == ("AE", "OBX^1^5", "102")
    assert with_data(wire.pdf()[:2000])[0] == "AE"
    orc, obr, obx = wire.document(authorized.number, b"%PDF-1.7\n" + b"rubbish" * 99)
    raw = wire.message(cast.dallas, wire.pid(), orc, obr, "OBX|1|ST|SERVICE||Audiogram", obx)
    assert refused(raw) == ("AE", "OBX^2^5", "102")  # among all of them, as ERR-2 counts


def test_a_result_without_any_document_is_an_error(cast: Cast, authorized: Authorization) -> None:
    orc, obr, _ = wire.document(authorized.number)
    text = "OBX|1|TX|note||All fine||||||F"
    assert refused(wire.message(cast.dallas, wire.pid(), orc, obr, text)) == (
        "AE",
        "OBX^1^5",
        "101",
    )


def test_one_bad_document_keeps_the_good_one_out_too(cast: Cast, authorized: Authorization) -> None:
    number = authorized.number
    both = [*wire.document(number), *wire.document(number, b"%PDF-1.7 broken")]
    assert refused(wire.message(cast.dallas, wire.pid(), *both))[0] == "AE"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_is_refused_with_a_reason(cast: Cast, path: Path) -> None:
    code, place, _ = refused(path.read_bytes())
    assert code in ("AE", "AR") and place


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_is_refused_of_a_known_center_too(cast: Cast, path: Path) -> None:
    lines = path.read_bytes().replace(b"\n", b"\r").split(b"\r")
    fields = lines[0].split(b"|")
    fields[2:4] = [cast.dallas.hl7_application.encode(), cast.dallas.hl7_facility.encode()]
    code, place, _ = refused(b"\r".join([b"|".join(fields), *lines[1:]]))
    assert code in ("AE", "AR") and place


# News of an authorization


def test_a_center_tells_what_becomes_of_an_order(cast: Cast, authorized: Authorization) -> None:
    for control, order_status, state in (
        ("OK", "", State.ACCEPTED),
        ("SC", "IP", State.CHECKED_IN),
        ("SC", "CM", State.COMPLETED),
    ):
        before = kept()
        assert tell(wire.status(authorized.number, cast.dallas, control, order_status)).code == "AA"
        assert state_of(authorized) == state
        assert kept() - before == {"messages": 1, "changes": 1, "events": 1}
    before = kept()
    assert tell(wire.status(authorized.number, cast.dallas, "SC", "IP")).code == "AA"  # late
    assert state_of(authorized) == State.COMPLETED
    assert kept() - before == {"messages": 1}


def test_a_refusal_says_why(cast: Cast, authorized: Authorization) -> None:
    tell(wire.status(authorized.number, cast.dallas, "UA", reason="No examiner"))
    with scope.acting_as(scope.OPERATOR):
        last = authorized.events.latest("id")
        assert (last.state, last.note, last.actor) == (
            State.REFUSED,
            "No examiner",
            "Dallas Medical Center",
        )


# Once, and not at all


@settings_of(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_message_is_answered_and_never_half_kept(
    cast: Cast, authorized: Authorization, data: st.DataObject
) -> None:
    """One byte changed, a piece cut out, a piece repeated: as lines and interfaces do."""
    raw = wire.result(authorized, cast.dallas)
    near = st.one_of(st.integers(0, 500), st.integers(0, len(raw)))
    start, end = sorted((data.draw(near), data.draw(near)))
    put = data.draw(st.sampled_from([b"", b"\\", b"|", b"^", b"\r", b"\xff", raw[start:end] * 2]))
    before = kept()
    (answer,) = inbound.receive([raw[:start] + put + raw[end:]])
    assert answer is not None
    code, added = read_ack(answer).code, kept() - before
    if code == "AA":
        assert added.pop("messages") == 1
        assert added.get("reports", 0) + added.get("held", 0) == added["documents"]
    else:
        assert added == {}


def test_the_same_control_id_is_stored_once(cast: Cast, authorized: Authorization) -> None:
    raw = wire.result(authorized, cast.dallas)
    before = kept()
    assert [tell(raw).code for _ in range(3)] == ["AA"] * 3
    assert kept() - before == FILED


def test_the_same_control_id_twice_in_one_batch_is_stored_once(
    cast: Cast, authorized: Authorization
) -> None:
    raw = wire.result(authorized, cast.dallas)
    before = kept()
    answers = inbound.receive([raw, raw])
    assert [read_ack(answer or b"").code for answer in answers] == ["AA", "AA"]
    assert kept() - before == FILED


def test_two_centers_may_use_the_same_control_id(cast: Cast, authorized: Authorization) -> None:
    for center in (cast.dallas, cast.mesa):
        assert tell(wire.result(authorized, center, control_id="1")).code == "AA"
    with scope.acting_as(scope.OPERATOR):
        assert InboundMessage.objects.filter(control_id="1").count() == 2


def test_a_refused_message_can_be_sent_again_repaired(
    cast: Cast, authorized: Authorization
) -> None:
    wrong = wire.status("CW-0000-0000", cast.dallas, control_id="7")
    assert tell(wrong).code == "AE"
    right = wire.status(authorized.number, cast.dallas, control_id="7")
    assert tell(right).code == "AA"
    assert state_of(authorized) == State.ACCEPTED


def test_answers_come_in_the_order_of_the_messages(cast: Cast, authorized: Authorization) -> None:
    raws = [
        wire.status(authorized.number, cast.dallas),
        b"garbage",
        wire.message(cast.dallas, sender="X|Y", kind="ADT^A04"),
        wire.status("CW-0000-0000", cast.dallas),
        wire.result(authorized, cast.dallas),
        wire.status(authorized.number, cast.mesa),
    ]
    acks = [read_ack(answer or b"") for answer in inbound.receive(raws)]
    assert [ack.code for ack in acks] == ["AA", "AE", "AR", "AE", "AA", "AE"]
    ids = [wire.control_id_of(raw) for raw in (*raws[:1], *raws[2:])]
    assert [ack.control_id for ack in acks if ack.control_id] == ids


def test_a_message_that_fails_does_not_take_its_neighbours_down(
    cast: Cast, authorized: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = wire.message(cast.dallas, wire.pid("Poison"), *wire.document(authorized.number))
    good = [wire.result(authorized, cast.dallas), wire.status(authorized.number, cast.dallas)]
    judge = matching.is_same_person

    def fails_for_poison(employee: Any, patient: Any) -> bool:
        if patient.family == "Poison":
            raise RuntimeError("a bug of ours")
        return judge(employee, patient)

    monkeypatch.setattr(storing, "is_same_person", fails_for_poison)
    before = kept()
    answers = inbound.receive([good[0], poison, good[1]])
    assert [read_ack(answer or b"").code for answer in answers] == ["AA", "AR", "AA"]
    assert {**(kept() - before), "documents": 1} == {**FILED, "messages": 2}


def test_when_the_audit_cannot_be_written_nothing_is_promised_or_kept(
    cast: Cast, authorized: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, before = wire.result(authorized, cast.dallas), kept()

    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as broken:
        broken.setattr("clearwork.audit.models.AuditEvent.objects.bulk_create", away)
        broken.setattr("clearwork.audit.models.AuditEvent.save", away)
        assert inbound.receive([raw]) == [None]
    assert {**(kept() - before), "documents": 0} == {"documents": 0}
    assert tell(raw).code == "AA"  # the same control id again, after the failed commit
    assert {**(kept() - before), "documents": 1} == FILED


def test_a_full_disk_is_no_answer(
    cast: Cast, authorized: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clearwork.documents.packs.Packs.write", full)
    before = kept()
    assert inbound.receive([wire.result(authorized, cast.dallas)]) == [None]
    assert kept() - before == {}


def test_the_log_names_nobody(
    cast: Cast, authorized: Authorization, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="clearwork")
    tell(wire.message(cast.dallas, wire.pid("Canaryname"), *wire.document(authorized.number)))
    tell(wire.message(cast.dallas, wire.pid("Canaryname"), "OBX|1|ED|x||^^^Base64^%%%||||||F"))
    assert "Canaryname" not in caplog.text and "19880417" not in caplog.text
