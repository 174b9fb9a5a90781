"""Result documents as PDF/UA-1, set by typst from the templates beside this module.

Facts reach a template as JSON data, never as markup: a name may hold any character.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import typst

from clearwork.demo.clinic.examination import complete

TEMPLATES = Path(__file__).parent / "templates"
TITLES = {
    "injury_activity_status": "Injury activity status report",
    "first_notice_of_injury": "First notice of injury letter",
    "patient_referral": "Patient referral report",
    "recheck_appointment_reminder": "Recheck appointment reminder letter",
    "state_injury_report": "State injury report",
    "custody_and_control_form": "Custody and control form",
    "alcohol_testing_form": "Alcohol testing form",
    "drug_screen_result_link": "Drug screen result link",
    "customer_proprietary_form": "Customer proprietary form",
    "non_injury_activity_status": "Non-injury activity status report",
    "mec_dot_card": "MEC DOT card",
    "mer_long_form": "MER long form",
    "pre_placement_physical": "Pre-placement physical result",
    "audiogram": "Audiogram",
    "human_performance_evaluation": "Human performance evaluation",
    "respirator_clearance": "Respirator clearance",
    "fit_test": "Fit test",
    "medical_surveillance_opinion": "Medical surveillance opinion letter",
    "test_and_lab_result": "Test and lab result",
    "vaccine_administration_record": "Vaccine administration record",
    "other_physical_or_ancillary": "Other physical or ancillary result",
}
_OWN_TEMPLATE = {
    "injury_activity_status": "activity_status",
    "non_injury_activity_status": "activity_status",
    "mec_dot_card": "mec_dot_card",
    "audiogram": "audiogram",
    "pre_placement_physical": "pre_placement_physical",
}
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_CHINESE = Path(__file__).resolve().parents[3] / "node_modules/@embedpdf/fonts-sc/fonts"
_FONTS = typst.Fonts(font_paths=[_CHINESE] if _CHINESE.is_dir() else [])
_compilers = threading.local()


def make(report_type: str, facts: Mapping[str, str]) -> bytes:
    """One report as a PDF; the same facts make the same bytes.

    `facts` are texts by name, all optional: number, given, family, birth_date, employee_id,
    employer, worksite, center, state, reason, visit_date, time_in, services and whatever a
    template shows; what is missing is invented from the number;
    `seed` replaces the number there.
    Dates are ISO 8601. A table is one text: a line per row, tabs between cells (`services`:
    name, status). Safe in several threads, which run in parallel.

    Raises KeyError for an unknown report type.
    """
    title = TITLES[report_type]
    shown = {"title": title, "report_type": report_type} | complete(report_type, facts)
    template = _OWN_TEMPLATE.get(report_type, "generic")
    data = {name: _american(_printable(text)) for name, text in shown.items()}
    stamp = datetime.fromisoformat(shown["visit_date"]).replace(tzinfo=UTC)
    try:
        return _compile(template, data, stamp)
    except typst.TypstError:
        # PDF/UA-1 forbids text without a glyph: no font here has these letters.
        return _compile(template, {name: _spelled(text) for name, text in data.items()}, stamp)


def _compile(template: str, facts: Mapping[str, str], stamp: datetime) -> bytes:
    made = _compiler(template).compile(
        format="pdf",
        sys_inputs={"facts": json.dumps(facts)},
        pdf_standards="ua-1",
        timestamp=stamp,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst made no PDF")
    return made


def _compiler(template: str) -> typst.Compiler:
    """This thread's compiler of a template: making one anew costs more than a page."""
    if not hasattr(_compilers, template):
        source = TEMPLATES / f"{template}.typ"
        made = typst.Compiler(source, root=TEMPLATES, font_paths=_FONTS)
        setattr(_compilers, template, made)
    compiler: typst.Compiler = getattr(_compilers, template)
    return compiler


def _printable(text: str) -> str:
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", "".join(kept))


def _american(text: str) -> str:
    """Dates as American forms write them: 2026-11-23 is shown as 11/23/2026."""
    return _ISO_DATE.sub(r"\2/\3/\1", text)


def _spelled(text: str) -> str:
    """Letters outside the scripts of typst's own fonts, written as their code points."""
    return "".join(c if _has_glyph(c) else f"[U+{ord(c):04X}]" for c in text)


def _has_glyph(letter: str) -> bool:
    return ord(letter) < 0x0530 or letter in "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026"
