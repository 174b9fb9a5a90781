"""A center corrects or withdraws the report a work status came with: that counts no more."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from itertools import permutations

import pypdfium2  # type: ignore[import-untyped]
import pytest
from django.test import Client

from clearwork.audit.actions import SYSTEM
from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.exchange import inbound, matching
from clearwork.exchange.models import HeldResult
from clearwork.people.models import Employee
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import removal
from clearwork.results.models import Report
from clearwork.visits.models import WorkStatus
from clearwork.visits.rules import Duty
from tests.cast import Cast
from tests.conftest import SignIn
from tests.visits.test_news import DAY, hurt, in_force, tell
from tests.visits.words import LIFTING, days, restricted, said, taken_back, work_status

__all__ = ["hurt"]
SEATED, LADDERS = "Seated work only", "Climbing ladders: none"
FULL = (said("WORKSTATUS", "full"),)


def duties(cast: Cast) -> list[tuple[str, list[str]]]:
    return [(status.duty, status.restrictions) for status in in_force(cast)]


def shown(client: Client, path: str) -> str:
    return unescape(client.get(path).content.decode())


def test_a_correction_with_values_takes_the_place_even_with_older_dates(
    cast: Cast, hurt: Authorization
) -> None:
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))
    older = said("FROM", "20261020", "DT")
    earlier = DAY - timedelta(days=2)
    tell(
        work_status(
            hurt, cast.dallas, *restricted(None, LADDERS), older, as_what="C", visited=earlier
        )
    )
    (status,) = in_force(cast)
    assert (status.restrictions, status.until) == ([LADDERS], None)
    assert (status.starts.day, status.issued_at.date()) == (20, earlier)


def test_a_correction_without_values_leaves_nothing_known(
    cast: Cast, hurt: Authorization, sign_in: SignIn
) -> None:
    """On the board, the card, Home, the timeline, for a supervisor, and for a system."""
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))
    tell(work_status(hurt, cast.dallas, as_what="C"))
    (status,) = in_force(cast)
    with scope.acting_as(scope.OPERATOR):
        correction = Report.objects.get(corrects=True)
    assert (status.duty, status.source_id) == (Duty.UNKNOWN, correction.pk)
    alice = sign_in(cast.alice)
    for path in ("/visits/", f"/visits/card/{cast.maria.pk}/", f"/visits/all/{status.visit_id}/"):
        page = shown(alice, path)
        assert "Status not known" in page and f"/results/{correction.pk}/" in page
        assert LIFTING not in page and "Restricted duty" not in page and "Full duty<" not in page
    assert 'Not known <span class="cw-count">1<' in shown(alice, "/visits/")
    assert "1 work status not known" in shown(alice, "/")
    assert "Status not known" in shown(alice, f"/employees/{cast.maria.pk}/")
    assert LIFTING not in shown(alice, f"/employees/{cast.maria.pk}/")
    pdf = alice.get(f"/visits/card/{cast.maria.pk}/card.pdf").content
    with pypdfium2.PdfDocument(pdf) as card:
        text = card[0].get_textpage().get_text_range()
    assert "counts" in text and "Status not known" in text and "Lifting" not in text


@pytest.mark.parametrize("part", ["OBX-11", "OBR-25"])
def test_a_correction_is_known_by_its_document_or_its_order(
    cast: Cast, hurt: Authorization, part: str
) -> None:
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))
    raw = work_status(hurt, cast.dallas, as_what="C" if part == "OBX-11" else "F")
    if part == "OBR-25":
        visited = b"|||20261101093000-0600\r"  # OBR-7
        assert raw.count(visited + b"OBX") == 1
        raw = raw.replace(visited + b"OBX", visited[:-1] + b"|" * 18 + b"C\rOBX")
    tell(raw)
    assert duties(cast) == [(Duty.UNKNOWN, [])]


def test_what_a_coded_segment_takes_back_is_not_said(cast: Cast, hurt: Authorization) -> None:
    wrong = (part.removesuffix("F") + "W" for part in restricted(days(9)))
    tell(work_status(hurt, cast.dallas, *wrong, as_what="C"))
    assert duties(cast) == [(Duty.UNKNOWN, [])]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("together", [False, True], ids=["apart", "together"])
@pytest.mark.parametrize("last", [FULL, ()], ids=["full", "uncoded"])
def test_corrected_twice_the_last_one_sent_counts_in_any_order_of_arrival(
    cast: Cast,
    hurt: Authorization,
    order: tuple[int, ...],
    together: bool,
    last: tuple[str, ...],
) -> None:
    sent = (
        work_status(hurt, cast.dallas, *restricted(days(9))),
        work_status(hurt, cast.dallas, *restricted(days(5), SEATED), as_what="C", sent=1),
        work_status(hurt, cast.dallas, *last, as_what="C", sent=2),
    )
    arrived = [sent[number] for number in order]
    if together:
        assert all(answer and b"MSA|AA" in answer for answer in inbound.receive(arrived))
    else:
        tell(*arrived)
    assert duties(cast) == [(Duty.FULL if last else Duty.UNKNOWN, [])]
    with scope.acting_as(scope.OPERATOR):
        (in_place,) = Report.objects.filter(superseded_by=None)
    assert in_force(cast)[0].source_id == in_place.pk


def test_a_new_report_after_a_correction_is_no_late_one(cast: Cast, hurt: Authorization) -> None:
    """A recheck under the same number of the center's."""
    tell(work_status(hurt, cast.dallas, *restricted(days(9)), as_what="C", sent=1))
    day = DAY + timedelta(days=2)
    tell(work_status(hurt, cast.dallas, *FULL, visited=day, sent=2))
    assert duties(cast) == [(Duty.FULL, [])]


