"""What support reads, as the operator: requests for access, and documented release requests."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from clearwork.accounts.addresses import normal_email
from clearwork.accounts.models import AccessRequest, PortalAccess, SecondFactorReset, User
from clearwork.accounts.requests import access_of
from clearwork.accounts.rules import RequestState
from clearwork.accounts.second_factor import has_second_factor
from clearwork.employers.models import Contact, Employer, ReleaseRequest
from clearwork.employers.rules import DecisionState
from clearwork.foundation.text import search_key

_SHOWN_CONTACTS = 10


@dataclass(frozen=True)
class Known:
    """What we know of the one who asks: the account, the address, their access to it, on or off."""

    employer: Employer | None
    access: PortalAccess | None
    contacts: list[Contact]
    signs_in: bool
    company_differs: bool


def access_requests(state: str = "") -> QuerySet[AccessRequest]:
    """Waiting ones first, the oldest first; then the decided, the newest first.

    One row for what was asked several times (the same address for the same account),
    with the count as `times`.
    """
    same = ("state", "email", "account_number")
    found = AccessRequest.objects.filter(**({"state": state} if state else {})).annotate(
        times=Window(Count("id"), partition_by=same),
        newest=Window(RowNumber(), partition_by=same, order_by=("-requested_at", "-id")),
        decided=_is_decided(RequestState.WAITING),
    )
    return found.filter(newest=1).order_by("decided", F("decided_at").desc(), "requested_at", "id")


def repeated(request: AccessRequest) -> list[AccessRequest]:
    """The other requests from this address, whatever account they name; the newest first."""
    others = AccessRequest.objects.filter(email=request.email).exclude(pk=request.pk)
    return list(others.order_by("-requested_at")[:_SHOWN_CONTACTS])


def employer_by_account(number: str) -> Employer | None:
    return Employer.objects.filter(account_number=number.strip()).first()


def employers_asked_for(requests: list[AccessRequest]) -> dict[str, Employer]:
    """The employers whose account numbers were typed, by number."""
    numbers = {request.account_number for request in requests}
    return {e.account_number: e for e in Employer.objects.filter(account_number__in=numbers)}


def known(request: AccessRequest) -> Known:
    employer = employer_by_account(request.account_number)
    contacts = Contact.objects.filter(email__iexact=request.email, is_active=True)
    return Known(
        employer=employer,
        access=access_of(employer, request.email) if employer else None,
        contacts=list(contacts.select_related("employer").order_by("id")[:_SHOWN_CONTACTS]),
        signs_in=User.objects.filter(email__iexact=request.email).exists(),
        company_differs=employer is not None
        and search_key(employer.legal_name) != search_key(request.company),
    )


@dataclass(frozen=True)
class SignInStanding:
    """Of one person: what they sign in with, for whom they act, and what support did before."""

    has_second_factor: bool
    accesses: list[PortalAccess]
    resets: list[SecondFactorReset]


def user_of(email: str) -> User | None:
    """Whoever signs in with this very address."""
    return User.objects.filter(email=normal_email(email)).first()


def standing_of(user: User) -> SignInStanding:
    accesses = PortalAccess.objects.filter(user=user).select_related("employer", "contact")
    resets = SecondFactorReset.objects.filter(user=user).select_related("by")
    return SignInStanding(
        has_second_factor(user), list(accesses.order_by("id")), list(resets.order_by("-at", "-id"))
    )


def releases() -> QuerySet[ReleaseRequest]:
    """Documented requests: waiting ones first, the oldest first; then the decided."""
    found = ReleaseRequest.objects.select_related("contact", "employer")
    ordered = found.annotate(decided=_is_decided(DecisionState.WAITING))
    return ordered.order_by("decided", F("decided_at").desc(), "requested_at", "id")


def _is_decided(waiting: str) -> Case:
    return Case(When(state=waiting, then=Value(0)), default=1, output_field=IntegerField())
