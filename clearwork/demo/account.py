"""Account information for each employer: addresses, contacts, who receives which report.

Made by the real actions, as the Admin User.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from clearwork.accounts.models import PortalAccess, Role
from clearwork.audit.actions import Actor
from clearwork.demo import network
from clearwork.documents.typesetting import typeset
from clearwork.employers import account_actions
from clearwork.employers.account_actions import Choice
from clearwork.employers.models import Contact, Employer, ReleaseRequest, Worksite
from clearwork.employers.rules import BEYOND_MINIMUM, ReportKind, ReportType
from clearwork.foundation import clock

_LETTER = Path(__file__).parent / "templates/release_request.typ"
_REASON = (
    "The card alone does not show the restrictions that the examiner noted,"
    " and dispatch has to plan by them."
)
_STANDARD = [kind for kind in ReportType if kind not in BEYOND_MINIMUM]
_INJURY = [kind for kind in _STANDARD if kind.kind is ReportKind.INJURY]
_NON_INJURY = [kind for kind in _STANDARD if kind.kind is ReportKind.NON_INJURY]
_HEARING = [ReportType.AUDIOGRAM, ReportType.FIT_TEST, ReportType.RESPIRATOR_CLEARANCE]
_ASKS = "Driver qualification"
# Given and family name, title, what they receive, and of how many worksites (None: of all).
_PEOPLE: tuple[tuple[str, str, str, list[ReportType], int | None], ...] = (
    ("Priya", "Raman", "Safety manager", _INJURY, None),
    ("Marcus", "Bell", "Return-to-work coordinator", _INJURY[:1], None),
    ("Elena", "Petrova", "Industrial hygienist", _HEARING, 1),
    ("Tom", "Whitfield", _ASKS, [ReportType.MEC_DOT_CARD], None),
    ("小燕", "陈", "Benefits", _NON_INJURY, 1),
    ("Joan", "Abara", "Reception", [], None),
)


def add_account_information(employer: Employer, *, support: Actor) -> None:
    """Runs as the operator. Beside the reports: one request approved by `support`, one waiting."""
    dice = random.Random(employer.account_number)  # noqa: S311 - invented places
    admin = PortalAccess.objects.select_related("contact").get(employer=employer, role=Role.ADMIN)
    by = Actor("user", admin.user_id)
    _add_addresses(dice, employer)
    contacts = [_contact(employer, *facts, by=by) for facts in _PEOPLE]
    _ask(next(c for c in contacts if c.title == _ASKS), admin.contact, by)
    approved = _ask(admin.contact, admin.contact, by)
    account_actions.decide_release(
        by=support, request=approved, approve=True, expires=clock.today() + timedelta(days=21)
    )
    _subscribe(admin.contact, list(ReportType), None, by=by)


def _add_addresses(dice: random.Random, employer: Employer) -> None:
    worksites = Worksite.objects.filter(employer=employer).order_by("name")
    places: list[Employer | Worksite] = [employer, *worksites]
    for place in places:
        named = [facts for facts in network.CITIES if facts[1] in str(place)]
        state, city, postal_code, area = dice.choice(named or network.CITIES)
        place.street = f"{dice.randint(100, 9900)} {dice.choice(network.STREETS)}"
        place.city, place.state, place.postal_code = city, state, postal_code
        place.phone = f"{area}-555-{dice.randint(100, 199):04}"
        place.save()


def _contact(
    employer: Employer,
    given: str,
    family: str,
    title: str,
    types: list[ReportType],
    sites: int | None,
    *,
    by: Actor,
) -> Contact:
    made = Contact.objects.create(
        employer=employer, first_name=given, last_name=family, title=title, phone="1-555-0160"
    )
    _subscribe(made, types, sites, by=by)
    return made


def _subscribe(contact: Contact, types: list[ReportType], sites: int | None, *, by: Actor) -> None:
    worksites = Worksite.objects.filter(employer_id=contact.employer_id).order_by("name")[:sites]
    choice = Choice([contact.pk], types, [worksite.pk for worksite in worksites])
    account_actions.subscribe(by=by, employer_id=contact.employer_id, choice=choice)


def _ask(contact: Contact, signed_by: Contact, by: Actor) -> ReleaseRequest:
    letter = {
        "company": contact.employer.legal_name,
        "account": contact.employer.account_number,
        "contact": str(contact),
        "title": contact.title,
        "reason": _REASON,
        "signed_by": str(signed_by),
    }
    return account_actions.request_release(
        by=by,
        contact=contact,
        report_type=ReportType.MER_LONG_FORM,
        reason=_REASON,
        pdf=typeset(_LETTER, letter),
    )
