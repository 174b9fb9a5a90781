from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.visits import actions
from clearwork.visits.actions import News
from clearwork.visits.models import Visit
from clearwork.visits.rules import Duty, Status
from tests.cast import Cast

type Seen = Callable[..., Visit]


@pytest.fixture
def seen(cast: Cast) -> Seen:
    """A visit `ago` days ago, and the work status it gave, if any."""

    def make(
        person: Employee,
        duty: Duty | None = None,
        *restrictions: str,
        until: date | None = None,
        ago: int = 1,
        **more: Any,
    ) -> Visit:
        at = timezone.localtime(clock.now()) - timedelta(days=ago)  # by the wall clock
        day = at.date()
        usual: dict[str, Any] = {
            "employer_id": person.employer_id,
            "employee_id": person.pk,
            "center_id": cast.dallas.pk,
            "kind": "injury",
            "day": day,
            "authorization_id": None,
            "arrived_at": at,
            "services": ("Injury care",),
            "status": duty and Status(duty, day, restrictions, until),
        }
        news = News(**{**usual, **more})
        with scope.acting_as(scope.OPERATOR):
            actions.note([news])
            return Visit.objects.get(employee=person, visited_on=day, kind=news.kind)

    return make
