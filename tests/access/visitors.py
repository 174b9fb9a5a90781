"""Everyone who might ask for a page, signed in once for many tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import TimestampSigner
from django.db import transaction
from django.test import Client

from clearwork.accounts.models import (
    AccessRequest,
    GrantedWorksite,
    PortalAccess,
    Role,
    Staff,
    User,
)
from clearwork.authorizations.models import Draft, SavedView
from clearwork.bulk.models import BatchRow
from clearwork.centers.models import ServicePackage
from clearwork.database import scope
from clearwork.employers.models import ReleaseRequest, Worksite
from clearwork.employers.rules import ReportType
from clearwork.exchange.models import HeldResult, InboundMessage
from clearwork.people.merging import facts_of
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.privacy import actions as privacy
from clearwork.privacy.models import PrivacyConcern
from tests.access.routes import Route
from tests.bulk.sheets import finished
from tests.cast import Cast, Person, assemble, person
from tests.database.stage import (
    Case,
    card_link,
    exported,
    incident,
    integrated,
    issued,
    legal_hold,
    northwinds,
    southports,
    visit,
)

# What each View Only User beside Victor was granted.
GRANTED: dict[str, dict[str, bool]] = {
    "injury": {"sees_injury": True},
    "non_injury": {"sees_non_injury": True},
    "restrictions": {"sees_injury": True, "sees_non_injury": True, "restrictions_only": True},
    "other_site": {"sees_injury": True, "sees_non_injury": True, "all_worksites": False},
}


@dataclass(frozen=True)
class Visitor:
    """Who asks, whose records they ask for, and in whose name a report is opened."""

    session: str
    case: Case
    opens_as: UUID | None

    def browser(self, **options: Any) -> Client:
        client = Client(raise_request_exception=False, **options)
        if self.session:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return client

    def path(self, route: Route, pk: UUID | None = None) -> str:
        """The address of their record, or of the one given."""
        pk = pk or record(route, self.case)
        if route.name != "results:page_image":
            return route.path(pk)
        signer = TimestampSigner(salt="clearwork.results.view")
        return f"{route.path(pk)}?view={signer.sign(f'{self.opens_as}/{pk}')}"


@dataclass(frozen=True)
class Stage:
    """The cast, a case of each maker, and everyone's open sessions."""

    cast: Cast
    alices: Case
    bobs: Case
    visitors: dict[str, Visitor]


def build() -> Stage:
    """Inside a transaction that someone undoes."""
    with scope.acting_as(scope.OPERATOR):
        cast = assemble()
    alices, victors, bobs = northwinds(cast), northwinds(cast, by=cast.victor), southports(cast)
    visitors = {
        "alice": _visitor(cast.alice.user, alices),
        "victor": _visitor(cast.victor.user, victors),
        "victor_on_alices": _visitor(cast.victor.user, alices),
        "bob": _visitor(cast.bob.user, alices),
        # Also for a medical center's own staff: they have no sign-in of their own yet, so
        # whoever of them has one is a user without access to any employer.
        "no_access": _visitor(_user("stranger@example.com"), alices),
        "turned_off": _visitor(_turned_off(cast), alices),
        "anonymous": Visitor("", alices, None),
        "expired": _expired(cast, alices),
        "preview": _preview(cast, victors),
    }
    for name in GRANTED:
        visitors[name] = _visitor(_granted(cast, name).user, alices)
    for kind in Staff:
        visitors[kind.value] = _visitor(_user(f"{kind}@network.example", staff=kind), alices)
    return Stage(cast, alices, bobs, visitors)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens here has not happened."""
    before = scope.current()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    assert scope.current() == before


def _visitor(user: User, case: Case) -> Visitor:
    return Visitor(_signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value, case, user.pk)


def _signed_in(user: User) -> Client:
    """Seen in an hour: no request needs to note when, which would be undone, and noted anew."""
    client = Client()
    with scope.acting_as(scope.ANONYMOUS):
        client.force_login(user)
        session = client.session
        session["signed_in_at"], session["last_seen"] = time.time(), time.time() + 3600
        session.save()
    return client


def _user(email: str, **facts: Any) -> User:
    with scope.acting_as(scope.OPERATOR):
        return User.objects.create(email=email, is_demo=True, **facts)


def _granted(cast: Cast, name: str) -> Person:
    """`other_site` is granted another worksite of Northwind than the cast's people work at."""
    with scope.acting_as(scope.OPERATOR):
        someone = person(cast.northwind, name.title(), Role.VIEW_ONLY)
        accesses = PortalAccess.objects.filter(user=someone.user)
        accesses.update(**GRANTED[name])
        if name == "other_site":
            depot = Worksite.objects.create(employer=cast.northwind, name="Depot", state="TX")
            GrantedWorksite.objects.create(
                employer=cast.northwind, access=accesses.get(), worksite=depot
            )
    return someone