def test_a_correction_of_an_earlier_visit_leaves_the_latest_in_force(
    cast: Cast, hurt: Authorization
) -> None:
    before = DAY - timedelta(days=7)
    tell(work_status(hurt, cast.dallas, *restricted(None, SEATED), visited=before))
    tell(work_status(hurt, cast.dallas, *restricted(days(9)), filler="F-2"))
    tell(work_status(hurt, cast.dallas, visited=before, as_what="C", sent=1))
    assert duties(cast) == [(Duty.RESTRICTED, [LIFTING])]


def test_a_corrected_report_withdrawn_takes_all_it_said_back(
    cast: Cast, hurt: Authorization
) -> None:
    before = DAY - timedelta(days=7)
    tell(work_status(hurt, cast.dallas, *restricted(None, SEATED), visited=before, filler="F-0"))
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))
    tell(work_status(hurt, cast.dallas, *FULL, as_what="C", sent=1))
    tell(taken_back(hurt, cast.dallas))
    assert duties(cast) == [(Duty.RESTRICTED, [SEATED])], "what the visit before said"
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))  # once more, by an engine
    assert duties(cast) == [(Duty.RESTRICTED, [SEATED])]
    tell(taken_back(hurt, cast.dallas, filler="F-0"))
    assert duties(cast) == []
    tell(work_status(hurt, cast.dallas, *restricted(None, LADDERS), as_what="C", sent=2))
    assert duties(cast) == [(Duty.RESTRICTED, [LADDERS])]


def test_another_report_of_the_same_visit_keeps_what_it_said(
    cast: Cast, hurt: Authorization
) -> None:
    tell(work_status(hurt, cast.dallas, *restricted(None, SEATED)))
    tell(work_status(hurt, cast.dallas, *restricted(days(9)), filler="F-2"))
    tell(taken_back(hurt, cast.dallas, filler="F-2"))
    assert duties(cast) == [(Duty.RESTRICTED, [SEATED])]


def test_a_walk_in_s_correction_finds_what_it_corrects(cast: Cast, hurt: Authorization) -> None:
    """Filed by name and date of birth, the later one first."""
    tell(work_status(hurt, cast.dallas, as_what="C", sent=1, number="", account="200100"))
    tell(work_status(hurt, cast.dallas, *restricted(days(9)), number="", account="200100"))
    with scope.acting_as(scope.OPERATOR):
        waiting = [held.pk for held in HeldResult.objects.order_by("received_at", "id")]
    assert [matching.file_if_certain(held) for held in waiting] == [True, True]
    assert duties(cast) == [(Duty.UNKNOWN, [])]


def remove(cast: Cast, report: Report) -> PrivacyIncident:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        incident = removal.remove(report, words="Not ours", by=cast.alice.viewer)
    assert incident is not None
    return incident


def test_a_correction_of_what_was_received_in_error_stays_out_of_sight(
    cast: Cast, hurt: Authorization
) -> None:
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))
    with scope.acting_as(scope.OPERATOR):
        wrong = Report.objects.get()
    incident = remove(cast, wrong)
    tell(work_status(hurt, cast.dallas, *restricted(None, LADDERS), as_what="C", sent=1))
    assert duties(cast) == []
    with scope.acting_as(scope.OPERATOR):
        removal.put_back(incident, reason="Theirs", by=SYSTEM)
    assert duties(cast) == [(Duty.RESTRICTED, [LADDERS])], "and never what was corrected"


def test_what_is_released_to_another_employer_says_what_the_center_says_now(
    cast: Cast, hurt: Authorization
) -> None:
    tell(work_status(hurt, cast.dallas, *restricted(days(9))))
    tell(work_status(hurt, cast.dallas, *restricted(None, LADDERS), as_what="C", sent=1))
    with scope.acting_as(scope.OPERATOR):
        incident = remove(cast, Report.objects.get(corrects=True))
    with scope.acting_as(scope.OPERATOR):
        other = Employee.objects.filter(employer=cast.southport)[0]
        removal.release(incident, employee=other, reason="Theirs", by=SYSTEM)
        (moved,) = WorkStatus.objects.filter(employee=other)
        source = Report.objects.get(employee=other, corrects=True)
    assert duties(cast) == [] and moved.restrictions == [LADDERS]
    assert moved.source_id == source.pk
