"""One authorization with its delivery and report, for either employer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from clearwork.access.load import viewer_of
from clearwork.accounts.models import GrantedWorksite, Invitation, PortalAccess, Role
from clearwork.api.models import ApiToken, KeptAnswer, Requests
from clearwork.audit.actions import SYSTEM, Actor
from clearwork.authorizations import document
from clearwork.authorizations.actions import authorize
from clearwork.authorizations.models import (
    Authorization,
    Delivery,
    DotTestOrder,
    Draft,
    SavedView,
)
from clearwork.centers.models import (
    EmployerDefaults,
    FavouriteCenter,
    PackagedService,
    ServicePackage,
    WorksiteDefaults,
)
from clearwork.database import scope
from clearwork.documents.storage import read_document, save_document
from clearwork.employers.models import ReleaseRequest, ReportSubscription
from clearwork.employers.rules import ReportKind, ReportType
from clearwork.exports.models import Export, ExportPart
from clearwork.exports.rules import LIVES, ExportState, Form, What
from clearwork.foundation import clock
from clearwork.passes.actions import Addressee, send
from clearwork.passes.models import Pass
from clearwork.passes.rules import Channel
from clearwork.people.models import EmployeeMerge
from clearwork.privacy import actions as privacy
from clearwork.privacy.rules import HoldOf, Kind
from clearwork.results.models import DotCertificate, Report
from clearwork.visits.models import SupervisorLink, Visit, WorkStatus
from clearwork.visits.rules import Duty
from tests.bulk.sheets import finished
from tests.cast import Cast, Person


@dataclass(frozen=True)
class Case:
    authorization: Authorization
    delivery: Delivery
    report: Report


def northwinds(cast: Cast, *, by: Person | None = None) -> Case:
    """Maria's DOT physical in Dallas, and its report."""
    person = by or cast.alice
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return _with_report(authorize(cast.order(), by=person.viewer))


def southports(cast: Cast) -> Case:
    """The other Maria's, authorized by Bob."""
    order = cast.order(employee=cast.other_maria, worksite=cast.yard)
    with scope.acting_as(scope.employer(cast.southport.pk)):
        return _with_report(authorize(order, by=cast.bob.viewer))


def account(case: Case) -> None:
    """A row of each account table, of the contact who made the authorization."""
    made = case.authorization
    issued(case)
    integrated(case)
    preferences(case)
    seen(case)
    with scope.acting_as(scope.employer(made.employer_id)):
        exported(case)
    with scope.acting_as(scope.employer(made.employer_id)):
        access = PortalAccess.objects.get(user=made.created_by_id)
        own: dict[str, Any] = {"employer_id": made.employer_id, "contact_id": access.contact_id}
        kind: dict[str, Any] = {"report_type": ReportType.AUDIOGRAM}
        GrantedWorksite.objects.create(
            employer_id=made.employer_id, access=access, worksite_id=made.worksite_id
        )
        written(made)
        finished(made)
        ReportSubscription.objects.create(**own, **kind, worksite_id=made.worksite_id)
        ReleaseRequest.objects.create(**own, **kind, requested_by_id=access.user_id)
        EmployeeMerge.objects.create(
            employer_id=made.employer_id,
            kept_id=made.employee_id,
            gone={},
            moved={},
            merged_by_id=access.user_id,
        )
        Invitation.objects.create(
            **own,
            email="someone@example.com",
            role=Role.VIEW_ONLY,
            token_hash=access.pk.bytes,
            expires_at=clock.now(),
        )


def preferences(case: Case) -> None:
    """A row of each table of what an employer prefers of the catalogue."""
    made = case.authorization
    own: dict[str, Any] = {"employer_id": made.employer_id}
    with scope.acting_as(scope.employer(made.employer_id)):
        package = ServicePackage.objects.create(**own, name="Yearly")
        for service in made.services.all():
            PackagedService.objects.create(**own, package=package, service=service)
        place: dict[str, Any] = {**own, "center_id": made.center_id}
        FavouriteCenter.objects.create(**place, user_id=made.created_by_id)
        EmployerDefaults.objects.create(**place, billing_note="Bill as usual")
        WorksiteDefaults.objects.create(**place, worksite_id=made.worksite_id)


def integrated(case: Case) -> ApiToken:
    """An integration's token, that was used once to make something."""
    made = case.authorization
    own: dict[str, Any] = {"employer_id": made.employer_id}
    with scope.acting_as(scope.employer(made.employer_id)):
        token = ApiToken.objects.create(
            **own,
            name="Payroll",
            scopes=["results:read"],
            secret_hash=bytes(32),
            created_by_id=made.created_by_id,
            answers_for_id=made.created_by_id,
            expires=clock.today(),
        )
        Requests.objects.create(**own, token=token, minute=clock.now(), part=1, count=1)
        KeptAnswer.objects.create(**own, token=token, key="1", digest=bytes(32))
    return token


