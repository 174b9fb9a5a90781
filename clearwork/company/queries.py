"""What the account information pages read. The first argument is the viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from clearwork.access.decide import Viewer
from clearwork.accounts.models import PortalAccess, Role
from clearwork.company import rules
from clearwork.company.rules import Cell, Sites
from clearwork.employers import queries as employers
from clearwork.employers.models import (
    Contact,
    Employer,
    ReleaseRequest,
    ReportSubscription,
    Worksite,
)
from clearwork.employers.plans import Plan, Triple
from clearwork.employers.rules import ReleaseStanding, ReportType, standing
from clearwork.foundation import clock
from clearwork.privacy.models import PrivacyIncident
from clearwork.privacy.rules import Kind

CONTACTS_A_PAGE = 60
NAMES_SHOWN = 8
REPORTED = (Kind.RECEIVED_IN_ERROR, Kind.CONCERN)


def own_employer(viewer: Viewer) -> Employer:
    return Employer.objects.get(pk=viewer.employer_id)


def privacy_reports(viewer: Viewer) -> QuerySet[PrivacyIncident]:
    """What this employer's people reported, without the words."""
    own = PrivacyIncident.objects.filter(employer_id=viewer.employer_id, kind__in=REPORTED)
    return own.defer("words", "reason")


