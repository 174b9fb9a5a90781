"""A center corrects a report, takes one back, or sends a drug screen's link."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from clearwork.audit.actions import Action
from clearwork.authorizations import actions as authorizing
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import Modality
from clearwork.database import scope
from clearwork.employers.rules import ReportType
from clearwork.exchange import matching, settling
from clearwork.exchange.inbound import receive
from clearwork.exchange.models import HeldResult
from clearwork.people.models import Employee
from clearwork.people.rules import name_keys
from clearwork.results.models import Report
from tests.cast import Cast
from tests.exchange import wire
from tests.exchange.records import events

LIST = reverse("results:list")
LINK = "https://results.lab.example/r?id=7\\T\\k=9"  # & is escaped in HL7


@pytest.fixture
def order(cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return authorizing.authorize(cast.order(), by=cast.alice.viewer)


def sent(cast: Cast, order: Authorization, *segments: str, who: str = "") -> str:
    """The answer to a message about this order: AA, or the error's text."""
    (answer,) = receive([wire.message(cast.dallas, who or wire.person(cast.maria), *segments)])
    assert answer
    told = answer.decode()
    return "AA" if "MSA|AA" in told else told


def document(
    order: Authorization, status: str = "F", seed: str = "card", filler: str = "F-1"
) -> list[str]:
    orc, obr, obx = wire.document(order.number, wire.pdf(seed))
    return [part.replace("|F-1|", f"|{filler}|") for part in (orc, obr)] + [
        obx.replace("||||||F|||", f"||||||{status}|||")
    ]


def withdrawal(
    order: Authorization, filler: str = "F-1", why: str = "Of another patient."
) -> list[str]:
    orc = f"ORC|RE|{order.number}^CLEARWORK|{filler}"
    obx = "OBX|1||mec_dot_card^MEC DOT card^99CW||||||||W"
    return [orc, obx, *([f"NTE|1||{why}"] if why else [])]


def all_reports() -> list[Report]:
    with scope.acting_as(scope.OPERATOR):
        return list(Report.objects.order_by("posted_at", "id"))


def titles(client: Client) -> list[Report]:
    return list(client.get(LIST, {"all": "1"}).context["page"].rows)


def test_a_correction_takes_the_place_of_what_it_corrects(
    alice: Client, cast: Cast, order: Authorization
) -> None:
    assert sent(cast, order, *document(order)) == "AA"
    assert sent(cast, order, *document(order, "C", "second")) == "AA"
    assert sent(cast, order, *document(order, "C", "third")) == "AA"
    first, second, third = all_reports()
    assert (first.superseded_by_id, second.superseded_by_id) == (second.pk, third.pk)
    assert titles(alice) == [third]
    page = alice.get(reverse("results:report", args=[third.pk])).content.decode()
    assert f"/results/{second.pk}/" in page and f"/results/{first.pk}/" in page
    earlier = alice.get(reverse("results:report", args=[first.pk])).content.decode()
    assert "earlier version" in earlier and f"/results/{second.pk}/" in earlier
    assert [event.subject_id for event in events(Action.REPORT_CORRECTED)] == [first.pk, second.pk]


def test_what_answers_another_order_is_not_corrected(
    alice: Client, cast: Cast, order: Authorization
) -> None:
    for filler in ("F-1", "F-2", ""):
        assert sent(cast, order, *document(order, filler=filler)) == "AA"
    assert sent(cast, order, *document(order, "C", "second", filler="F-2")) == "AA"
    assert sent(cast, order, *document(order, "C", "third", filler="F-9")) == "AA"
    superseded = [report.filler_number for report in all_reports() if report.superseded_by_id]
    assert superseded == ["F-2"]
    assert len(titles(alice)) == 4


def test_a_withdrawn_report_is_shown_as_such_and_not_read(
    alice: Client, cast: Cast, order: Authorization
) -> None:
    sent(cast, order, *document(order))
    assert sent(cast, order, *withdrawal(order)) == "AA"
    (report,) = all_reports()
    assert report.withdrawn_why == "Of another patient."
    assert "Withdrawn" in alice.get(LIST, {"all": "1"}).content.decode()
    page = alice.get(reverse("results:report", args=[report.pk]))
    text = page.content.decode()
    assert "Of another patient." in text and ".png" not in text and "Download" not in text
    assert alice.get(reverse("results:download", args=[report.pk])).status_code == 404
    assert not events(Action.REPORT_VIEWED) and len(events(Action.REPORT_WITHDRAWN)) == 1


def test_a_withdrawal_without_a_reason_says_so(cast: Cast, order: Authorization) -> None:
    sent(cast, order, *document(order))
    assert sent(cast, order, *withdrawal(order, why="")) == "AA"
    assert all_reports()[0].withdrawn_why == "The medical center gave no reason."


def test_what_a_withdrawal_does_not_fit_stays(cast: Cast, order: Authorization) -> None:
    sent(cast, order, *document(order))
    assert "filler number" in sent(cast, order, *withdrawal(order, filler="F-2"))
    someone = wire.pid("Ruiz", "Ana", born=date(1970, 1, 1))
    assert "posted no such report" in sent(cast, order, *withdrawal(order), who=someone)
    mixed = sent(cast, order, *withdrawal(order), *document(order, seed="more"))
    assert "in a message of their own" in mixed
    (report,) = all_reports()
    assert report.is_readable
    assert sent(cast, order, *withdrawal(order)) == "AA"
    assert sent(cast, order, *withdrawal(order, why="Said again.")) == "AA"
    assert all_reports()[0].withdrawn_why == "Of another patient."
    assert len(events(Action.REPORT_WITHDRAWN)) == 1


