"""What the demo's examiners find: invented, plausible, and the same for the same number.

Every finding comes from a random generator seeded with the authorization number and the
report type, so a document made again is the same document.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

Facts = dict[str, str]
_EXAMINERS = [
    ("Dana Whitfield", "Physician Assistant", "PA"),
    ("Marcus Oyelaran", "MD", "MD"),
    ("Priya Raman", "MD", "MD"),
    ("Helen Castellanos", "Advanced Practice Nurse", "NP"),
    ("Thomas Brandvold", "DO", "DO"),
    ("Renee Thibodeaux", "Physician Assistant", "PA"),
    ("Joel Nakagawa", "Doctor of Chiropractic", "DC"),
    ("Amara Eze", "Advanced Practice Nurse", "NP"),
]
_STREETS = ["Cedar Ridge Lane", "Harvest Mill Road", "Old Depot Street", "Juniper Court"]
_TOWNS = [("Garland", "TX", "75040"), ("Mesa", "AZ", "85201"), ("Aurora", "CO", "80010")]
_FREQUENCIES = ("500", "1000", "2000", "3000", "4000", "6000", "8000")
_RESTRICTIONS = [
    ("Lifting, carrying", "Up to 15 lb, occasionally"),
    ("Pushing, pulling", "Up to 25 lb, occasionally"),
    ("Bending, twisting", "No more than 10 minutes an hour"),
    ("Reaching above the shoulder", "Not on the affected side"),
    ("Standing, walking", "Seated break of 10 minutes each hour"),
    ("Climbing ladders", "None"),
    ("Operating company vehicles", "None while taking prescribed medication"),
]
_TREATMENTS = [
    "Examination; ice, elevation and over-the-counter medication advised",
    "Examination and X-ray; home exercises taught",
    "Examination, wound care and dressing",
]


def rows(*cells: Sequence[str]) -> str:
    """A table as one fact: a line per row, tabs between cells."""
    return "\n".join("\t".join(row) for row in cells)


def complete(report_type: str, facts: Mapping[str, str]) -> Facts:
    """The facts with everything a report of that type needs, given facts winning.

    `facts["seed"]`, else `facts["number"]`, seeds the findings; `facts["visit_date"]`
    (ISO 8601) dates them.
    """
    seed = facts.get("seed") or facts.get("number", "")
    dice = random.Random(f"{seed} visit")
    visited = _day(facts.get("visit_date", ""))
    given = {name: text for name, text in facts.items() if text}
    common = _visit(dice, visited, given) | given | {"visit_date": visited.isoformat()}
    found = random.Random(f"{seed} {report_type}")
    finding = _FINDINGS.get(report_type, _other)
    return finding(found, visited, common) | common


def _day(iso: str) -> date:
    try:
        return date.fromisoformat(iso[:10])
    except ValueError:
        return date(2026, 1, 5)


def _visit(dice: random.Random, visited: date, facts: Mapping[str, str]) -> Facts:
    name, title, letters = dice.choice(_EXAMINERS)
    arrived = _arrival(dice, visited, facts.get("time_in", ""))
    left = arrived + timedelta(minutes=dice.randint(28, 85))
    whole = f"{facts.get('given', '')} {facts.get('family', '')}".strip()
    return {
        "employee": whole,
        "center": "Demo medical center",
        "visit_date": visited.isoformat(),
        "time_in": f"{arrived:%H:%M}",
        "time_out": f"{left:%H:%M}",
        "examiner": name,
        "examiner_title": title,
        "examiner_license": f"{letters}{dice.randint(10000, 99999)}",
        "examiner_phone": f"(555) 555-01{dice.randint(10, 99)}",
        "registry_number": f"{dice.randint(10**9, 10**10 - 1)}",
        "state": dice.choice(["TX", "AZ", "CO", "GA", "OH", "WA"]),
        "services": rows(["Visit", "Completed"]),
    }


def _arrival(dice: random.Random, visited: date, time_in: str) -> datetime:
    try:
        return datetime.fromisoformat(f"{visited.isoformat()}T{time_in}")
    except ValueError:
        midnight = datetime.combine(visited, datetime.min.time())
        return midnight + timedelta(minutes=dice.randint(7 * 60 + 30, 16 * 60))


def _injury_status(dice: random.Random, visited: date, facts: Facts) -> Facts:
    status = dice.choices(["Restricted duty", "Full duty", "Off work"], [6, 3, 1])[0]
    until = visited + timedelta(days=dice.choice([5, 7, 10, 14]))
    limits = sorted(dice.sample(range(len(_RESTRICTIONS)), dice.randint(2, 4)))
    restricted = status == "Restricted duty"
    full = status == "Full duty"
    return {
        "work_status": status,
        "status_from": visited.isoformat(),
        "status_until": "" if full else until.isoformat(),
        "restrictions": rows(*(_RESTRICTIONS[i] for i in limits)) if restricted else "",
        "next_appointment": "" if full else f"{until.isoformat()} {dice.randint(8, 15):02}:30",
        "treatment": dice.choice(_TREATMENTS),
        "injury_date": visited.isoformat(),
        "body_part": "Lower back",
    }


def _dot_card(dice: random.Random, visited: date, facts: Facts) -> Facts:
    months = dice.choices([24, 12, 6, 3], [8, 3, 1, 1])[0]
    town, state, zip_code = dice.choice(_TOWNS)
    license_number = f"{dice.randint(10**7, 10**8 - 1)}"
    return {
        "certificate_date": visited.isoformat(),
        "expiration_date": _months_on(visited, months).isoformat(),
        "corrective_lenses": _mark(dice.random() < 0.4),
        "hearing_aid": _mark(dice.random() < 0.05),
        "waiver": "",
        "spe_certificate": "",
        "intracity_zone": "",
        "operation_391_64": "",
        "grandfathered": "",
        "state_variances": "",
        "license_number": license_number,
        "license_state": state,
        "cdl": _mark(dice.random() < 0.8),
        "address": f"{dice.randint(100, 9899)} {dice.choice(_STREETS)}, {town}, {state} {zip_code}",
    }


def _mark(yes: bool) -> str:
    return "yes" if yes else ""


def _months_on(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day (never longer than 24 months)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _audiogram(dice: random.Random, visited: date, facts: Facts) -> Facts:
    """Air-conduction thresholds in dB HL; the average OSHA compares is 29 CFR 1910.95(g)(10)."""
    right, left = _ear(dice), _ear(dice)
    return {
        "frequencies": "\t".join(_FREQUENCIES),
        "right": "\t".join(map(str, right)),
        "left": "\t".join(map(str, left)),
        "right_average": f"{sum(right[2:5]) / 3:.1f}",
        "left_average": f"{sum(left[2:5]) / 3:.1f}",
        "baseline_date": _months_on(visited, -12).isoformat(),
        "threshold_shift": "No standard threshold shift against the baseline",
        "audiometer": f"DA-{dice.randint(200, 260)}, calibrated {_months_on(visited, -4):%m/%Y}",
    }


def _ear(dice: random.Random) -> list[int]:
    base = dice.choice([5, 10, 15])
    notch = dice.choice([0, 5, 15, 20])
    shape = (0, 0, 0, notch // 2, notch, notch // 2, 5)
    return [5 * round((base + drop + dice.choice([-5, 0, 5])) / 5) for drop in shape]


def _pre_placement(dice: random.Random, visited: date, facts: Facts) -> Facts:
    limited = dice.random() < 0.15
    return {
        "determination": "Medically qualified with accommodation"
        if limited
        else "Medically qualified without restriction",
        "limits": "Corrective lenses to be worn for safety-sensitive tasks" if limited else "None",
        "position": "As described by the employer",
        "findings": rows(
            ["Blood pressure", f"{dice.randint(108, 134)}/{dice.randint(66, 84)} mmHg", "Reviewed"],
            ["Pulse", f"{dice.randint(58, 88)} per minute", "Reviewed"],
            ["Distance vision, both eyes", dice.choice(["20/20", "20/25", "20/30"]), "Reviewed"],
            ["Color vision", "Red, green and amber told apart", "Reviewed"],
            ["Whispered voice", "5 ft or more, both ears", "Reviewed"],
            ["Lifting demonstration", f"{dice.choice([35, 50, 75])} lb floor to waist", "Done"],
        ),
    }


def _respirator(dice: random.Random, visited: date, facts: Facts) -> Facts:
    return _simple(
        "Medically able to use the respirators listed below (29 CFR 1910.134(e)(6))",
        ["Half-face, air-purifying", "No limitation", ""],
        ["Full-face, air-purifying", dice.choice(["No limitation", "Up to 4 h a shift"]), ""],
        ["Follow-up evaluation", "Not needed", ""],
        ["Next evaluation", f"{_months_on(visited, 12):%m/%d/%Y}", ""],
    )


def _fit_test(dice: random.Random, visited: date, facts: Facts) -> Facts:
    return _simple(
        "Passed (29 CFR 1910.134, Appendix A)",
        ["Respirator", dice.choice(["Half-face, model H-100", "Full-face, model F-600"]), ""],
        ["Size", dice.choice(["Small", "Medium", "Large"]), ""],
        ["Protocol", "Quantitative, ambient aerosol", ""],
        ["Overall fit factor", str(dice.randint(620, 2400)), "500 or more"],
        ["Next fit test", f"{_months_on(visited, 12):%m/%d/%Y}", ""],
    )


def _vaccines(dice: random.Random, visited: date, facts: Facts) -> Facts:
    given = [row.split("\t")[0] for row in facts["services"].split("\n")]
    sites = ("Left deltoid, IM", "Right deltoid, IM")
    lots = [
        [name, f"Lot D{dice.randint(1000, 9999)}, {sites[i % 2]}", "Given"]
        for i, name in enumerate(name for name in given if "acc" in name)
    ]
    found = lots or [["Vaccine", f"Lot D{dice.randint(1000, 9999)}, {sites[0]}", "Given"]]
    return _simple("Vaccine given; no reaction in 15 minutes of observation", *found)


def _lab(dice: random.Random, visited: date, facts: Facts) -> Facts:
    return _simple(
        "Reported by the laboratory; reviewed by the examiner",
        ["Glucose", f"{dice.randint(74, 98)} mg/dL", "70 to 99"],
        ["Creatinine", f"{dice.uniform(0.7, 1.2):.2f} mg/dL", "0.60 to 1.30"],
        ["Sodium", f"{dice.randint(137, 143)} mmol/L", "135 to 145"],
        ["Potassium", f"{dice.uniform(3.7, 4.8):.1f} mmol/L", "3.5 to 5.1"],
        ["ALT", f"{dice.randint(12, 42)} U/L", "7 to 55"],
        ["AST", f"{dice.randint(12, 36)} U/L", "8 to 48"],
    )


def _performance(dice: random.Random, visited: date, facts: Facts) -> Facts:
    lift = dice.choice([50, 60, 75])
    return _simple(
        "Meets the physical demands of the position",
        ["Floor to waist lift", f"{lift} lb", "50 lb"],
        ["Waist to shoulder lift", f"{lift - 15} lb", "35 lb"],
        ["Carry, 50 ft", f"{lift - 5} lb", "40 lb"],
        ["Push, peak force", f"{dice.randint(70, 105)} lbf", "60 lbf"],
        ["Grip, stronger hand", f"{dice.randint(74, 118)} lb", "60 lb"],
        ["Heart rate at the end", f"{dice.randint(104, 132)} per minute", "below 145"],
    )


def _other(dice: random.Random, visited: date, facts: Facts) -> Facts:
    reference = f"D{dice.randint(10**6, 10**7 - 1)}"
    return _simple(
        "Completed as ordered",
        ["Reference", reference, ""],
        ["Date of service", f"{visited:%m/%d/%Y}", ""],
        ["Follow-up", dice.choice(["None needed", "As arranged with the employee"]), ""],
    )


def _non_injury_status(dice: random.Random, visited: date, facts: Facts) -> Facts:
    done = all(row.endswith("\tCompleted") for row in facts["services"].split("\n"))
    return {"visit_status": "Visit completed" if done else "Visit completed; results to follow"}


def _simple(conclusion: str, *findings: Sequence[str]) -> Facts:
    return {"conclusion": conclusion, "findings": rows(*findings)}


_FINDINGS: dict[str, Callable[[random.Random, date, Facts], Facts]] = {
    "injury_activity_status": _injury_status,
    "non_injury_activity_status": _non_injury_status,
    "mec_dot_card": _dot_card,
    "audiogram": _audiogram,
    "pre_placement_physical": _pre_placement,
    "respirator_clearance": _respirator,
    "fit_test": _fit_test,
    "vaccine_administration_record": _vaccines,
    "test_and_lab_result": _lab,
    "human_performance_evaluation": _performance,
}
