"""The authorization's page: what is on it, what is not, and that it is one page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest

from clearwork.authorizations import actions, document, queries
from clearwork.authorizations.models import Authorization, DotTestOrder
from clearwork.authorizations.rules import Modality
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import scope
from clearwork.documents.inspect import inspect_pdf
from clearwork.employers.models import Employer, Worksite
from clearwork.foundation import clock
from tests import cast as people
from tests.cast import Cast

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers"
DOT: dict[str, Any] = {
    "donor_id": "N-1",
    "agency": "fmcsa",
    "specimen": "urine",
    "observed": True,
    "der_name": "Dana Whitfield",
    "der_phone": "800-555-0100",
    "laboratory_name": "Example Lab",
    "laboratory_address": "1 Main Street, Lenexa, KS 66219",
    "mro_name": "Dr. Pat Reyes",
    "mro_address": "2 Main Street, Dallas, TX 75201",
    "mro_phone": "800-555-0101",
}


def authorized(cast: Cast, **changes: Any) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return actions.authorize(cast.order(**changes), by=cast.alice.viewer)


def printed(cast: Cast, *made: Authorization) -> bytes:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        found = queries.to_print(cast.alice.viewer).filter(pk__in=[one.pk for one in made])
        return document.render(list(found.order_by("id")))


def text_of(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    try:
        text = " ".join(page.get_textpage().get_text_range() for page in opened)
        return " ".join(text.replace("\x02", "").split())
    finally:
        opened.close()


def words_of(pdf: bytes) -> str:
    """Without white space and line ends, wherever a long name was broken."""
    return "".join(text_of(pdf).replace("\u200b", "").split())


def test_it_is_one_tagged_page_that_says_what_is_authorized(cast: Cast) -> None:
    made = authorized(cast)
    pdf = printed(cast, made)
    facts = inspect_pdf(pdf)
    assert (facts.pages, facts.tagged, facts.encrypted) == (1, True, False)
    assert made.number in facts.title
    assert b"pdfuaid" in pdf  # says that it is PDF/UA
    text = text_of(pdf)
    for expected in (
        "Demo Occupational Health",
        made.number,
        "Maria Garcia",
        "Northwind Freight",
        "200100",
        "Plant 4",
        "DOT physical",
        "Pre-placement",
        "Dallas Medical Center",
        "100 Mill Road",
        "government-issued photo ID",
        made.expires.strftime("%B %-d, %Y"),
        "Alice Example",
    ):
        assert expected in text, expected
    pictures = _texts_for_pictures(pdf)
    assert f"QR code of the authorization number {made.number}" in pictures
    assert f"Bar code of the authorization number {made.number}" in pictures


def _texts_for_pictures(pdf: bytes) -> list[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        items = [item for item in opened.objects if isinstance(item, pikepdf.Dictionary)]
        return [str(item["/Alt"]) for item in items if "/Alt" in item]


def test_it_keeps_to_the_minimum_necessary(cast: Cast) -> None:
    order = cast.injury_order(center_note="Fasting since midnight", billing_note="Cost center 9")
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        made = actions.authorize(order, by=cast.alice.viewer)
        Authorization.objects.update(claim_number="C-778", insurer="Acme Mutual")
    text = text_of(printed(cast, made))
    assert "Left hand" in text and "1988" in text
    for secret in ("April 17", "Cut by", "C-778", "Acme", "Fasting", "Cost center"):
        assert secret not in text, secret


def test_it_prints_in_black_and_white(cast: Cast) -> None:
    opened = pypdfium2.PdfDocument(printed(cast, authorized(cast)))
    picture = opened[0].render(scale=0.5).to_pil().convert("RGB")
    opened.close()
    colors = {color for _, color in picture.getcolors(1 << 24)}
    assert len(colors) > 10 and all(red == green == blue for red, green, blue in colors)


@pytest.mark.parametrize("name", [LONG_NAME, "王小明" * 33, "Ana María " * 10])
def test_the_longest_names_and_twelve_services_fit_one_page(cast: Cast, name: str) -> None:
    name = name.strip()[:100]
    with scope.acting_as(scope.OPERATOR):
        Employer.objects.update(legal_name="N" * 200)
        Worksite.objects.filter(pk=cast.plant.pk).update(name="W" * 120)
        MedicalCenter.objects.update(
            name="C" * 120, street="S" * 120, opening_hours="Mo-Fr 08:00-17:00; Sa 09:00-13:00"
        )
        employee = people.employee(cast.plant, name, name)
        services = Service.objects.bulk_create(
            Service(code=f"LONG-{n}", name=f"{n} {name}"[:120], kind="non_injury")
            for n in range(12)
        )
        made = authorized(cast, employee=employee, services=services)
        _add_dot_test(made)
    pdf = printed(cast, made)
    assert inspect_pdf(pdf).pages == 1
    words = words_of(pdf)
    assert words.count("".join(name.split())) >= 14  # given and family name, and each service
    assert "Questions?" in words and "N" * 200 in words and "DanaWhitfield" in words


def _add_dot_test(made: Authorization) -> None:
    DotTestOrder.objects.create(employer_id=made.employer_id, authorization=made, **DOT)


def test_a_dot_tests_page_tells_the_collector_everything(cast: Cast) -> None:
    made = authorized(cast)
    with scope.acting_as(scope.OPERATOR):
        _add_dot_test(made)
    text = text_of(printed(cast, made))
    for expected in ("FMCSA", "N-1", "Urine", "Directly observed", "Dana Whitfield", "Example Lab"):
        assert expected in text, expected
    assert "C/TPA" not in text  # none was given


@pytest.mark.parametrize(
    ("modality", "expected"),
    [
        (Modality.TELEMED, ["Demo Telemed", "telemed.example.com", "1-555-0102"]),
        (Modality.TELEREHAB, ["Demo Telerehab", "telerehab.example.com", "1-555-0103"]),
    ],
)
def test_centralized_care_tells_how_to_reach_it(
    cast: Cast, modality: Modality, expected: list[str]
) -> None:
    text = text_of(printed(cast, authorized(cast, modality=modality, center=None)))
    assert "no center to visit" in text
    assert [words for words in expected if words not in text] == []


def test_telemedicine_at_a_center_is_scheduled_by_phone(cast: Cast) -> None:
    text = text_of(printed(cast, authorized(cast, modality=Modality.CENTER_TELEMEDICINE)))
    assert "Call the medical center to schedule" in text and "214-555-0100" in text


def test_what_the_services_ask_for_is_said_once(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        Service.objects.update(bring="Glasses\nMedication list", prepare="Fast for 8 hours.")
    services = [cast.dot_physical, cast.audiogram]
    text = text_of(printed(cast, authorized(cast, services=services)))
    assert text.count("Bring also: Glasses; Medication list.") == 1
    assert text.count("Fast for 8 hours.") == 1


def test_many_are_one_file_with_a_page_each(cast: Cast) -> None:
    made = [authorized(cast), authorized(cast, employee=cast.wei)]
    pdf = printed(cast, *made)
    assert inspect_pdf(pdf).pages == 2
    opened = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in opened]
    opened.close()
    assert "Maria Garcia" in texts[0] and "小明 王" in texts[1]
    assert all(one.number in text for one, text in zip(made, texts, strict=True))


def test_it_says_what_the_order_says_today(cast: Cast) -> None:
    made = authorized(cast)
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(expires=clock.today().replace(year=2031, month=5, day=6))
    assert "May 6, 2031" in text_of(printed(cast, made))
