from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.accounts.models import Staff, User
from clearwork.audit.actions import Actor
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.privacy.actions import QUEUE
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import removal
from clearwork.results.models import DotCertificate, Report
from clearwork.visits import actions as visits
from clearwork.visits.actions import News
from clearwork.visits.rules import Duty, Status
from tests.cast import Cast
from tests.messaging import postman
from tests.results.reports import report
from tests.support.conftest import officer as officer
from tests.support.conftest import support as support

DAY = clock.today() - timedelta(days=2)


@pytest.fixture
def wrong(cast: Cast) -> Report:
    """A MEC DOT card with Maria, with the certificate it gave: another Maria's."""
    found = report(cast.maria, cast.dallas, title="Somebody else's card", visited=DAY)
    with scope.acting_as(scope.OPERATOR):
        DotCertificate.objects.create(
            employer=cast.northwind,
            employee=cast.maria,
            report=found,
            center=cast.dallas,
            certified_from=DAY,
            expires=DAY + timedelta(days=365),
        )
    return found


@pytest.fixture
def wrong_status(cast: Cast) -> Report:
    """An activity status report, with the visit and work status that came with it."""
    kind = "injury_activity_status"
    found = report(cast.maria, cast.dallas, title="Status", kind=kind, visited=DAY)
    with scope.acting_as(scope.OPERATOR):
        visits.note([news(found)])
    return found


def news(found: Report) -> News:
    return News(
        employer_id=found.employer_id,
        employee_id=found.employee_id,
        center_id=found.center_id,
        kind="injury",
        day=found.visit_date,
        authorization_id=None,
        arrived_at=clock.now() - timedelta(days=2),
        services=("Injury care",),
        status=Status(Duty.RESTRICTED, DAY, ("No lifting",), until=DAY + timedelta(days=9)),
    )


def pressed(found: Report, cast: Cast) -> PrivacyIncident:
    """Alice presses Received in error."""
    with scope.acting_as(scope.employer(found.employer_id)):
        incident = removal.remove(found, words="Not ours.", by=cast.alice.viewer)
    assert incident is not None
    return incident


def the_officer() -> Actor:
    with scope.acting_as(scope.OPERATOR):
        person, _ = User.objects.get_or_create(
            email="petra@network.example", defaults={"staff": Staff.PRIVACY_OFFICER}
        )
    return Actor("staff", person.pk)


def work() -> None:
    """As a worker does: what an incident left to do, then its mails."""
    with scope.acting_as(scope.OPERATOR):
        jobs = list(ProcrastinateJob.objects.filter(queue_name=QUEUE).order_by("id"))
    for job in jobs:
        function: Any = app.tasks[job.task_name].func
        function(**job.args)
    postman.post()