def test_a_report_of_someone_renamed_since_is_withdrawn(cast: Cast, order: Authorization) -> None:
    """Maria married, or her name was misspelled: her center still knows her by the one before."""
    sent(cast, order, *document(order))
    before = wire.person(cast.maria)
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(
            last_name="Ruiz", **name_keys("Maria", "Ruiz")
        )
    assert sent(cast, order, *withdrawal(order), who=before) == "AA"
    assert not all_reports()[0].is_readable


def test_another_center_withdraws_nothing(cast: Cast, order: Authorization) -> None:
    sent(cast, order, *document(order))
    (answer,) = receive([wire.message(cast.mesa, wire.person(cast.maria), *withdrawal(order))])
    assert answer and b"posted no such report" in answer
    assert all_reports()[0].is_readable


@pytest.mark.parametrize("way", ["walk-in", "telemed", "by a person"])
def test_what_was_filed_without_the_center_s_order_is_corrected_and_withdrawn(
    cast: Cast, order: Authorization, way: str
) -> None:
    """As it came: by its PID, ORC and type, and by its own center alone."""
    telemed = cast.order(modality=Modality.TELEMED, center=None)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        far = authorizing.authorize(telemed, by=cast.alice.viewer)
    came_as = {"walk-in": "", "telemed": far.number, "by a person": "CW-0000-0000"}[way]
    named = Authorization(number=came_as)
    for status, seed in (("F", "card"), ("C", "second")):
        assert sent(cast, order, *_with_account(document(named, status, seed))) == "AA"
        with scope.acting_as(scope.OPERATOR):
            held = HeldResult.objects.get(filed_at=None)
            if not matching.file_if_certain(held.pk):
                kind, by = ReportType.MEC_DOT_CARD, cast.alice.viewer.actor
                settling.file(
                    held, employee=cast.maria, authorization=order, kind=kind, reason="x", by=by
                )
    first, second = all_reports()
    assert first.superseded_by_id == second.pk
    for center, who in ((cast.mesa, wire.person(cast.maria)), (cast.dallas, wire.pid("Ruiz"))):
        (answer,) = receive([wire.message(center, who, *withdrawal(named))])
        assert answer and b"posted no such report" in answer
    assert sent(cast, order, *withdrawal(named)) == "AA"
    first, second = all_reports()
    assert (first.withdrawn_at, second.withdrawn_why) == (None, "Of another patient.")


def _with_account(parts: list[str]) -> list[str]:
    orc, *others = parts
    return [orc.replace("Northwind^^^^^^^^^", "Northwind^^^^^^^^^200100"), *others]


@pytest.mark.parametrize("kind", ["ST", "RP"])
def test_a_drug_screen_result_is_a_link(
    alice: Client, cast: Cast, order: Authorization, kind: str
) -> None:
    coded = "drug_screen_result_link^Drug screen result link^99CW"
    parts = [f"ORC|RE|{order.number}^CLEARWORK|F-7", f"OBX|1|{kind}|{coded}||{LINK}||||||F"]
    assert sent(cast, order, *parts) == "AA"
    (report,) = all_reports()
    assert (report.link, report.document, report.pages) == (
        "https://results.lab.example/r?id=7&k=9",
        "",
        0,
    )
    text = alice.get(reverse("results:report", args=[report.pk])).content.decode()
    assert "Open results.lab.example" in text and 'rel="noopener noreferrer"' in text
    assert alice.get(reverse("results:download", args=[report.pk])).status_code == 404
    assert len(events(Action.REPORT_VIEWED)) == 1
    assert not events(Action.REPORT_UNREADABLE), "nothing is damaged, and support not called"


@pytest.mark.parametrize(
    "link",
    [
        "http://lab.example/1",
        "javascript:alert(1)",
        "https://",
        "https://someone:secret@lab.example/",
        "https://lab.example/a b",
        "https://[broken/",
        "",
        f"https://lab.example/{'x' * 500}",
    ],
)
def test_only_a_sound_address_is_taken(cast: Cast, order: Authorization, link: str) -> None:
    coded = "drug_screen_result_link^Drug screen result link^99CW"
    parts = [f"ORC|RE|{order.number}^CLEARWORK|F-7", f"OBX|1|ST|{coded}||{link}||||||F"]
    assert "https://" in sent(cast, order, *parts)
    assert not all_reports()


def test_a_link_that_fits_nobody_waits_with_its_address(cast: Cast) -> None:
    coded = "drug_screen_result_link^Drug screen result link^99CW"
    account = "ORC|RE||F-7|" + "|" * 17 + "Northwind^^^^^^^^^200100"
    parts = [account, f"OBX|1|ST|{coded}||{LINK}||||||F"]
    (answer,) = receive([wire.message(cast.dallas, wire.person(cast.maria), *parts)])
    assert answer and b"MSA|AA" in answer
    assert not all_reports(), "until the matching job files it"