def _turned_off(cast: Cast) -> User:
    with scope.acting_as(scope.OPERATOR):
        left = person(cast.northwind, "Left", Role.ADMIN)
        PortalAccess.objects.filter(user=left.user).update(is_active=False)
    return left.user


def _expired(cast: Cast, case: Case) -> Visitor:
    """Alice, who left her desk too long ago."""
    client = _signed_in(cast.alice.user)
    with scope.acting_as(scope.ANONYMOUS):
        session = client.session
        session["signed_in_at"] = session["last_seen"] = time.time() - settings.IDLE_SECONDS - 1
        session.save()
    return Visitor(str(session.session_key), case, cast.alice.user.pk)


def _preview(cast: Cast, case: Case) -> Visitor:
    """Alice, who looks through Victor's eyes at what is his."""
    client = _signed_in(cast.alice.user)
    with scope.acting_as(scope.OPERATOR):
        victors = PortalAccess.objects.get(user=cast.victor.user).contact_id
    assert client.post(f"/account/people/{victors}/preview/").status_code == 302
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Visitor(key, case, cast.alice.user.pk)


def record(route: Route, case: Case) -> UUID:
    """The id this route asks for: the report's, its maker's contact's, or the authorization's."""
    for start, made in _MADE_FOR.items():
        if route.name.startswith(start):
            return UUID(str(made(case)))
    return UUID(str(case.authorization.pk))


def contact_of(case: Case) -> UUID:
    """The contact of whoever made the authorization."""
    with scope.acting_as(scope.OPERATOR):
        access = PortalAccess.objects.get(user=case.authorization.created_by_id)
    return UUID(str(access.contact_id))


def release(case: Case) -> UUID:
    """A documented request of the employer, for the authorization's maker."""
    contact = contact_of(case)
    with scope.acting_as(scope.OPERATOR):
        made, _ = ReleaseRequest.objects.get_or_create(
            employer_id=case.authorization.employer_id,
            contact_id=contact,
            report_type=ReportType.MER_LONG_FORM,
            defaults={
                "document": case.report.document,
                "requested_by_id": case.authorization.created_by_id,
            },
        )
    return made.pk


def package(case: Case) -> UUID:
    """A package of services of the authorization's employer."""
    with scope.acting_as(scope.OPERATOR):
        made, _ = ServicePackage.objects.get_or_create(
            employer_id=case.authorization.employer_id, name="New driver"
        )
    return made.pk


def saved_view(case: Case, page: str = "authorizations") -> UUID:
    """Filters the authorization's maker keeps by a name."""
    with scope.acting_as(scope.OPERATOR):
        made, _ = SavedView.objects.get_or_create(
            employer_id=case.authorization.employer_id,
            user_id=case.authorization.created_by_id,
            page=page,
            name="Mine",
        )
    return made.pk


def service(case: Case) -> UUID:
    """What the authorization is for."""
    with scope.acting_as(scope.OPERATOR):
        return UUID(str(case.authorization.services.values_list("pk", flat=True)[0]))


def draft(case: Case) -> UUID:
    """A form the authorization's maker has begun."""
    maker = case.authorization.created_by_id
    with scope.acting_as(scope.OPERATOR):
        made, _ = Draft.objects.get_or_create(
            employer_id=case.authorization.employer_id,
            user_id=maker,
            submission=case.authorization.pk,
            defaults={"typed": {"center_note": ["Yard, by Bob Example"]}},
        )
    return made.pk


def row_of_list(case: Case) -> BatchRow:
    """A row of a list of the authorization's maker."""
    with scope.acting_as(scope.OPERATOR):
        return finished(case.authorization)


def download(case: Case) -> UUID:
    """A file of the report, of the authorization's maker."""
    with scope.acting_as(scope.OPERATOR):
        return exported(case).pk


