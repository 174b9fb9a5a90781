"""The demo network: invented centers, employers and people."""

from __future__ import annotations

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
HOURS = "Mo-Fr 08:00-17:00"

SERVICES = (
    ("INJ-CARE", "Injury care, first visit", "injury"),
    ("INJ-RECHECK", "Injury recheck", "injury"),
    ("PT-EVAL", "Physical therapy evaluation", "injury"),
    ("DOT-PHYS", "DOT physical", "non_injury"),
    ("PHYS-PREPLACE", "Pre-placement physical", "non_injury"),
    ("DRUG-NONDOT", "Drug screen (non-DOT)", "non_injury"),
    ("AUDIO", "Audiogram", "non_injury"),
    ("RESP-CLEAR", "Respirator clearance", "non_injury"),
    ("FIT-TEST", "Respirator fit test", "non_injury"),
    ("PFT", "Pulmonary function test", "non_injury"),
    ("HPE", "Human performance evaluation", "non_injury"),
    ("VAC-FLU", "Influenza vaccine", "non_injury"),
    ("VAC-HEPB", "Hepatitis B vaccine", "non_injury"),
    ("TB-TEST", "Tuberculosis test", "non_injury"),
    ("LAB-CMP", "Comprehensive metabolic panel", "non_injury"),
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
