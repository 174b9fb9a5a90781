"""Rows that become authorizations: checking them all at once, and making them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from clearwork.access.decide import Viewer
from clearwork.access.permissions import Permission
from clearwork.authorizations.actions import Order, send_passes
from clearwork.authorizations.many import authorize_many
from clearwork.authorizations.rules import WAITING, in_words
from clearwork.bulk import terms
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.people import Listed, Person, Reader, Sites, key_of, key_of_new, settle
from clearwork.bulk.rules import WITH_PASSES, RowState
from clearwork.bulk.terms import Terms
from clearwork.database import fast
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people.many import Known, add_employees, known
from clearwork.people.models import Employee
from clearwork.people.queries import worksites

_TWINS = """
    SELECT key, min(line) FROM bulk_batchrow
    WHERE employer_id = %s AND batch_id = %s AND key = ANY (%s) AND state <> 'left_out'
        AND id <> ALL (%s)
    GROUP BY key
"""
_OPEN = """
    SELECT DISTINCT ON (a.employee_id) a.employee_id, a.number, a.expires
    FROM authorizations_authorization a
    JOIN authorizations_authorizedservice s
        ON s.employer_id = a.employer_id AND s.authorization_id = a.id
    WHERE a.employer_id = %s AND a.employee_id = ANY (%s) AND a.state = ANY (%s)
        AND a.expires >= %s AND s.service_id = ANY (%s)
        AND (%s OR a.created_by_id = %s)
    ORDER BY a.employee_id, a.created_at DESC
"""


@dataclass
class Verdict:
    """What a row means. `known` is None for someone new; `site` None where none is possible."""

    row: BatchRow
    person: Person
    known: Known | None
    site: UUID | None


def check(batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer) -> list[Verdict]:
    """Decide each row's state, with its problems: some ten statements, however many rows."""
    wanted = terms.from_json(batch.order)
    reader = reader_of(batch, rows)
    people = [reader.read(row.cells, row.fixes) for row in rows]
    verdicts = match(rows, people, viewer, wanted.worksite)
    for verdict in verdicts:
        _check_donor(verdict, wanted)
    _find_twins(batch, verdicts)
    _find_open(verdicts, wanted, viewer)
    for verdict in verdicts:
        conclude(verdict)
    return verdicts


def reader_of(batch: AuthorizationBatch, rows: Sequence[BatchRow]) -> Reader:
    order = batch.order.get("dates", "")
    reader = Reader.of(batch.columns, order, (row.cells for row in rows), clock.today())
    batch.order["dates"] = reader.order.value
    return reader


def match(
    rows: Sequence[BatchRow], people: Sequence[Person], viewer: Viewer, default: UUID | None
) -> list[Verdict]:
    """Who each row's person is on the list, and which worksite they belong to."""
    numbers = {person.number for person in people if person.number}
    names = {(key, person.born) for person in people if person.born for key in person.keys}
    listed = Listed.of(known(viewer.employer_id, numbers, names), viewer.grants.worksites)
    sites = Sites(dict(worksites(viewer).values_list("id", "name")), default)
    verdicts = []
    for row, person in zip(rows, people, strict=True):
        found = listed.match(person, row.answer)
        if found and not found.is_active and listed.shows(found):
            person.wrong("employee_number", "This employee left. Bring them back on their page.")
        verdicts.append(Verdict(row, person, found, sites.choose(person, found)))
    return verdicts


def conclude(verdict: Verdict) -> None:
    """Write into the row what was found; one that was left out stays so."""
    row, person = verdict.row, verdict.person
    problems = settle(person, accepted=row.accepted)
    row.problems = [list(problem) for problem in problems]
    row.notes = person.notes
    row.employee_id = verdict.known.id if verdict.known else None
    if row.state != RowState.LEFT_OUT:
        row.state = RowState.WRONG.value if problems else RowState.GOOD.value


def _check_donor(verdict: Verdict, wanted: Terms) -> None:
    number = verdict.person.number or (verdict.known.employee_number if verdict.known else "")
    if problem := wanted.donor_problem(number):
        verdict.person.wrong("employee_number", problem)


def _find_twins(batch: AuthorizationBatch, verdicts: Sequence[Verdict]) -> None:
    """The same person twice in one batch: the later row is doubtful."""
    tell_apart(verdicts)
    first = _elsewhere(batch, verdicts)
    for verdict in verdicts:
        row = verdict.row
        if not row.key or row.state == RowState.LEFT_OUT:
            continue
        line = first.setdefault(row.key, row.line)
        if line < row.line:
            verdict.person.wrong("duplicate", f"The same person as in row {line}.")
        first[row.key] = min(line, row.line)


def tell_apart(verdicts: Sequence[Verdict]) -> None:
    """Give each row the key of its person. Two people cannot have one number."""
    for verdict in verdicts:
        verdict.row.key = key_of(verdict.person, verdict.known)
    used = [verdict for verdict in verdicts if verdict.row.state != RowState.LEFT_OUT]
    _find_shared_numbers(used)
    _join_unnumbered([verdict for verdict in used if verdict.known is None])


def _find_shared_numbers(verdicts: Sequence[Verdict]) -> None:
    first: dict[str, BatchRow] = {}
    for row, person in ((verdict.row, verdict.person) for verdict in verdicts):
        if not person.number or row.key.endswith("|"):  # nobody is named
            continue
        before = first.setdefault(person.number, row)
        if before.key != row.key:
            text = f"Row {before.line} gives this number to someone else."
            person.wrong("employee_number", text)


