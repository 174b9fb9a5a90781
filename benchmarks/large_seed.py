"""Ten million reports of a million people, by COPY: the network of the `large` benchmark.

Reports lie in the table as they came, the employers' mixed; all share one document that is
not there. A tenth of them, and all of the largest employer's, have an authorization and a
visit; half of those gave a work status, a quarter a driver's certificate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate, batched, islice, pairwise
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks.bare import bare
from benchmarks.large_names import name

STATES = ("TX", "AZ", "OH", "GA", "CA", "FL", "IL", "PA", "NC", "NJ", "CO", "TN")
_YEAR = timedelta(days=365)
_A_BLOCK = 2_000
_SITES_OF_LARGEST = 21
_ORDERED = 10
_GOLDEN = 0.618  # the golden section: reports that follow each other are of different employers
_SIZES = (20, 35, 49, 92)  # employees of the small employers, in turn
_RARE, _SCATTER = 500, 2_654_435_761
_KINDS = (
    ("mec_dot_card", "non_injury", "MEC DOT card"),
    ("audiogram", "non_injury", "Audiogram"),
    ("injury_activity_status", "injury", "Injury activity status report"),
    ("test_and_lab_result", "non_injury", "Test and lab result"),
    ("pre_placement_physical", "non_injury", "Pre-placement physical result"),
    ("patient_referral", "injury", "Patient referral report"),
)
_RARE_KIND = ("fit_test", "non_injury", "Fit test")
_NULL, _DIGEST = "\\N", "\\\\x" + "0" * 64
_ENDED = ("completed", "completed", "completed", "expired")
_OPEN = ("submitted", "delivered", "accepted", "checked_in")
_DUTIES = (*[("full_duty", 0)] * 8, ("restricted", 14), ("off_work", 7))
_VALID_DAYS = (365, 730, 90, 180)
_COLUMNS = {
    "employers_employer": "id account_number legal_name phone street city state postal_code"
    " billing_address billing_phone",
    "employers_worksite": "id employer_id name street city state postal_code phone is_active",
    "people_employee": "id employer_id worksite_id employee_number first_name last_name"
    " date_of_birth phone email job_title is_dot_driver language is_active name_key"
    " name_key_reversed",
    "results_report": "id employer_id employee_id center_id authorization_id report_type kind"
    " title visit_date posted_at document sha256 size pages",
    "authorizations_authorization": "id employer_id number state state_since worksite_id"
    " employee_id modality center_id kind reason body_part what_happened claim_number insurer"
    " billing_note center_note valid_from expires created_at created_by_id submission revision",
    "visits_visit": "id employer_id employee_id center_id authorization_id kind visited_on"
    " arrived_at checked_out_at services",
    "visits_workstatus": "id employer_id employee_id center_id visit_id kind duty restrictions"
    " starts until issued_at received_at fingerprint",
    "results_dotcertificate": "id employer_id employee_id center_id report_id certified_from"
    " expires registry_number limitations",
}

# What triggers keep row by row is set at once.
_CURRENT = (
    """
    WITH latest AS MATERIALIZED (
        SELECT DISTINCT ON (employer_id, employee_id, kind) id FROM visits_workstatus
        ORDER BY employer_id, employee_id, kind, issued_at DESC, id DESC
    )
    UPDATE visits_workstatus status SET is_current = false
    WHERE NOT EXISTS (SELECT 1 FROM latest WHERE latest.id = status.id)
    """,
    """
    WITH latest AS MATERIALIZED (
        SELECT DISTINCT ON (employer_id, employee_id) id FROM results_dotcertificate
        ORDER BY employer_id, employee_id, certified_from DESC, id DESC
    )
    UPDATE results_dotcertificate card SET is_current = false
    WHERE NOT EXISTS (SELECT 1 FROM latest WHERE latest.id = card.id)
    """,
)


@dataclass(frozen=True)
class Size:
    """The largest employer has `largest` of the reports; each employee has ten."""

    reports: int
    employers: int
    largest: int


@dataclass(frozen=True)
class Network:
    """Who and what there is, reckoned from numbers: nothing is read back from the database.

    Employer 0 is the largest. `centers` and the one `creator` of all authorizations are there
    already.
    """

    size: Size
    centers: Sequence[UUID]
    creator: UUID
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def employees_of(self) -> list[int]:
        """How many each employer has."""
        rest = self.size.reports // 10 - self.size.largest // 10
        mean = sum(_SIZES) / len(_SIZES) * (self.size.employers - 1)
        sizes = [_SIZES[at % len(_SIZES)] * rest / mean for at in range(self.size.employers - 1)]
        ends = [0, *(round(end) for end in accumulate(sizes))]
        return [self.size.largest // 10, *(b - a for a, b in pairwise(ends))]

    @cached_property
    def employer_of(self) -> list[int]:
        """The employer of each employee."""
        return [place for place, count in enumerate(self.employees_of) for _ in range(count)]

    @cached_property
    def employers(self) -> list[str]:
        return [_id(self._long_ago, place, 1) for place in range(self.size.employers)]

    @cached_property
    def sites(self) -> list[list[str]]:
        """The worksites of each employer."""
        counts = [_SITES_OF_LARGEST, *[1] * (self.size.employers - 1)]
        return [
            [_id(self._long_ago, place * 100 + at, 2) for at in range(count)]
            for place, count in enumerate(counts)
        ]

    @cached_property
    def employees(self) -> list[str]:
        return [_id(self._long_ago + at, at, 3) for at in range(len(self.employer_of))]

    @property
    def _long_ago(self) -> int:
        return int((self.now - 3 * _YEAR).timestamp() * 1000)

    def center(self, employee: int, report: int) -> str:
        """One of four near the employer; any for the largest."""
        place = self.employer_of[employee]
        at = report * 7 if place == 0 else place * 5 + report % 4
        return self.centers[at % len(self.centers)].hex


def fill(owner: psycopg.Connection, network: Network) -> None:
    """Everything; `owner` owns the tables and commits by itself."""
    with bare(owner, list(_COLUMNS)):
        for (table, columns), lines in zip(_COLUMNS.items(), _LINES, strict=True):
            _copy(owner, table, columns, lines(network))
        for statement in _CURRENT:
            owner.execute(statement)
    owner.execute("VACUUM ANALYZE")


def _copy(owner: psycopg.Connection, table: str, columns: str, lines: Iterator[str]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns.split()))
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with owner.cursor().copy(into) as copy:
        for block in batched(lines, _A_BLOCK):
            copy.write("".join(block))


def _employers(network: Network) -> Iterator[str]:
    for place, pk in enumerate(network.employers):
        yield f"{pk}\tL{place}\tEmployer {place}\t\t\t\t\t\t\t\n"


def _worksites(network: Network) -> Iterator[str]:
    for employer, sites in zip(network.employers, network.sites, strict=True):
        for at, pk in enumerate(sites):
            yield f"{pk}\t{employer}\tPlant {at}\t\tDallas\tTX\t75201\t\tt\n"


def _employees(network: Network) -> Iterator[str]:
    first_day = datetime(1960, 1, 1, tzinfo=UTC)
    days = [f"{first_day + timedelta(days=at):%Y-%m-%d}" for at in range(16_000)]
    for number, (pk, place) in enumerate(zip(network.employees, network.employer_of, strict=True)):
        first, last = name(number)
        sites = network.sites[place]
        yield (
            f"{pk}\t{network.employers[place]}\t{sites[number % len(sites)]}\tE{number}\t{first}"
            f"\t{last}\t{days[number * 7919 % 16_000]}\t\t\t\t{'t' if number % 4 == 0 else 'f'}"
            f"\ten\t{'f' if number % 20 == 7 else 't'}\t{first.lower()} {last.lower()}"
            f"\t{last.lower()} {first.lower()}\n"
        )


class _Case(NamedTuple):
    """One report: its place among all, who it is of, and when it came."""

    number: int
    pk: str
    employee: str
    employer: str
    center: str
    site: str
    at: datetime

    @property
    def kind(self) -> tuple[str, str, str]:
        """Type, kind of visit and title."""
        rare = (self.number * _SCATTER >> 9) % _RARE == 7
        return _RARE_KIND if rare else _KINDS[self.number // 5 % len(_KINDS)]

    @property
    def who(self) -> str:
        return f"{self.employer}\t{self.employee}\t{self.center}"

    def key(self, table: int) -> str:
        """The id of what goes with the report in another table."""
        return f"{self.pk[:-1]}{table}"

    def day(self, later: int = 0) -> str:
        return (self.at + timedelta(days=later)).isoformat()[:10]


def _cases(network: Network) -> Iterator[_Case]:
    """In the order they came, over a year."""
    count, people = network.size.reports, len(network.employees)
    step, begin, pace = _step(count), network.now - _YEAR, _YEAR / count
    for number in range(count):
        employee = number * step % count * people // count
        yield _case(network, number, employee, begin + number * pace)


def _ordered(network: Network, *, every: int = 1) -> Iterator[_Case]:
    """Those that have an authorization: one of `every` such."""
    count, people = network.size.reports, len(network.employees)
    step, begin, pace = _step(count), network.now - _YEAR, _YEAR / count
    ordered = (
        (number, employee)
        for number in range(count)
        if (employee := number * step % count * people // count) < network.employees_of[0]
        or number % _ORDERED == 0
    )
    for number, employee in islice(ordered, 0, None, every):
        yield _case(network, number, employee, begin + number * pace)


def _case(network: Network, number: int, employee: int, at: datetime) -> _Case:
    place = network.employer_of[employee]
    sites = network.sites[place]
    return _Case(
        number,
        _id(int(at.timestamp() * 1000), number, 4),
        network.employees[employee],
        network.employers[place],
        network.center(employee, number),
        sites[employee % len(sites)],
        at,
    )


def _reports(network: Network) -> Iterator[str]:
    largest = network.employers[0]
    for case in _cases(network):
        is_ordered = case.employer == largest or case.number % _ORDERED == 0
        yield (
            f"{case.pk}\t{case.who}\t{case.key(5) if is_ordered else _NULL}"
            f"\t{'\t'.join(case.kind)}\t{case.day()}\t{case.at}\tnone\t{_DIGEST}\t50000\t1\n"
        )


def _authorizations(network: Network) -> Iterator[str]:
    recent = network.size.reports * 0.98
    for case in _ordered(network):
        states = _ENDED if case.number < recent else _OPEN
        _, kind, _ = case.kind
        yield (
            f"{case.key(5)}\t{case.employer}\tL-{case.number}\t{states[case.number // 10 % 4]}"
            f"\t{case.at}\t{case.site}\t{case.employee}\tin_center\t{case.center}\t{kind}\trandom"
            f"\t\t\t\t\t\t\t{case.day()}\t{case.day(30)}\t{case.at - timedelta(days=2)}"
            f"\t{network.creator}\t{case.key(5)}\t0\n"
        )


def _visits(network: Network) -> Iterator[str]:
    for case in _ordered(network):
        _, kind, _ = case.kind
        yield (
            f"{case.key(6)}\t{case.who}\t{case.key(5)}\t{kind}\t{case.day()}\t{case.at}\t{case.at}"
            '\t["Physical"]\n'
        )


def _work_statuses(network: Network) -> Iterator[str]:
    for place, case in enumerate(_ordered(network, every=2)):
        _, kind, _ = case.kind
        duty, days = _DUTIES[(case.number * _SCATTER >> 11) % len(_DUTIES)]
        until = case.day(days) if days else _NULL
        yield (
            f"{case.key(7)}\t{case.who}\t{case.key(6)}\t{kind}\t{duty}"
            f'\t["No lifting over 20 lb"]\t{case.day()}\t{until}\t{case.at}\t{case.at}\t{place}\n'
        )


def _certificates(network: Network) -> Iterator[str]:
    for place, case in enumerate(_ordered(network, every=4)):
        expires = case.day(_VALID_DAYS[place % len(_VALID_DAYS)])
        yield f"{case.key(8)}\t{case.who}\t{case.pk}\t{case.day()}\t{expires}\t\t[]\n"


def _step(count: int) -> int:
    """How far from one report to the next, by which one comes to every place.

    It ends in 1, so that it has no factor in common with a round number.
    """
    return int(count * _GOLDEN) // 10 * 10 + 1


def _id(millis: int, number: int, table: int) -> str:
    """As uuid7() would make it at this time, but for the noise (RFC 9562)."""
    return f"{millis:012x}7{number & 0xFFF:03x}8{number:014x}{table}"


_LINES = (
    _employers,
    _worksites,
    _employees,
    _reports,
    _authorizations,
    _visits,
    _work_statuses,
    _certificates,
)
