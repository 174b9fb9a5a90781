"""The demo network: invented centers, employers and people."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class EmployerFacts(NamedTuple):
    account_number: str
    legal_name: str
    domain: str
    worksites: tuple[str, ...]


CITIES = (
    ("TX", "Dallas", "75201", "214"),
    ("TX", "Houston", "77002", "713"),
    ("TX", "Austin", "78701", "512"),
    ("TX", "San Antonio", "78205", "210"),
    ("AZ", "Phoenix", "85004", "602"),
    ("AZ", "Tucson", "85701", "520"),
    ("AZ", "Mesa", "85201", "480"),
    ("AZ", "Tempe", "85281", "480"),
    ("CO", "Denver", "80202", "303"),
    ("CO", "Aurora", "80012", "720"),
    ("CO", "Pueblo", "81003", "719"),
    ("CO", "Loveland", "80537", "970"),
    ("GA", "Atlanta", "30303", "404"),
    ("GA", "Macon", "31201", "478"),
    ("GA", "Savannah", "31401", "912"),
    ("GA", "Augusta", "30901", "706"),
    ("OH", "Columbus", "43215", "614"),
    ("OH", "Cleveland", "44113", "216"),
    ("OH", "Toledo", "43604", "419"),
    ("OH", "Dayton", "45402", "937"),
    ("NJ", "Newark", "07102", "973"),
    ("NJ", "Trenton", "08608", "609"),
    ("NJ", "Edison", "08817", "732"),
    ("NJ", "Camden", "08102", "856"),
)
STREETS = ("Harbor Way", "Foundry Street", "Commerce Loop", "Mill Road", "Junction Avenue")
# As centers.hours reads them; the centers take them in turn.
HOURS = (
    "Mo-Fr 08:00-17:00",
    "Mo-Fr 07:00-18:00; Sa 09:00-13:00",
    "Mo-Fr 06:00-22:00; Sa,Su 08:00-16:00",
    "Mo-Fr 08:00-12:00,13:00-17:00",
    "Mo-Su 00:00-24:00",
    "Mo-Th 07:30-17:30; Fr 07:30-15:00",
    "Mo-Fr 08:00-20:00; Sa 08:00-12:00",
)
# Services every center offers; of the others each center offers some.
EVERYWHERE = frozenset(
    {
        "INJ-CARE",
        "INJ-RECHECK",
        "PT-EVAL",
        "DOT-PHYS",
        "DOT-RECERT",
        "PHYS-PREPLACE",
        "DRUG-DOT",
        "DRUG-NONDOT",
        "DRUG-RAPID",
        "ALC-DOT",
        "ALC-BREATH",
        "AUDIO",
        "RESP-CLEAR",
        "FIT-TEST",
        "PFT",
        "HPE",
        "VAC-FLU",
        "VAC-HEPB",
        "TB-TEST",
        "LAB-CMP",
    }
)

EMPLOYERS = (
    EmployerFacts(
        "100214",
        "Lone Prairie Freight, Inc.",
        "lone-prairie.example",
        ("Dallas terminal", "Denver terminal", "Columbus yard"),
    ),
    EmployerFacts(
        "100387", "Bright Kiln Ceramics LLC", "bright-kiln.example", ("Plant 2", "Plant 4")
    ),
    EmployerFacts(
        "100452",
        "Tidewater Cold Storage Co.",
        "tidewater-cold.example",
        ("Newark dock", "Savannah dock", "Atlanta office"),
    ),
)

PORTAL_USERS = (
    ("admin", "Dana", "Whitaker", "Safety manager"),
    ("view_only", "Victor", "Osei", "HR assistant"),
)
PASSWORD = "calm harbor lantern"  # noqa: S105 - the demo says it aloud

GIVEN = (
    "Maria",
    "James",
    "Aisha",
    "Daniel",
    "Linh",
    "Robert",
    "Camille",
    "Tomás",
    "Grace",
    "Andre",
    "Ingrid",
    "Malik",
    "Sofia",
    "Peter",
    "Yuki",
    "Carlos",
    "Hannah",
    "Omar",
    "Nadia",
    "Wesley",
    "Élodie",
    "Samuel",
    "Priya",
    "Victor",
    "Rosa",
    "Kenji",
    "Abigail",
    "Luis",
    "Fatima",
    "Derek",
)
FAMILY = (
    "Garcia",
    "Okafor",
    "Nguyen",
    "Thompson",
    "Petrov",
    "Alvarez",
    "Kim",
    "Johansson",
    "Patel",
    "Brooks",
    "Nakamura",
    "Silva",
    "O'Neil",
    "Haddad",
    "Mbeki",
    "Larsen",
    "Castillo",
    "Wright",
    "Novak",
    "Chen",
    "Dubois",
    "Ramirez",
    "Schmidt",
    "Ferrari",
    "Adeyemi",
    "Núñez",
    "Walker",
    "Kowalski",
    "Bennett",
    "Tran",
)


_JOBS = (
    "Line haul driver",
    "Dock worker",
    "Local driver",
    "Forklift operator",
    "Dispatcher",
    "Mechanic",
    "Yard driver",
    "Safety coordinator",
)


def facts_of(number: int) -> dict[str, object]:
    """Job, licence, language and first day of the employer's employee of this number."""
    job = _JOBS[number % len(_JOBS)]
    return {
        "job_title": job,
        "is_dot_driver": job.endswith("driver"),
        "language": "es" if number % 5 == 0 else "en",
        "hire_date": date(2023 + number % 3, number % 12 + 1, number % 28 + 1),
        "is_active": number % 23 != 22,
    }