def _join_unnumbered(verdicts: Sequence[Verdict]) -> None:
    """Someone new who has a number in one row and none in another is one person."""
    numbered: dict[str, set[str]] = defaultdict(set)
    for verdict in verdicts:
        if verdict.person.number:
            numbered[key_of_new(verdict.person, "")].add(verdict.row.key)
    for verdict in verdicts:
        found = numbered.get(verdict.row.key, ())
        if verdict.row.key and len(found) == 1:
            (verdict.row.key,) = found


def _elsewhere(batch: AuthorizationBatch, verdicts: Sequence[Verdict]) -> dict[str, int]:
    """The first line of each person among the batch's rows that are not being checked."""
    ids, keys = [v.row.pk for v in verdicts], [v.row.key for v in verdicts if v.row.key]
    return dict(fast.execute(_TWINS, [batch.employer_id, batch.pk, keys, ids]))


def _find_open(verdicts: Sequence[Verdict], wanted: Terms, viewer: Viewer) -> None:
    """Who has an authorization for one of these services already, as far as the viewer sees."""
    people = [verdict.known.id for verdict in verdicts if verdict.known]
    services = [service.pk for service in wanted.services]
    states = [state.value for state in WAITING]
    asked = [viewer.employer_id, people, states, clock.today(), services]
    whose = [viewer.may(Permission.AUTHORIZATION_READ_ALL), viewer.user_id]
    found = {person: rest for person, *rest in fast.execute(_OPEN, [*asked, *whose])}
    for verdict in verdicts:
        if verdict.known and verdict.known.id in found:
            number, expires = found[verdict.known.id]
            text = f"Has {number} for the same service already, valid until {in_words(expires)}."
            verdict.person.wrong("open", text)


def perform(batch: AuthorizationBatch, rows: Sequence[BatchRow], viewer: Viewer) -> str:
    """Make the authorizations of these rows, which are locked; skip what no longer fits.

    Returns why none of them can be made, "" where they were.
    """
    wanted = terms.from_json(batch.order)
    if found := [text for _, text in wanted.problems(clock.today())]:
        return found[0]
    verdicts = check(batch, rows, viewer)
    good = [verdict for verdict in verdicts if verdict.row.state == RowState.GOOD]
    employees = _employees(good, viewer)
    sites = {site: Worksite(pk=site, employer_id=viewer.employer_id) for site in _sites(good)}
    orders = [_order(v, wanted, employees[v.row.pk], sites) for v in good]
    ids = authorize_many(orders, by=viewer)
    for verdict, made in zip(good, ids, strict=True):
        verdict.row.employee_id, verdict.row.made_id = employees[verdict.row.pk].pk, made
        verdict.row.state = RowState.MADE.value
    if batch.order.get(WITH_PASSES):
        send_passes(ids, by=viewer)
    for verdict in verdicts:
        if verdict.row.state == RowState.WRONG:
            verdict.row.state = RowState.SKIPPED.value
    return ""


def _sites(verdicts: Sequence[Verdict]) -> set[UUID]:
    return {verdict.site for verdict in verdicts if verdict.site}


def _employees(verdicts: Sequence[Verdict], viewer: Viewer) -> dict[UUID, Employee]:
    """Each row's employee; the new ones are added, once each."""
    added: dict[str, Employee] = {}
    found: dict[UUID, Employee] = {}
    for verdict in verdicts:
        if verdict.known:
            found[verdict.row.pk] = Employee(pk=verdict.known.id, employer_id=viewer.employer_id)
        else:
            key = verdict.row.key if verdict.row.answer != "new" else str(verdict.row.pk)
            added.setdefault(key, new_employee(verdict, viewer))
            found[verdict.row.pk] = added[key]
    add_employees(list(added.values()), by=viewer)
    return found


def new_employee(verdict: Verdict, viewer: Viewer) -> Employee:
    person = verdict.person
    if verdict.site is None or person.born is None:
        raise ValueError("A row in order has a worksite and a date of birth.")
    return Employee(
        employer_id=viewer.employer_id,
        worksite_id=verdict.site,
        first_name=person.text("first_name"),
        last_name=person.text("last_name"),
        date_of_birth=person.born,
        employee_number=person.number,
        name_key=person.keys[0],
        name_key_reversed=person.keys[1],
        phone=person.text("phone"),
        email=person.text("email"),
        job_title=person.text("job_title"),
    )


def _order(
    verdict: Verdict, wanted: Terms, employee: Employee, sites: Mapping[UUID, Worksite]
) -> Order:
    """The row's id is the submission's: whatever happens, one row makes one authorization."""
    person = verdict.person
    if verdict.site is None:
        raise ValueError("A row in order has a worksite.")
    number = person.number or (verdict.known.employee_number if verdict.known else "")
    return Order(
        employee=employee,
        worksite=sites[verdict.site],
        modality=wanted.modality,
        center=wanted.center,
        kind=wanted.kind,
        reason=wanted.reason,
        services=wanted.services,
        valid_from=wanted.valid_from,
        expires=wanted.expires,
        billing_note=person.text("billing_note") or wanted.billing_note,
        center_note=person.text("center_note") or wanted.center_note,
        submission=verdict.row.pk,
        dot=replace(wanted.dot, donor_id=number) if wanted.dot else None,
    )
