"""Home's charts: volume and turnaround of the last 12 weeks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.home import trends
from clearwork.home.rules import HEIGHT, WIDTH, bars
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.home.test_home import authorized

PAGE = "/last-weeks/"


def made(cast: Cast, by: Person, *, weeks_ago: int, took: timedelta | None = None) -> None:
    """On that week's Monday at nine."""
    one = authorized(cast, by, State.COMPLETED if took else State.DELIVERED)
    monday = clock.today() - timedelta(days=clock.today().weekday(), weeks=weeks_ago)
    at = timezone.make_aware(datetime.combine(monday, time(9)))
    with scope.acting_as(scope.OPERATOR):
        times = {"created_at": at, "state_since": at + (took or timedelta())}
        Authorization.objects.filter(pk=one.pk).update(**times)


def weeks_of(person: Person) -> list[trends.Week]:
    with scope.acting_as(scope.OPERATOR):
        return trends.weeks(person.viewer)


def test_each_week_has_its_volume_and_median_turnaround(cast: Cast) -> None:
    for hours in (12, 36, 300):
        made(cast, cast.alice, weeks_ago=1, took=timedelta(hours=hours))
    made(cast, cast.alice, weeks_ago=1)
    made(cast, cast.alice, weeks_ago=11, took=timedelta(hours=6))
    made(cast, cast.alice, weeks_ago=12, took=timedelta(hours=6))
    found = weeks_of(cast.alice)
    assert [week.made for week in found] == [1, *[0] * 9, 4, 0]
    assert (found[10].completed, found[10].words, found[0].words) == (3, "1.5 days", "6 hours")
    assert (found[11].turnaround, found[11].words) == (None, "")
    said = [trends.Week(found[0].starts, 1, 1, timedelta(minutes=m)).words for m in (9, 50, 1435)]
    assert said == ["under an hour", "1 hour", "1.0 days"]


def test_a_view_only_user_sees_the_own_alone(cast: Cast) -> None:
    made(cast, cast.alice, weeks_ago=1)
    made(cast, cast.victor, weeks_ago=2)
    assert sum(week.made for week in weeks_of(cast.alice)) == 2
    assert sum(week.made for week in weeks_of(cast.victor)) == 1
    assert sum(week.made for week in weeks_of(cast.bob)) == 0


def test_home_fetches_it_and_without_scripts_it_is_a_page(cast: Cast, sign_in: SignIn) -> None:
    made(cast, cast.alice, weeks_ago=1, took=timedelta(days=2))
    alice = sign_in(cast.alice)
    assert f'hx-get="{PAGE}"' in alice.get("/").content.decode()
    part = alice.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    whole = alice.get(PAGE).content.decode()
    assert "<html" not in part and "<html" in whole
    for text in (part, whole):
        assert text.count("<svg viewBox") == 2 and "2.0 days" in text and "style=" not in text
        assert text.count("Week of <time") == 2 and "completed yet" not in text
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.update(state=State.DELIVERED)
    assert "None of these visits is completed yet." in alice.get(PAGE).content.decode()


def test_it_is_one_query_however_much_there_is(cast: Cast) -> None:
    made(cast, cast.alice, weeks_ago=1)
    with CaptureQueriesContext(connection) as captured, scope.acting_as(scope.OPERATOR):
        trends.weeks(cast.alice.viewer)
    assert len([q for q in captured if "authorizations_authorization" in q["sql"]]) == 1


@pytest.mark.parametrize("values", [[], [None, None], [0, 0], [1, 5, None, 2.5]])
def test_bars_stay_inside_their_picture(values: list[float | None]) -> None:
    for bar in bars(values, ["" for _ in values]):
        assert bar.x >= 0 and bar.x + bar.width <= WIDTH
        assert bar.y + bar.height == pytest.approx(HEIGHT) and bar.y >= 16