def access_request(_: Case) -> UUID:
    with scope.acting_as(scope.ANONYMOUS):
        asked = AccessRequest(
            account_number="200100",
            first_name="Nina",
            last_name="New",
            company="Northwind Freight",
            email="n@northwind.example",
            role="admin",
        )
        asked.save(force_insert=True)
    return UUID(str(asked.pk))


def held_result(case: Case) -> UUID:
    """The report's document as a result that no one could file."""
    report = case.report
    with scope.acting_as(scope.OPERATOR):
        inbound, _ = InboundMessage.objects.get_or_create(
            center_id=report.center_id, control_id=f"held/{report.pk}", message_type="ORU^R01"
        )
        copied = ("center_id", "title", "visit_date", "document", "sha256", "size", "pages")
        return HeldResult.objects.create(
            inbound=inbound,
            why="The center named no authorization.",
            family="Garcia",
            given="Maria",
            report_type="AUDIOGRAM",
            **{name: getattr(report, name) for name in copied},
        ).pk


def concern(_: Case) -> UUID:
    made = PrivacyConcern(name="Nobody known", words="A fax lay open.")
    with scope.acting_as(scope.ANONYMOUS):
        privacy.report_concern(made)
    return made.pk


def merged(case: Case) -> UUID:
    """Another record of the employee, made one with theirs."""
    made = case.authorization
    with scope.acting_as(scope.OPERATOR):
        employee = Employee.objects.get(pk=made.employee_id)
        gone = {**facts_of(employee), "id": uuid4(), "employee_number": ""}
        merge = EmployeeMerge.objects.create(
            employer_id=made.employer_id,
            kept=employee,
            gone=gone,
            moved={},
            merged_by_id=made.created_by_id,
        )
    return merge.pk


# By the route's name or how it begins: the first that fits.
_MADE_FOR: dict[str, Callable[[Case], object]] = {
    "authorizations:change_view": saved_view,
    "authorizations:delete_view": saved_view,
    "bulk:row": lambda case: row_of_list(case).pk,
    "bulk:leave_out": lambda case: row_of_list(case).pk,
    "bulk:": lambda case: row_of_list(case).batch_id,
    "integrations:": lambda case: integrated(case).pk,
    "company:release_new": contact_of,
    "exports:of_list": lambda case: row_of_list(case).batch_id,
    "exports:": download,
    "company:release": release,
    "company:worksite": lambda case: case.authorization.worksite_id,
    "passes:resend": lambda case: issued(case).pk,
    "passes:revoke": lambda case: issued(case).pk,
    "roster:part": merged,
    "roster:": lambda case: case.authorization.employee_id,
    "centers:": package,
    "visits:card": lambda case: case.authorization.employee_id,
    "visits:give_link": lambda case: case.authorization.employee_id,
    "visits:revoke_link": card_link,
    "visits:": lambda case: visit(case).pk,
    "visit_results:of_report": lambda case: case.report.pk,
    "visit_results:": lambda case: visit(case).pk,
    "help:report": lambda case: case.report.pk,
    "support:held_result": held_result,
    "support:hold_lift": legal_hold,
    "support:incident": incident,
    "support:concern": concern,
    "support:user": lambda case: case.authorization.created_by_id,
    "support:service": service,
    "support:release": release,
    "support:": access_request,
    "access:": contact_of,
    "company:": contact_of,
    "results:change_view": lambda case: saved_view(case, "results"),
    "results:delete_view": lambda case: saved_view(case, "results"),
    "results:of_authorization": lambda case: case.authorization.pk,
    "results:": lambda case: case.report.pk,
}


def comparable(answer: Any, *ids: UUID) -> tuple[int, dict[str, str], bytes]:
    """What a visitor can tell two answers apart by; tokens and the ids asked for are masked."""
    content = re.sub(rb"(X-CSRFToken\W+|csrfmiddlewaretoken\W+value=\W)\w+", rb"\1", answer.content)
    content = re.sub(rb'(name="submission" value=|data-left=)"[^"]+"', rb"\1", content)
    headers = {k: v for k, v in answer.headers.items() if k not in ("Date", "Expires")}
    for pk in ids:
        content = content.replace(str(pk).encode(), b"the id")
        headers = {name: value.replace(str(pk), "the id") for name, value in headers.items()}
    return answer.status_code, headers, content