def names_of(viewer: Viewer, users: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Of those who have or had access to this employer."""
    own = PortalAccess.objects.filter(employer_id=viewer.employer_id, user__in=users)
    return {access.user_id: str(access.user) for access in own.select_related("user")}


def worksites_of(viewer: Viewer) -> QuerySet[Worksite]:
    """Open and closed."""
    return employers.all_worksites(viewer.employer_id)


def contacts_of(viewer: Viewer) -> QuerySet[Contact]:
    return employers.contacts(viewer.employer_id)


def releases_of(viewer: Viewer) -> QuerySet[ReleaseRequest]:
    found = ReleaseRequest.objects.filter(employer_id=viewer.employer_id)
    return found.select_related("contact")


def own_access(viewer: Viewer) -> PortalAccess:
    access = PortalAccess.objects.select_related("user")
    return access.get(employer_id=viewer.employer_id, user_id=viewer.user_id)


@dataclass(frozen=True)
class Users:
    """Portal users of one role: how many, and the first of them."""

    role: str
    label: str
    number: int
    first: list[Contact]

    @property
    def more(self) -> int:
        return self.number - len(self.first)


def users_by_role(viewer: Viewer) -> list[Users]:
    return [_users(viewer, role) for role in Role]


def _users(viewer: Viewer, role: Role) -> Users:
    having = contacts_of(viewer).filter(access__role=role, access__is_active=True)
    return Users(role.value, str(role.label), having.count(), list(having[:NAMES_SHOWN]))


@dataclass(frozen=True)
class Row:
    contact: Contact
    cells: list[Cell]

    @property
    def received(self) -> int:
        return sum(cell.receives for cell in self.cells)


def rows(
    viewer: Viewer,
    contacts: Sequence[Contact],
    types: Sequence[ReportType],
    worksite: Worksite | None = None,
) -> list[Row]:
    """The matrix for these contacts and types: of all worksites, or of one. Three queries."""
    is_open = dict(worksites_of(viewer).values_list("pk", "is_active"))
    closed = [pk for pk, opened in is_open.items() if not opened]
    sites = _sites(viewer, contacts, types, [worksite.pk] if worksite else None, closed)
    standings = latest_standings(viewer, contacts)

    def shown(contact: Contact, kind: ReportType) -> Cell:
        every, gone = sites[contact.pk, kind]
        released = standings.get((contact.pk, kind))
        if worksite is not None:
            return rules.of_one_site(kind, yes=bool(every), standing=released)
        number = Sites(len(is_open) - len(closed), every - gone, gone)
        return rules.cell(kind, number, released)

    return [Row(contact, [shown(contact, kind) for kind in types]) for contact in contacts]


def _sites(
    viewer: Viewer,
    contacts: Sequence[Contact],
    types: Sequence[ReportType],
    worksites: list[UUID] | None,
    closed: list[UUID],
) -> dict[tuple[UUID, str], tuple[int, int]]:
    """(all, closed) worksites of each contact and type, counted by the database.

    The closed ones are named rather than joined: that is twice as fast at 48,000 rows.
    """
    subscribed = ReportSubscription.objects.filter(
        employer_id=viewer.employer_id, contact__in=contacts, report_type__in=types
    )
    if worksites is not None:
        subscribed = subscribed.filter(worksite__in=worksites)
    counts = subscribed.values_list("contact_id", "report_type").annotate(
        every=Count("id"), gone=Count("id", filter=Q(worksite__in=closed))
    )
    found: dict[tuple[UUID, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    found |= {(contact, kind): (every, gone) for contact, kind, every, gone in counts}
    return found


def latest_standings(
    viewer: Viewer, contacts: Iterable[Contact]
) -> dict[tuple[UUID, str], ReleaseStanding]:
    """How the last documented request of each contact and type stands today."""
    requests = ReleaseRequest.objects.filter(
        employer_id=viewer.employer_id, contact__in=list(contacts)
    ).order_by("requested_at", "id")
    return {(request.contact_id, request.report_type): standing_of(request) for request in requests}


def standing_of(request: ReleaseRequest) -> ReleaseStanding:
    return standing(request.state, request.expires, clock.today())


def latest_release(viewer: Viewer, contact: Contact, report_type: str) -> ReleaseRequest | None:
    asked = releases_of(viewer).filter(contact=contact, report_type=report_type)
    return asked.order_by("-requested_at", "-id").first()


def worksites_to_choose(viewer: Viewer, subscribed: Iterable[UUID]) -> QuerySet[Worksite]:
    """The open ones, and those closed that someone still receives reports of."""
    return worksites_of(viewer).filter(Q(is_active=True) | Q(pk__in=list(subscribed)))


def with_roles(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Contacts with the portal access they have, for naming their role."""
    active = PortalAccess.objects.filter(is_active=True)
    return contacts.prefetch_related(Prefetch("access", active))


def who_receives(viewer: Viewer, report_type: str, worksite: Worksite) -> list[Contact]:
    found = employers.recipients(viewer.employer_id, report_type, worksite.pk)
    return list(with_roles(found))


def who_would_receive(viewer: Viewer, report_type: str, worksite: Worksite) -> list[Contact]:
    """Chosen, but without an approval in force."""
    chosen = ReportSubscription.objects.filter(report_type=report_type, worksite=worksite)
    in_force = employers.recipients(viewer.employer_id, report_type, worksite.pk)
    listed = contacts_of(viewer).filter(pk__in=chosen.values("contact_id"))
    return list(listed.exclude(pk__in=in_force.values("pk")))


def number_receiving(viewer: Viewer, worksite: Worksite | None = None) -> int:
    """How many contacts receive any report, of this worksite or of any."""
    found = employers.subscriptions_in_force(viewer.employer_id)
    if worksite is not None:
        found = found.filter(worksite=worksite)
    return contacts_of(viewer).filter(pk__in=found.values("contact_id")).count()


@dataclass(frozen=True)
class Line:
    """What a plan does for one contact, in words."""

    contact: Contact
    adds: list[str]
    removes: list[str]
    left_out: list[str]


def lines(viewer: Viewer, plan: Plan) -> list[Line]:
    concerned = plan.contacts | {contact for contact, _ in plan.left_out}
    adds, removes = _by_contact(plan.adds), _by_contact(plan.removes)
    left_out = {(contact, kind): ReportType(kind).label for contact, kind in plan.left_out}
    return [
        Line(
            contact,
            adds.get(contact.pk, []),
            removes.get(contact.pk, []),
            sorted(label for (pk, _), label in left_out.items() if pk == contact.pk),
        )
        for contact in contacts_of(viewer).filter(pk__in=concerned)
    ]


def _by_contact(triples: Iterable[Triple]) -> dict[UUID, list[str]]:
    """Such as "Audiogram (4 worksites)", for each contact."""
    counts: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for contact, kind, _ in triples:
        counts[contact][kind] += 1
    return {
        contact: [
            f"{kind.label} ({rules.counted(kinds[kind], 'worksite')})"
            for kind in ReportType
            if kind in kinds
        ]
        for contact, kinds in counts.items()
    }
