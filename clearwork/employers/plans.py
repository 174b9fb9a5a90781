"""What a change of subscriptions would do, before and when it is done.

A preview shows a plan; saving makes the plan again under the employer's lock and
refuses where it differs from the one shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from uuid import UUID

from clearwork.employers.models import ReportSubscription
from clearwork.employers.queries import released
from clearwork.employers.rules import BEYOND_MINIMUM, fingerprint

# contact, report type, worksite
Triple = tuple[UUID, str, UUID]


@dataclass(frozen=True)
class Plan:
    """`removes` maps to the rows' ids. `left_out`: (contact, type) without an approved request;
    `already`: asked for, and so already."""

    adds: frozenset[Triple] = frozenset()
    removes: Mapping[Triple, UUID] = field(default_factory=dict)
    left_out: frozenset[tuple[UUID, str]] = frozenset()
    already: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.adds and not self.removes

    @property
    def contacts(self) -> set[UUID]:
        return {contact for contact, _, _ in (*self.adds, *self.removes)}

    @property
    def fingerprint(self) -> str:
        return fingerprint([*sorted(map(str, self.adds)), "-", *sorted(map(str, self.removes))])


def adding(
    employer_id: UUID,
    contacts: Collection[UUID],
    types: Collection[str],
    worksites: Collection[UUID],
) -> Plan:
    pairs = _unreleased(employer_id, product(contacts, types))
    wanted = {row for row in product(contacts, types, worksites) if row[:2] not in pairs}
    there = wanted & _existing(employer_id, contacts, types, worksites).keys()
    return Plan(frozenset(wanted - there), {}, pairs, len(there))


def removing(
    employer_id: UUID,
    contacts: Collection[UUID],
    types: Collection[str],
    worksites: Collection[UUID],
) -> Plan:
    there = _existing(employer_id, contacts, types, worksites)
    asked = len(contacts) * len(types) * len(worksites)
    return Plan(removes=there, already=asked - len(there))


def exactly(
    employer_id: UUID, contact: UUID, report_type: str, worksites: Collection[UUID]
) -> Plan:
    """One contact receives one type of exactly these worksites."""
    there = _existing(employer_id, [contact], [report_type])
    wanted = {(contact, report_type, worksite) for worksite in worksites}
    pairs = _unreleased(employer_id, [(contact, report_type)])
    adds = frozenset() if pairs else frozenset(wanted - there.keys())
    removes = {row: pk for row, pk in there.items() if row not in wanted}
    return Plan(adds, removes, pairs if wanted - there.keys() else frozenset())


def copying(employer_id: UUID, source: UUID, target: UUID, *, replace: bool) -> Plan:
    """`target` receives what `source` does at open worksites; only that, with `replace`."""
    models = _existing(employer_id, [source], open_only=True)
    there = _existing(employer_id, [target])
    wanted = {(target, report_type, worksite) for _, report_type, worksite in models}
    pairs = _unreleased(employer_id, {row[:2] for row in wanted - there.keys()})
    adds = frozenset(row for row in wanted - there.keys() if row[:2] not in pairs)
    removes = {row: pk for row, pk in there.items() if row not in wanted} if replace else {}
    return Plan(adds, removes, pairs, len(wanted & there.keys()))


def like_worksite(employer_id: UUID, source: UUID, target: UUID) -> Plan:
    """Whoever receives reports of `source` receives the same of `target`."""
    there = _existing(employer_id, worksites=[source])
    pairs = _unreleased(employer_id, {row[:2] for row in there})
    adds = frozenset((row[0], row[1], target) for row in there if row[:2] not in pairs)
    return Plan(adds=adds, left_out=pairs)


def _existing(
    employer_id: UUID,
    contacts: Collection[UUID] | None = None,
    types: Collection[str] | None = None,
    worksites: Collection[UUID] | None = None,
    *,
    open_only: bool = False,
) -> dict[Triple, UUID]:
    rows = ReportSubscription.objects.filter(employer_id=employer_id)
    asked = {"contact__in": contacts, "report_type__in": types, "worksite__in": worksites}
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    if open_only:
        rows = rows.filter(worksite__is_active=True)
    found = rows.values_list("contact_id", "report_type", "worksite_id", "id")
    return {(contact, kind, worksite): pk for contact, kind, worksite, pk in found}


def _unreleased(
    employer_id: UUID, pairs: Iterable[tuple[UUID, str]]
) -> frozenset[tuple[UUID, str]]:
    beyond = {pair for pair in pairs if pair[1] in BEYOND_MINIMUM}
    return frozenset(beyond - released(employer_id)) if beyond else frozenset()