def seen(case: Case) -> None:
    """A row of each table of what came of the visit."""
    card_link(case)
    card(case)
    incident(case)
    legal_hold(case)
    of_visit = visit(case)
    whose: dict[str, Any] = {"employer_id": of_visit.employer_id, "visit": of_visit}
    with scope.acting_as(scope.OPERATOR):
        WorkStatus.objects.create(
            **whose,
            employee_id=of_visit.employee_id,
            center_id=of_visit.center_id,
            kind=of_visit.kind,
            duty=Duty.FULL,
            starts=clock.today(),
            issued_at=clock.now(),
            fingerprint="1",
        )


def visit(case: Case) -> Visit:
    """The visit that the case's report speaks of; it gave no work status."""
    report = case.report
    shared = ("employer_id", "employee_id", "center_id", "kind", "authorization_id")
    key: dict[str, Any] = {name: getattr(report, name) for name in shared}
    arrived = {"arrived_at": report.posted_at}
    with scope.acting_as(scope.OPERATOR):
        made, _ = Visit.objects.get_or_create(**key, visited_on=report.visit_date, defaults=arrived)
    return made


def card_link(case: Case) -> UUID:
    """A supervisor's link to the employee's card."""
    made = case.authorization
    own: dict[str, Any] = {"employer_id": made.employer_id, "employee_id": made.employee_id}
    with scope.acting_as(scope.OPERATOR):
        found, _ = SupervisorLink.objects.get_or_create(
            **own,
            made_by_id=made.created_by_id,
            defaults={
                "token_hash": made.pk.bytes,
                "expires_at": clock.now() + timedelta(days=1),
            },
        )
    return found.pk


def card(case: Case) -> UUID:
    """The certificate that the case's report, a MEC DOT card, gives its driver."""
    report, today = case.report, clock.today()
    with scope.acting_as(scope.OPERATOR):
        made, _ = DotCertificate.objects.get_or_create(
            employer_id=report.employer_id,
            report=report,
            employee_id=report.employee_id,
            center_id=report.center_id,
            certified_from=today,
            expires=today + timedelta(days=365),
        )
    return made.pk


def incident(case: Case) -> UUID:
    """The report, received in error by the authorization's maker."""
    employer_id = case.report.employer_id
    by = Actor("user", case.authorization.created_by_id)
    with scope.acting_as(scope.employer(employer_id)):
        made = privacy.report_incident(
            Kind.RECEIVED_IN_ERROR,
            by=by,
            employer_id=employer_id,
            words="",
            report_id=case.report.pk,
        )
    return made.pk


def legal_hold(case: Case) -> UUID:
    """The privacy officer keeps all of the employee's."""
    report = case.report
    with scope.acting_as(scope.OPERATOR):
        placed = privacy.place_hold(
            HoldOf.EMPLOYEE,
            by=SYSTEM,
            employer_id=report.employer_id,
            subject_id=report.employee_id,
            reason="Asked for by a court.",
        )
    return placed.pk


def issued(case: Case) -> Pass:
    """The employee's pass, sent."""
    made = case.authorization
    to = Addressee(Channel.EMAIL, "someone@example.com")
    with scope.acting_as(scope.employer(made.employer_id)):
        access = PortalAccess.objects.select_related("user", "employer").get(
            user=made.created_by_id, employer=made.employer_id
        )
        by = viewer_of(access, access.user, access.employer)
        return send(by=by, authorization=made, to=to)


def exported(case: Case) -> Export:
    """A file of the report, made for whoever made the authorization."""
    own: dict[str, Any] = {"employer_id": case.report.employer_id}
    made = Export.objects.create(
        **own,
        made_by_id=case.authorization.created_by_id,
        form=Form.PDF,
        what=What.SELECTED,
        state=ExportState.READY,
        chosen=[case.report.pk],
        included=[case.report.pk],
        expires_at=clock.now() + LIVES,
        size=case.report.size,
    )
    ExportPart.objects.create(
        **own, export=made, number=0, document=save_document(read_document(case.report.document))
    )
    return made


def written(made: Authorization) -> None:
    """What else its maker wrote: a DOT test, a form begun, filters of the list."""
    whose: dict[str, Any] = {"employer_id": made.employer_id}
    DotTestOrder.objects.create(**whose, authorization=made, agency="fmcsa")
    Draft.objects.create(**whose, user_id=made.created_by_id, submission=made.submission, typed={})
    SavedView.objects.create(**whose, user_id=made.created_by_id, name="Mine", query="mine=on")


def _with_report(authorization: Authorization) -> Case:
    assert authorization.center_id
    pdf = document.render([authorization])
    report = Report.objects.create(
        employer_id=authorization.employer_id,
        employee_id=authorization.employee_id,
        authorization=authorization,
        center_id=authorization.center_id,
        report_type=ReportType.MEC_DOT_CARD,
        kind=ReportKind.NON_INJURY,
        title="MEC DOT card",
        visit_date=clock.today(),
        document=save_document(pdf),
        sha256=hashlib.sha256(pdf).digest(),
        size=len(pdf),
        pages=1,
    )
    return Case(authorization, Delivery.objects.get(authorization=authorization), report)
