"""People are told of new results as they chose, and only of what they may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.employers.models import ReportSubscription
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.messaging.models import Watermark
from clearwork.results import messages
from clearwork.results.jobs import announce, digest
from clearwork.results.messages import Job
from clearwork.results.models import Report
from tests.cast import Cast, Person
from tests.database.stage import northwinds, southports
from tests.messaging.postman import post, queued, run

Choose = Callable[..., PortalAccess]


@pytest.fixture(autouse=True)
def _told_until_an_hour_ago(db: None) -> None:
    with scope.acting_as(scope.OPERATOR):
        for job in (Job.EACH, Job.DAILY):
            Watermark.objects.create(name=job, until=clock.now() - timedelta(hours=1))


@pytest.fixture
def choose(cast: Cast) -> Choose:
    """`choose(alice, "each")` is Alice's choice on her notifications page."""

    def choice(person: Person, notify: str, **grants: Any) -> PortalAccess:
        with scope.acting_as(scope.OPERATOR):
            found = PortalAccess.objects.filter(user=person.user)
            found.update(notify=notify, **grants)
            return found.get()

    return choice


def arrived(report: Report, minutes_ago: int = 10, **facts: Any) -> Report:
    with scope.acting_as(scope.OPERATOR):
        at = clock.now() - timedelta(minutes=minutes_ago)
        Report.objects.filter(pk=report.pk).update(posted_at=at, **facts)
    return report


def test_each_new_result_is_a_mail_to_whoever_wants_it(cast: Cast, choose: Choose) -> None:
    choose(cast.alice, "each")
    choose(cast.bob, "each")
    reports = [arrived(northwinds(cast).report) for _ in range(2)]
    arrived(northwinds(cast).report, minutes_ago=61)
    announce(0)
    mails = post()
    assert [mail.to for mail in mails] == [["alice@northwind.example"]] * 2
    assert all("There is a new result for Northwind Freight." in mail.body for mail in mails)
    assert all(
        f"/results/{report.pk}/" in "".join(str(m.body) for m in mails) for report in reports
    )
    announce(0)
    assert len(queued()) == 2, "told once"


def test_one_is_told_only_of_what_one_may_see(cast: Cast, choose: Choose) -> None:
    arrived(northwinds(cast).report)
    choose(cast.victor, "each")
    announce(0)
    assert queued() == []
    with scope.acting_as(scope.OPERATOR):
        Watermark.objects.update(until=clock.now() - timedelta(hours=1))
    choose(cast.victor, "each", sees_non_injury=True)
    announce(0)
    assert [mail.to for mail in post()] == [["victor@northwind.example"]]


def test_one_is_told_of_the_reports_one_receives(cast: Cast, choose: Choose) -> None:
    access = choose(cast.alice, "each")
    with scope.acting_as(scope.OPERATOR):
        ReportSubscription.objects.create(
            employer=cast.northwind,
            contact_id=access.contact_id,
            report_type=ReportType.AUDIOGRAM,
            worksite=cast.plant,
        )
    arrived(northwinds(cast).report)
    heard = arrived(northwinds(cast).report, report_type=ReportType.AUDIOGRAM)
    announce(0)
    (mail,) = post()
    assert f"/results/{heard.pk}/" in mail.body


@pytest.mark.parametrize(
    "meanwhile",
    [{"is_active": False}, {"notify": "none"}, {"role": "view_only"}],
    ids=["turned off", "no mails any more", "sees no results any more"],
)
def test_what_changed_before_the_mail_went_out_counts(
    cast: Cast, choose: Choose, meanwhile: dict[str, Any]
) -> None:
    access = choose(cast.alice, "each")
    arrived(northwinds(cast).report)
    announce(0)
    assert len(queued()) == 1
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(pk=access.pk).update(**meanwhile)
    assert post() == []


def test_the_digest_counts_once_a_day_after_its_hour(cast: Cast, choose: Choose) -> None:
    choose(cast.alice, "daily")
    choose(cast.bob, "daily")
    for _ in range(3):
        arrived(northwinds(cast).report)
    arrived(southports(cast).report)
    with digest_at(timezone.localtime() - timedelta(minutes=30)):
        digest(0)
        digest(0)
    mails = {mail.to[0]: mail.body for mail in post()}
    assert "There are 3 new results for Northwind Freight." in mails["alice@northwind.example"]
    assert "There is 1 new result for Southport Tile." in mails["bob@southport.example"]
    assert len(mails) == len(queued()) == 2


def test_no_digest_before_its_hour(cast: Cast, choose: Choose) -> None:
    choose(cast.alice, "daily")
    arrived(northwinds(cast).report)
    with digest_at(timezone.localtime() + timedelta(hours=2)):
        digest(0)
    with digest_at(timezone.localtime() - timedelta(hours=2)):  # told at that hour already
        digest(0)
    assert queued() == []


@contextmanager
def digest_at(moment: datetime) -> Iterator[None]:
    """As if the set hour began at this moment today."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "_todays_hour", lambda: moment)
        yield


@pytest.mark.parametrize("hour", [0, 7, 23])
def test_the_digests_hour_is_the_networks(hour: int) -> None:
    environment = settings.ENVIRONMENT.model_copy(update={"digest_hour": hour})
    with override_settings(ENVIRONMENT=environment):
        moment = messages._todays_hour()
    assert (moment.hour, moment.minute) == (hour, 0)
    assert moment.tzinfo == timezone.get_current_timezone()


def test_the_first_run_tells_nothing_of_the_past(cast: Cast, choose: Choose) -> None:
    with scope.acting_as(scope.OPERATOR):
        Watermark.objects.all().delete()
    choose(cast.alice, "each")
    arrived(northwinds(cast).report)
    announce(0)
    announce(0)
    assert queued() == []


def test_a_mail_is_composed_from_ids_and_times_alone(cast: Cast, choose: Choose) -> None:
    choose(cast.alice, "each")
    arrived(northwinds(cast).report)
    announce(0)
    (job,) = queued()
    assert set(job.args) == {"employer_id", "access_id", "report_id"}
    run(job)
