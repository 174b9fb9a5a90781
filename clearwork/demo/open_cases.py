"""A few open authorizations for each employer, so that Home has something to tell.

Made by the real actions, as the Admin User, then moved on and dated back.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from clearwork.access.decide import Viewer
from clearwork.accounts.models import PortalAccess, Role
from clearwork.audit.actions import Actor
from clearwork.authorizations import actions, changes, deliveries
from clearwork.authorizations.models import Authorization, AuthorizationEvent, Delivery
from clearwork.authorizations.rules import Kind, Modality, Reason, State
from clearwork.centers import queries as centers
from clearwork.demo.catalogue import Catalogue
from clearwork.employers.models import Employer
from clearwork.foundation import clock
from clearwork.passes import actions as passes
from clearwork.people.models import Employee

_STATES: tuple[tuple[State, ...], ...] = (
    (),
    (State.ACCEPTED,),
    (State.ACCEPTED,),
    (State.ACCEPTED, State.CHECKED_IN),
    (State.REFUSED,),
)
_REASONS = {State.REFUSED: "The examiner is away until Monday. Please choose another center."}
_DAYS = 3


def add_open_cases(dice: random.Random, admin: Viewer, catalogue: Catalogue) -> None:
    own = Employee.objects.filter(employer_id=admin.employer_id)
    people = list(own.select_related("worksite"))
    for news in _STATES:
        authorization = actions.authorize(_order(dice, catalogue, people), by=admin)
        if State.REFUSED not in news:
            passes.send_to_record(by=admin, authorization=authorization)
        _move_on(authorization, news)
        _date_back(authorization, timedelta(hours=dice.randrange(2, 24 * _DAYS)))


def admin_of(employer: Employer) -> Viewer:
    access = PortalAccess.objects.select_related("user").get(employer=employer, role=Role.ADMIN)
    return Viewer(
        user_id=access.user_id,
        name=access.user.name,
        employer_id=employer.pk,
        employer_name=employer.legal_name,
        account_number=employer.account_number,
        role=access.role,
    )


def _order(dice: random.Random, catalogue: Catalogue, people: list[Employee]) -> actions.Order:
    employee = dice.choice(people)
    center = dice.choice(catalogue.centers)
    fitting = centers.offered_by(center).filter(kind=Kind.NON_INJURY, dot_test="")
    services = list(fitting.order_by("code"))
    return actions.Order(
        employee=employee,
        worksite=employee.worksite,
        modality=Modality.IN_CENTER,
        center=center,
        kind=Kind.NON_INJURY,
        reason=Reason.PERIODIC,
        services=dice.sample(services, 2),
        valid_from=clock.today(),
        expires=clock.today() + timedelta(days=30),
    )


def _move_on(authorization: Authorization, news: Sequence[State]) -> None:
    center = authorization.center
    if not news or center is None:
        return
    delivery = Delivery.objects.select_related("authorization").get(authorization=authorization)
    deliveries.delivery_acknowledged(delivery, center=center)
    for state in news:
        changes.hear_from_center(
            authorization,
            state,
            by=Actor("center", center.pk),
            actor=center.name,
            note=_REASONS.get(state, ""),
            at=clock.now(),
        )


def _date_back(authorization: Authorization, age: timedelta) -> None:
    authorization.refresh_from_db()
    if authorization.state == State.SUBMITTED:
        return
    authorization.created_at -= age
    authorization.state_since -= age / 2
    authorization.save()
    events = list(AuthorizationEvent.objects.filter(authorization=authorization).order_by("at"))
    for position, event in enumerate(events):
        event.at = authorization.created_at + age / 2 * position / max(len(events) - 1, 1)
        event.save()
