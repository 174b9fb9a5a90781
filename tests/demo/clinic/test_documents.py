"""The clinic's documents: readable, accessible, repeatable, whatever a name holds."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest

from clearwork.demo.clinic import documents
from clearwork.demo.clinic.examination import complete

FACTS = {
    "number": "CW-4K7M-2QX9",
    "given": "Rosa",
    "family": "Delgado-Nuñez",
    "birth_date": "1988-04-17",
    "employee_id": "E-10442",
    "employer": "Northwind Freight & Storage, LLC",
    "worksite": "Dallas hub",
    "center": "Medical center C-TX-DAL1",
    "visit_date": "2026-11-23",
    "time_in": "10:05",
    "services": "DOT physical\tCompleted\nAudiogram\tCompleted",
}


def text_of(pdf: bytes) -> str:
    """All text of a PDF, line ends as spaces."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return " ".join("\n".join(pages).split())


@pytest.mark.parametrize("report_type", documents.TITLES)
def test_every_report_is_one_tagged_page_that_says_whose_it_is_and_that_it_is_a_demo(
    report_type: str,
) -> None:
    made = documents.make(report_type, FACTS)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == documents.TITLES[report_type]
        assert pdf.Root.Lang == "en-US"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert len(pdf.pages) == 1
    said = text_of(made)
    assert documents.TITLES[report_type] in said
    assert "DEMO – not a medical record" in said
    assert "Delgado-Nuñez" in said
    assert "Northwind Freight & Storage, LLC" in said
    assert "11/23/2026" in said


def test_the_same_facts_make_the_same_bytes_and_another_number_other_findings() -> None:
    assert documents.make("audiogram", FACTS) == documents.make("audiogram", FACTS)
    other = FACTS | {"number": "CW-0000-0001"}
    assert complete("audiogram", FACTS)["right"] != complete("audiogram", other)["right"]
    examiners = {complete("fit_test", FACTS | {"number": str(n)})["examiner"] for n in range(40)}
    assert len(examiners) > 3


def test_one_visit_has_one_examiner_in_all_its_documents() -> None:
    found = [complete(report_type, FACTS) for report_type in documents.TITLES]
    assert len({(f["examiner"], f["examiner_phone"], f["time_out"]) for f in found}) == 1


def test_given_facts_win_over_invented_ones() -> None:
    given = FACTS | {"work_status": "Off work", "status_until": "2026-12-24", "examiner": "Ann Poe"}
    said = text_of(documents.make("injury_activity_status", given))
    assert "Off work" in said
    assert "12/24/2026" in said
    assert "Ann Poe" in said


@pytest.mark.parametrize("status", ["Restricted duty", "Full duty", "Off work"])
def test_an_injury_report_gives_the_status_and_only_restricted_duty_has_restrictions(
    status: str,
) -> None:
    number = next(
        str(n)
        for n in range(200)
        if complete("injury_activity_status", {"number": str(n)})["work_status"] == status
    )
    facts = complete("injury_activity_status", FACTS | {"number": number})
    said = text_of(documents.make("injury_activity_status", FACTS | {"number": number}))
    assert status in said
    assert bool(facts["restrictions"]) == (status == "Restricted duty")
    assert ("Limit" in said) == (status == "Restricted duty")
    assert ("released from care" in said) == (status == "Full duty")
    for row in facts["restrictions"].split("\n"):
        assert " ".join(row.split("\t")) in said


def test_a_mec_dot_card_carries_the_fields_of_form_mcsa_5876() -> None:
    facts = complete("mec_dot_card", FACTS)
    said = text_of(documents.make("mec_dot_card", FACTS))
    for name in (
        "Medical Examiner’s signature",
        "Medical Examiner’s telephone number",
        "Date certificate signed",
        "State license, certificate or registration no.",
        "National Registry number",
        "Certificate expiration date",
        "Driver’s signature",
        "Driver’s license number",
        "Driver’s address",
        "CLP/CDL applicant or holder",
        "Wearing corrective lenses",
        "Wearing hearing aid",
        "waiver/exemption",
        "Skill Performance Evaluation (SPE) Certificate",
        "exempt intracity zone",
        "Grandfathered from State requirements",
        "49 CFR 391.41–391.49",
    ):
        assert name in said
    for fact in ("examiner", "examiner_phone", "registry_number", "license_number", "address"):
        assert facts[fact] in said


def test_a_certificate_holds_for_24_months_at_most_also_from_a_leap_day() -> None:
    for signed in (date(2024, 2, 29), date(2026, 8, 31), date(2026, 12, 31), date(2027, 1, 1)):
        for number in range(60):
            given = {"number": str(number), "visit_date": signed.isoformat()}
            expires = date.fromisoformat(complete("mec_dot_card", given)["expiration_date"])
            last = signed.replace(year=signed.year + 2, day=min(signed.day, 28))
            assert signed < expires
            assert (expires.year, expires.month) <= (last.year, last.month)
            assert expires.day <= signed.day


def test_an_audiogram_shows_the_numbers_and_describes_its_picture() -> None:
    facts = complete("audiogram", FACTS)
    made = documents.make("audiogram", FACTS)
    said = text_of(made)
    assert " ".join(["Right (O)", *facts["right"].split("\t"), facts["right_average"]]) in said
    assert " ".join(["Left (X)", *facts["left"].split("\t"), facts["left_average"]]) in said
    with pikepdf.open(io.BytesIO(made)) as pdf:
        alternatives = [
            o.Alt for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o
        ]
    assert any("right ear as red circles" in str(alternative) for alternative in alternatives)


@pytest.mark.parametrize(
    "name",
    [
        '#panic() $x$ *b* _i_ <label> @ref \\ "quoted" // no comment',
        '#eval("1+1") ${jndi} {{7*7}} %s',
        "Đặng Thị Ngọc",
        "Łódź-Ćwikła",
        "Πέτρος Пётр",
        "a\u0308b\u0301",
    ],
)
def test_a_name_is_shown_as_it_is_never_run(name: str) -> None:
    said = text_of(documents.make("fit_test", FACTS | {"family": name, "employee": name}))
    plain = "".join(said.split())
    assert "".join(documents._printable(name).split()) in plain


def test_letters_no_font_has_are_shown_by_code_point_or_by_an_installed_font() -> None:
    made = documents.make(
        "mec_dot_card", FACTS | {"family": "\U000f0000李\x07\u202e", "given": "𓀀"}
    )
    said = text_of(made)
    assert "[U+13000]" in said or "𓀀" in said
    assert "\x07" not in said
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert pdf.open_metadata()["pdfuaid:part"] == "1"


def test_long_names_wrap_and_lose_nothing() -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff " * 8
    said = text_of(documents.make("mec_dot_card", FACTS | {"family": name, "employee": name}))
    found = len(
        re.findall("Wolfeschlegelsteinhausenberger", said.replace(" ", "").replace("-", ""))
    )
    assert found >= 8


@pytest.mark.parametrize("report_type", documents.TITLES)
def test_no_facts_at_all_still_make_a_report(report_type: str) -> None:
    assert documents.make(report_type, {}).startswith(b"%PDF-")


def test_an_unknown_report_type_is_an_error() -> None:
    with pytest.raises(KeyError):
        documents.make("x_ray", FACTS)


def test_threads_make_the_same_documents() -> None:
    numbers = [f"CW-0000-{index:04}" for index in range(12)]
    made = [documents.make("fit_test", FACTS | {"number": number}) for number in numbers]
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda n: documents.make("fit_test", FACTS | {"number": n}), numbers))
    assert made == again
