"""The PDFs Clearwork makes: accessible, faithful to their data, never failing on a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearwork.documents.barcode import code128_svg
from clearwork.documents.inspect import inspect_pdf
from clearwork.documents.typesetting import TypesettingFailure, qr_svg, typeset
from clearwork.passes.words import words as pass_words

_APPS = Path(__file__).resolve().parents[2] / "clearwork"
AUTHORIZATION = _APPS / "authorizations/templates/authorization.typ"
NUMBER = "CW-4K7M-2QX9"
NETWORK: Mapping[str, object] = {
    "network_name": "Demo Occupational Health",
    "support_phone": "1-555-0100",
    "support_hours": "Monday through Friday, 7 a.m. to 6:30 p.m. Central time",
}
CENTER = {
    "name": "Dallas Love Field",
    "address": "2900 Mockingbird Lane, Dallas, TX 75235",
    "phone": "1-555-0142",
    "hours": "Monday through Friday, 7 a.m. to 7 p.m.",
}
SERVICE = {"code": "DOT-PHYS", "name": "DOT physical examination"}
TEXTS = {
    "number": NUMBER,
    "issued": "Nov 23, 2026, 9:14 AM",
    "authorized_by": "Robert Chen",
    "employer": "Lone Star Freight, Inc.",
    "account_number": "LSF-10442",
    "employer_phone": "1-555-0177",
    "worksite": "Dallas Distribution Center",
    "employee": "Maria Elena Gonzalez",
    "born": "1988",
    "modality": "In center",
    "kind": "Non-injury",
    "reason": "Pre-placement",
    "valid_from": "Nov 23, 2026",
    "expires": "Dec 23, 2026",
}
PAGE: Mapping[str, object] = {
    **TEXTS,
    "qr_svg": qr_svg(NUMBER),
    "bar_svg": code128_svg(NUMBER),
    "center": CENTER,
    "remote": "",
    "steps": ["Bring a photo ID."],
    "services": [SERVICE],
    "injury": None,
    "dot": [],
}
INJURY = {"date": "Nov 22, 2026", "body_part": "Left wrist"}


def data(**changes: object) -> dict[str, object]:
    return {**NETWORK, "pages": [{**PAGE, **changes}]}


def authorization(**changes: object) -> bytes:
    return typeset(AUTHORIZATION, data(**changes))


def words(pdf: bytes) -> str:
    """The text of all pages, with white space and breaks inside words taken out."""
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return re.sub(r"[\s\u200b\ufffe\x02]+", "", text)


def squeezed(text: object) -> str:
    return re.sub(r"\s+", "", str(text))


def test_the_authorization_is_one_page_of_tagged_pdf_ua_1_with_title_and_language() -> None:
    made = authorization(injury=INJURY)
    facts = inspect_pdf(made)
    assert (facts.pages, facts.tagged) == (1, True)
    assert facts.title == f"Authorization for services {NUMBER}"
    with pikepdf.open(BytesIO(made)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.Root.Lang).lower() == "en-us"
        assert [float(side) for side in pdf.pages[0].MediaBox.as_list()] == [0, 0, 612, 792]


def test_each_code_is_a_figure_with_a_text_of_its_own() -> None:
    with pikepdf.open(BytesIO(authorization())) as pdf:
        figures = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
        texts = [str(figure.Alt) for figure in figures]
    assert len(texts) == 2 and all(NUMBER in text for text in texts)


def test_every_piece_of_the_data_is_on_the_page() -> None:
    text = words(authorization(injury=INJURY))
    for value in [*TEXTS.values(), *CENTER.values(), *SERVICE.values(), *INJURY.values()]:
        assert squeezed(value) in text
    assert squeezed("protected under privacy laws") in text


def test_care_at_a_distance_names_no_center() -> None:
    text = words(authorization(center=None, remote="Telemed", modality="Telemed (centralized)"))
    assert "Telemed(centralized)" in text
    assert squeezed("Medical center") not in text


def test_what_is_not_given_leaves_no_empty_heading() -> None:
    text = words(authorization(steps=[]))
    assert "DOTagency" not in text and "Bodypart" not in text


@pytest.mark.parametrize("name", ["W" * 300, "Maria " * 50, "张伟" * 150])
def test_a_name_of_300_characters_stays_on_the_paper(name: str) -> None:
    made = authorization(employee=name, employer=name, worksite=name)
    document = pypdfium2.PdfDocument(made)
    boxes = [
        page.get_textpage().get_charbox(n)
        for page in document
        for n in range(page.get_textpage().count_chars())
    ]
    document.close()
    assert all(left >= 0 and right <= 612 for left, _, right, _ in boxes)
    assert len(document_text := words(made)) > 900
    assert name.isascii() is False or squeezed(name) in document_text


LONG = "Wm" * 50  # one word, wider than a page
STATUS = {"duty": "Restricted duty", "unknown": False, "not_yet": "", "starts": "Nov 23, 2026",
          "until_then": "Restricted duty", "limits_then": [LONG], "until": "", "back": "",
          "restrictions": [LONG] * 40, "ended": False}  # fmt: skip
SHEETS: Mapping[str, Mapping[str, object]] = {
    "passes/templates/pass.typ": {
        "language": "en", "words": pass_words("en"), "network": LONG, "number": NUMBER,
        "qr_svg": qr_svg(NUMBER), "code128_svg": code128_svg(NUMBER), "person": LONG,
        "employer": LONG, "starts": "Nov 23, 2026", "expires": "Dec 23, 2026", "center": CENTER,
        "steps": [LONG], "services": [LONG], "bring": [LONG], "prepare": [LONG] * 40,
    },
    "visits/templates/card.typ": {
        "network": LONG, "person": LONG, "job": LONG, "employer": LONG, "worksite": LONG,
        "partial": True, "printed": "Nov 23, 2026", "statuses": [STATUS],
    },
    "exports/templates/contents.typ": {
        "title": "1 report", "network": LONG, "employer": LONG, "made": "Nov 23, 2026",
        "columns": ["Employee", "Report", "Visit"], "unavailable": 0, "support_phone": "1",
        "entries": [{"said": [LONG, LONG, "Nov 23, 2026"], "first": 0}],
        "left_out": [{"said": [LONG, LONG, "Nov 23, 2026"], "why": "Damaged"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("template", SHEETS)
def test_no_word_runs_off_the_sheet_and_each_sheet_says_what_it_belongs_to(template: str) -> None:
    said = SHEETS[template]
    document = pypdfium2.PdfDocument(typeset(_APPS / template, said))
    for number, page in enumerate(document):
        text = page.get_textpage()
        right = max(text.get_charbox(at)[2] for at in range(text.count_chars()))
        assert right <= page.get_width() - 50, "within the margin"
        if number and "number" in said:
            assert NUMBER in text.get_text_range()
        if number and "person" in said and "number" not in said:
            assert "Nov 23, 2026" in text.get_text_range()
    document.close()


@pytest.mark.parametrize(
    "name", ["张伟", "さくら", "عمر", "😀", "a\u0302\u0323\u20dd", "\ue000", "\x07\x1b", "\ud800"]
)
def test_no_script_makes_the_typesetting_fail(name: str) -> None:
    assert NUMBER in words(authorization(employee=f"Ann {name}", worksite=name))


@pytest.mark.parametrize("name", ["Nuñez", "Łukasz Żółć", "Đặng Thị Hà", "Ωμέγα", "Юлия"])
def test_latin_greek_and_cyrillic_names_are_printed_as_they_are(name: str) -> None:
    assert squeezed(name) in words(authorization(employee=name))


def test_markup_in_the_data_is_printed_and_not_run() -> None:
    hostile = '#panic("x") *b* $x$ \\ #read("/etc/passwd") "]]) <label> @ref // end'
    text = words(authorization(employee=hostile, worksite=hostile))
    assert text.count(squeezed(hostile)) == 2


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=60))
def test_any_text_at_all_is_set(text: str) -> None:
    assert inspect_pdf(authorization(employee=text, worksite=text)).tagged


def test_the_same_data_and_time_give_the_same_bytes() -> None:
    moment = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
    first, second = (typeset(AUTHORIZATION, data(), timestamp=moment) for _ in range(2))
    assert first == second
    with pikepdf.open(BytesIO(first)) as pdf:
        assert "20261123091400" in str(pdf.docinfo.CreationDate)


def test_a_template_that_does_not_compile_fails_without_repeating_the_data(tmp_path: Path) -> None:
    template = tmp_path / "broken.typ"
    template.write_text("#let data = json(bytes(sys.inputs.data))\n#data.missing")
    with pytest.raises(TypesettingFailure, match=r"broken\.typ") as failure:
        typeset(template, {"name": "Maria Gonzalez"})
    assert "Maria" not in str(failure.value)


def test_a_missing_template_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        typeset(tmp_path / "none.typ", {})


def test_threads_typeset_at_once_and_get_their_own_document() -> None:
    names = [f"Employee {n}" for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        pdfs = list(pool.map(lambda name: authorization(employee=name), names))
    assert all(squeezed(name) in words(pdf) for name, pdf in zip(names, pdfs, strict=True))


def test_the_qr_code_is_titled_svg_without_size_or_script() -> None:
    svg = ET.fromstring(qr_svg("CW & <7>"))
    assert svg.tag.endswith("}svg")
    assert svg.findtext("{http://www.w3.org/2000/svg}title") == "QR code of CW & <7>"
    assert "viewBox" in svg.attrib
