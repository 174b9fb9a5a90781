"""Results and Reports is searched by any mix of filters, in three orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clearwork.accounts.last_here import note_last_here
from clearwork.accounts.models import PortalAccess
from clearwork.audit.actions import Action
from clearwork.database import fast, scope
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people import queries as names
from clearwork.results import queries
from clearwork.results.actions import note_view
from clearwork.results.forms import SearchForm
from clearwork.results.models import Report
from clearwork.results.queries import Criteria, search
from clearwork.results.rules import Shelf
from tests import cast as people
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.results.reports import report, reports

LIST = reverse("results:list")
DAY = timedelta(days=1)


def page(client: Client, **query: Any) -> Any:
    answer = client.get(LIST, {"all": "1", **query})
    assert answer.status_code == 200
    return answer


def listed(client: Client, **query: Any) -> list[str]:
    return [row.title for row in page(client, **query).context["page"].rows]


def url(name: str, found: Report) -> str:
    return reverse(f"results:{name}", args=[found.pk])


# Names


@pytest.mark.parametrize("typed", ["mar gar", "gar mar", "garcia mar", "Gar, Mar", "g maria"])
def test_the_starts_of_both_names_find_someone(alice: Client, cast: Cast, typed: str) -> None:
    with scope.acting_as(scope.OPERATOR):
        other = people.employee(cast.plant, "Mario", "Silva")
    report(other, cast.dallas, title="his")
    report(cast.maria, cast.dallas, title="hers")
    assert listed(alice, name=typed) == ["hers"]


@pytest.mark.parametrize(("few", "most"), [(200, 1_000), (0, 1_000), (0, 0)])
def test_however_many_are_named_so_theirs_are_found_newest_first(
    alice: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, few: int, most: int
) -> None:
    monkeypatch.setattr(names, "_FEW_NAMED", few)
    monkeypatch.setattr(names, "_MOST_NAMED", most)
    for age, someone in enumerate((cast.maria, cast.wei, cast.other_maria, cast.maria)):
        report(someone, cast.dallas, title=f"{age} days", age=age * DAY)
    assert listed(alice, name="gar") == ["0 days", "3 days"]
    with scope.acting_as(scope.OPERATOR):
        assert queries.count(cast.alice.viewer, Criteria(name="gar", shelf=Shelf.ALL)) == 2


@pytest.mark.parametrize("typed", ["maria gracia", "Marai Garcia", "garzia"])
def test_a_misspelt_name_brings_a_suggestion(alice: Client, cast: Cast, typed: str) -> None:
    report(cast.maria, cast.dallas, title="hers")
    answer = page(alice, name=typed, kind="non_injury")
    assert answer.context["similar"] == ["Maria Garcia"]
    text = answer.content.decode()
    assert "Did you mean" in text and "name=Maria+Garcia" in text and "kind=non_injury" in text


@pytest.mark.parametrize("typed", ["xq", "%%%", "___", "'; DROP TABLE x --", "q" * 200, "Zork"])
def test_what_is_like_nobody_brings_none(alice: Client, cast: Cast, typed: str) -> None:
    report(cast.maria, cast.dallas)
    assert page(alice, name=typed).context["similar"] == []


def test_only_people_one_may_see_are_suggested(alice: Client, cast: Cast, sign_in: SignIn) -> None:
    with scope.acting_as(scope.OPERATOR):
        theirs = people.employee(cast.yard, "Gracinda", "Okafor")
    report(theirs, cast.dallas)
    assert page(alice, name="gracinde okafor").context["similar"] == []
    assert page(alice, name="maria gracia").context["similar"] == [], "she has no report"
    found = page(sign_in(cast.bob), name="gracinde okafor").context["similar"]
    assert found == ["Gracinda Okafor"]


# Filters


def test_filters_of_type_worksite_and_dates(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot", state="TX")
        far = people.employee(depot, "Ana", "Ruiz")
    today = clock.today()
    report(cast.maria, cast.dallas, title="card", visited=today - 3 * DAY)
    report(far, cast.dallas, title="ears", kind="audiogram", age=10 * DAY, visited=today - 12 * DAY)
    assert listed(alice, report_type="audiogram") == listed(alice, worksite=depot.pk) == ["ears"]
    assert listed(alice, worksite=cast.plant.pk) == ["card"]
    assert listed(alice, visited_from=today - 5 * DAY) == ["card"]
    assert listed(alice, visited_until=today - 5 * DAY) == ["ears"]
    assert listed(alice, visited_from=today - 3 * DAY, visited_until=today - 3 * DAY) == ["card"]
    assert listed(alice, received_from=today - 5 * DAY) == ["card"]
    assert listed(alice, received_until=today - 5 * DAY) == ["ears"]
    assert listed(alice, report_type="audiogram", worksite=cast.plant.pk) == []


@pytest.mark.parametrize("span", ["received", "visited"])
def test_dates_that_are_reversed_are_said_at_the_field(
    alice: Client, cast: Cast, span: str
) -> None:
    report(cast.maria, cast.dallas)
    answer = page(alice, **{f"{span}_from": "2026-05-02", f"{span}_until": "2026-05-01"})
    assert answer.context["form"].errors == {f"{span}_until": ["This is before the first day."]}
    assert "This is before the first day." in answer.content.decode()
    answer = page(alice, **{f"{span}_from": "0026-05-02"})
    assert f"{span}_from" in answer.context["form"].errors


def test_what_one_has_not_opened(alice: Client, cast: Cast, sign_in: SignIn) -> None:
    seen = report(cast.maria, cast.dallas, title="seen")
    taken = report(cast.maria, cast.dallas, title="taken")
    report(cast.wei, cast.dallas, title="not yet")
    assert page(alice).content.decode().count("cw-unread") == 3
    alice.get(url("report", seen))
    alice.get(url("download", taken))
    assert listed(alice, unread="on") == ["not yet"]
    text = page(alice).content.decode()
    assert text.count("cw-unread") == text.count("not opened by you yet") == 1
    assert len(events(Action.REPORT_VIEWED)) == 1


def test_what_is_new_since_one_was_last_here(alice: Client, cast: Cast) -> None:
    report(cast.maria, cast.dallas, title="old", age=2 * DAY)
    report(cast.wei, cast.dallas, title="new")
    assert listed(alice, new="on") == ["new", "old"], "the first time all is new"
    with scope.acting_as(scope.ANONYMOUS):
        session = alice.session
        note_last_here(type("Request", (), {"session": session}), clock.now() - DAY)  # type: ignore[arg-type]
        session.save()
    assert listed(alice, new="on") == ["new"]


def test_a_sign_in_notes_the_one_before(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        before = clock.now() - 3 * DAY
        type(cast.alice.user).objects.filter(pk=cast.alice.user.pk).update(last_login=before)
    client = Client()
    client.post("/sign-in/", {"login": cast.alice.user.email, "password": people.PASSWORD})
    with scope.acting_as(scope.ANONYMOUS):
        assert client.session["last_here"] == before.isoformat()


# Orders and pages


@pytest.mark.parametrize("sort", ["", "visited", "name"])
@pytest.mark.parametrize("archived", ["", "on", "all"])
def test_each_order_shows_each_report_once_and_in_order(
    alice: Client, cast: Cast, sort: str, archived: str
) -> None:
    with scope.acting_as(scope.OPERATOR):
        staff = [people.employee(cast.plant, f"Ana{i % 3}", "Ruiz") for i in range(6)]
    moment = clock.now()
    for number, someone in enumerate(staff):
        days = [DAY * (number % 2 * 100 + i // 3) for i in range(12)]
        reports(someone, cast.dallas, 12, posted=lambda i, days=days: moment - days[i])  # type: ignore[misc]
    seen, after = [], ""
    while True:
        found = page(alice, sort=sort, archived=archived, after=after).context["page"]
        seen += found.rows
        if not (after := found.next):
            break
    assert len({row.pk for row in seen}) == len(seen) == (72 if archived == "all" else 36)
    keys: dict[str, Any] = {
        "": lambda row: (-row.posted_at.timestamp(), -row.pk.int),
        "visited": lambda row: (-row.visit_date.toordinal(), -row.pk.int),
        "name": lambda row: (
            (row.employee.last_name, row.employee.first_name),
            row.employee_id,
            -row.posted_at.timestamp(),
            -row.pk.int,
        ),
    }
    assert seen == sorted(seen, key=keys[sort])


def test_how_many_there_are_is_counted_after_the_first_page(alice: Client, cast: Cast) -> None:
    reports(cast.maria, cast.dallas, 3)
    assert "3 reports" in page(alice).content.decode()
    reports(cast.maria, cast.dallas, 30)
    text = page(alice, name="gar").content.decode()
    assert "33 reports" not in text and "/results/count/?name=gar" in text
    count = alice.get(reverse("results:count"), {"name": "gar"}).content.decode()
    assert "33 reports" in count and "More than" not in count
    reports(cast.maria, cast.dallas, 970)
    count = alice.get(reverse("results:count")).content.decode()
    assert " ".join(count.split()).count("More than 1000 reports") == 1


# One's own views


def test_the_last_filters_are_remembered_and_kept_by_name(alice: Client, cast: Cast) -> None:
    report(cast.maria, cast.dallas)
    page(alice, kind="injury", name="gar")
    assert alice.get(LIST)["Location"] == f"{LIST}?name=gar&kind=injury"
    saved = alice.post(
        reverse("results:save_view"), {"name": "Injuries", "query": "kind=injury&state=TX"}
    )
    assert saved["Location"] == f"{LIST}?kind=injury&state=TX"
    text = page(alice).content.decode()
    assert "Injuries" in text
    orders = alice.get("/authorizations/?all=1").content.decode()
    assert "Injuries" not in orders, "each list has its own"


# One after the other


def test_a_report_leads_to_the_next_of_the_search(alice: Client, cast: Cast) -> None:
    made = [report(cast.maria, cast.dallas, title=f"{i}", age=i * DAY) for i in range(3)]
    report(cast.wei, cast.dallas, title="another's", age=DAY / 2)
    first, second, third = made
    text = alice.get(url("report", second), {"name": "garcia"}).content.decode()
    assert f'rel="prev"\n       href="{url("report", first)}?name=garcia"' in text
    assert f'rel="next"\n       href="{url("report", third)}?name=garcia"' in text
    ends = alice.get(url("report", third), {"name": "garcia"}).content.decode()
    assert 'rel="next"' not in ends and 'rel="prev"' in ends
    alone = alice.get(url("report", second)).content.decode()
    assert 'rel="next"' not in alone and 'rel="prev"' not in alone


def test_admins_see_who_has_opened_it(alice: Client, cast: Cast, sign_in: SignIn) -> None:
    found = report(cast.maria, cast.dallas)
    assert "Who has opened it" in alice.get(url("report", found)).content.decode()
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.victor.user).update(sees_non_injury=True)
    victor = sign_in(cast.victor)
    assert "Who has opened it" not in victor.get(url("report", found)).content.decode()
    text = alice.get(url("report", found)).content.decode()
    assert "Alice Example" in text and "Victor Example" in text and "2 times" in text


@pytest.mark.parametrize("name", ["2026/01/0190a7d2-0000-7000-8000-000000000000/0-10", "junk"])
def test_a_missing_file_is_said_and_others_are_not_affected(
    alice: Client, cast: Cast, name: str
) -> None:
    broken, whole = report(cast.maria, cast.dallas), report(cast.maria, cast.dallas)
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=broken.pk).update(document=name)
    text = alice.get(url("report", broken)).content.decode()
    assert "This file cannot be read" in text and cast.dallas.phone in text
    answer = alice.get(url("download", broken))
    assert answer.status_code == 404 and "call support" in answer.content.decode()
    assert [e.subject_id for e in events(Action.REPORT_UNREADABLE)] == [broken.pk] * 2
    assert not events(Action.REPORT_VIEWED) and not events(Action.REPORT_DOWNLOADED)
    assert alice.get(url("download", whole)).status_code == 200


# Also where the database lets everything through


def test_every_query_says_whose_reports_by_itself(alice: Client, cast: Cast) -> None:
    hers = report(cast.maria, cast.dallas, title="hers")
    old = report(cast.other_maria, cast.dallas, title="theirs", age=120 * DAY)
    theirs = report(cast.other_maria, cast.dallas, title="theirs")
    viewer = cast.alice.viewer
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=old.pk).update(restored_until=clock.now() + DAY)
        for criteria in (Criteria(), Criteria(name="maria"), Criteria(shelf=Shelf.ALL)):
            assert list(search(viewer, criteria)) == [hers]
        assert queries.count(viewer, Criteria(shelf=Shelf.ALL)) == 1
        assert queries.place(viewer, str(theirs.pk)) is None
        assert queries.similar_names(cast.bob.viewer, "maria gracia") == ["Maria Garcia"]
        assert not queries.readable(viewer).filter(pk=theirs.pk).exists()
        beside = queries.neighbours(viewer, Criteria(shelf=Shelf.ALL), hers)
        assert beside == queries.Neighbours()
        for opener in (cast.alice, cast.bob):
            note_view(theirs, by=opener.viewer)
        queries.mark_opened(viewer, [theirs, hers])
        assert (theirs.is_opened, hers.is_opened) == (True, False), "as Alice, by her act"
        assert [o.name for o in queries.openers(cast.bob.viewer, theirs)] == ["Bob Example"]


# The database's plans


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "report_newest"),
        ({"sort": "visited"}, "report_visited"),
        ({"report_type": "fit_test"}, "report_"),
        ({"name": "ruiz77"}, "report_"),
        ({"date_of_birth": "1988-04-17", "name": "mar gar"}, "report_"),
    ],
)
def test_each_filter_is_read_by_an_index(cast: Cast, query: dict[str, str], index: str) -> None:
    with scope.acting_as(scope.OPERATOR):
        staff = [people.employee(cast.plant, f"Ana{i}", f"Ruiz{i}") for i in range(80)]
    for someone in staff:
        reports(someone, cast.dallas, 10, posted=lambda i: clock.now() - timedelta(hours=i))
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        criteria = SearchForm(query, viewer=cast.alice.viewer).criteria()
        found = search(cast.alice.viewer, criteria)
        fast.execute("SET LOCAL enable_sort = off", [])  # nobody has counted these rows yet
        plan = found.order_by(*criteria.ordering.fields).values("pk")[:26].explain()
    assert index in plan and "Seq Scan on results_report" not in plan, plan
    assert "Seq Scan on people_employee" not in plan, plan
