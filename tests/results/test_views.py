"""Finding, reading and downloading reports, as a browser does."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import Role
from clearwork.audit.actions import Action
from clearwork.authorizations import actions as authorizing
from clearwork.database import scope
from clearwork.documents.storage import save_document
from clearwork.foundation import clock
from clearwork.results.forms import SearchForm
from clearwork.results.models import Report
from clearwork.results.queries import search
from clearwork.results.views import one
from tests import cast as people
from tests.access.story import let_see
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange import wire
from tests.exchange.records import events, kept
from tests.results.reports import report, reports

LIST = reverse("results:list")


def listed(client: Client, **query: Any) -> list[str]:
    answer = client.get(LIST, {"all": "1", **query})
    assert answer.status_code == 200
    return [row.title for row in answer.context["page"].rows]


def url(name: str, found: Report, *more: object) -> str:
    return reverse(f"results:{name}", args=[found.pk, *more])


def view_token(page: Any) -> str:
    match = re.search(r"\?view=([^\"]+)\"", page.content.decode())
    assert match
    return match[1]


# Searching


def test_a_report_is_found_by_the_start_of_any_way_to_say_a_name(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        zoe = people.employee(cast.plant, "Zoë", "Núñez Łuk")
    report(zoe, cast.dallas, title="Hers")
    report(cast.maria, cast.dallas, title="Maria's")
    for typed in (
        "zoe",
        "ZOË",
        "nuñ",
        "nunez luk",
        "núñez",
        "Zoe Nunez",
        "nunez luk zoe",
        "Núñez łuk, Zoë",
        "  nunez   luk ,  zo ",
        "zoe nunez ł",
    ):
        assert listed(alice, name=typed) == ["Hers"], typed
    for typed in ("oe", "unez", "zoe x", "%", "_", "zoe%"):
        assert listed(alice, name=typed) == [], typed
    assert listed(alice, name="mar") == listed(alice, name="Garcia, M") == ["Maria's"]


@pytest.mark.parametrize("typed", ["王", "小明", "王小明", "小明 王", "王 小明", "王小"])
def test_a_chinese_name_is_found_as_it_is_written(alice: Client, cast: Cast, typed: str) -> None:
    report(cast.wei, cast.dallas, title="His")
    report(cast.maria, cast.dallas, title="Maria's")
    assert listed(alice, name=typed) == ["His"]


def test_each_filter_narrows(alice: Client, cast: Cast) -> None:
    report(cast.maria, cast.dallas, title="card")
    report(cast.wei, cast.mesa, title="work status", kind="injury_activity_status")
    assert listed(alice, date_of_birth="1988-04-17", state="TX") == ["card"]
    assert listed(alice, date_of_birth="1988-04-18") == []
    assert listed(alice, state="AZ") == listed(alice, center=cast.mesa.pk) == ["work status"]
    assert listed(alice, kind="injury") == ["work status"]
    assert listed(alice, kind="non_injury") == ["card"]
    assert listed(alice, kind="injury", name="maria") == []
    assert listed(alice) == ["work status", "card"]  # newest first


def test_reports_are_archived_after_90_days(alice: Client, cast: Cast) -> None:
    for days in (1, 89, 91, 400):
        report(cast.maria, cast.dallas, title=f"{days}", age=timedelta(days=days))
    assert listed(alice) == ["1", "89"]
    assert listed(alice, archived="on") == ["91", "400"]
    assert listed(alice, archived="on", name="maria") == ["91", "400"]


@pytest.mark.parametrize(
    "query",
    [
        {"name": "\0"},
        {"name": "x" * 5000},
        {"name": ","},
        {"name": "\ud7ff\U0010ffff"},
        {"date_of_birth": "31/31/2020"},
        {"date_of_birth": "\0"},
        {"center": "junk"},
        {"center": str(uuid4())},
        {"state": "ZZ"},
        {"kind": "\0"},
        {"archived": "maybe"},
        {"after": "junk"},
        {"after": "9999-12-31T23:59:59-14:00_00000000-0000-0000-0000-000000000000"},
    ],
)
def test_odd_questions_are_answered(alice: Client, cast: Cast, query: dict[str, str]) -> None:
    report(cast.maria, cast.dallas)
    assert alice.get(LIST, query).status_code == 200


def test_nothing_of_another_employer_is_found(cast: Cast, sign_in: SignIn) -> None:
    hers = report(cast.maria, cast.dallas, title="Northwind's")
    other = report(cast.other_maria, cast.dallas, title="Southport's")
    alice, bob = sign_in(cast.alice), sign_in(cast.bob)
    same = {"name": "Maria Garcia", "date_of_birth": "1988-04-17"}
    assert listed(alice, **same) == ["Northwind's"]
    assert listed(bob, **same) == ["Southport's"]
    for name, more in (("report", ()), ("download", ()), ("page_image", (1,))):
        assert alice.get(url(name, other, *more)).status_code == 404
        assert bob.get(url(name, hers, *more)).status_code == 404
    assert not events(Action.REPORT_VIEWED) and not events(Action.REPORT_DOWNLOADED)


def test_view_only_sees_no_result_anywhere(cast: Cast, sign_in: SignIn) -> None:
    found, victor = report(cast.maria, cast.dallas), sign_in(cast.victor)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        own = authorizing.authorize(cast.order(), by=cast.victor.viewer)
    report(cast.maria, cast.dallas, title="Secret title", authorization=own)
    assert victor.get(LIST).status_code == 403
    for name, more in (("report", ()), ("download", ()), ("page_image", (1,))):
        assert victor.get(url(name, found, *more)).status_code == 403
    part = victor.get(reverse("results:of_authorization", args=[own.pk])).content.decode()
    assert "Secret title" not in part and "granted" in part
    assert not events(Action.REPORT_VIEWED)


def test_a_report_leads_to_an_authorization_only_who_may_open_it(
    cast: Cast, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        hers = authorizing.authorize(cast.order(), by=cast.alice.viewer)
    status = "non_injury_activity_status"
    found = report(cast.maria, cast.dallas, kind=status, authorization=hers)
    leads = f"/authorizations/{hers.pk}/"
    let_see(cast, cast.victor, VisitActivity(non_injury=True))
    assert leads in sign_in(cast.alice).get(url("report", found)).content.decode()
    page = sign_in(cast.victor).get(url("report", found)).content.decode()
    assert hers.number in page and leads not in page
    let_see(cast, cast.victor, VisitActivity(non_injury=True, restrictions_only=True))
    page = sign_in(cast.victor).get(url("report", found)).content.decode()
    assert found.title in page and hers.number not in page


def test_the_reports_of_an_authorization_are_beside_it(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        own = authorizing.authorize(cast.order(), by=cast.alice.viewer)
    report(cast.maria, cast.dallas, title="Of this one", authorization=own)
    report(cast.maria, cast.dallas, title="Of none")
    part = alice.get(reverse("results:of_authorization", args=[own.pk])).content.decode()
    assert "Of this one" in part and "Of none" not in part


def test_someone_signed_out_is_asked_to_sign_in(cast: Cast) -> None:
    found = report(cast.maria, cast.dallas)
    for address in (LIST, url("report", found), url("download", found)):
        answer = Client().get(address)
        assert answer.status_code == 302 and "/sign-in/" in answer["Location"]


# Paging


def test_paging_shows_each_report_once(alice: Client, cast: Cast) -> None:
    moment = clock.now()
    made = reports(cast.maria, cast.dallas, 80, posted=lambda i: moment - timedelta(days=i // 30))
    seen, after = [], ""
    while True:
        answer = alice.get(LIST, {"all": "1", "after": after})
        seen += [row.pk for row in answer.context["page"].rows]
        if not (after := answer.context["page"].next):
            break
    assert len(seen) == 80 and set(seen) == {row.pk for row in made}


def test_a_page_link_keeps_the_search(alice: Client, cast: Cast) -> None:
    reports(cast.maria, cast.dallas, 30)
    text = alice.get(LIST, {"name": "Garcia, M"}).content.decode()
    assert re.search(r"\?[^\"]*name=Garcia[^\"]*after=|\?[^\"]*after=[^\"]*name=Garcia", text)


def test_the_list_costs_the_same_however_long(alice: Client, cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(LIST, {"all": "1"}).status_code == 200
        return len(captured)

    with scope.acting_as(scope.OPERATOR):
        staff = [people.employee(cast.plant, f"Ana{i}", "Ruiz") for i in range(22)]
    for _ in range(3):
        report(cast.maria, cast.mesa)
    cost()
    few = cost()
    for person in staff:
        report(person, cast.dallas)
    assert len(listed(alice)) == 25
    assert cost() == few <= 12


# Reading one


def test_a_view_is_one_event_and_its_pictures_are_none(alice: Client, cast: Cast) -> None:
    found = report(cast.maria, cast.dallas)
    before = kept()
    page = alice.get(url("report", found))
    token = view_token(page)
    picture = alice.get(url("page_image", found, 1) + f"?view={token}")
    assert picture.status_code == 200 and picture["Content-Type"] == "image/png"
    assert picture["Cache-Control"] == "no-store"
    assert Image.open(BytesIO(picture.content)).width == 1100
    assert kept() - before == {"events": 1}
    (event,) = events(Action.REPORT_VIEWED)
    assert (event.subject_id, event.actor_id) == (found.pk, cast.alice.user.pk)
    assert (event.employer_id, event.detail) == (cast.northwind.pk, {})


def test_a_picture_needs_a_view_of_this_report_by_this_person(
    alice: Client, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, other = report(cast.maria, cast.dallas), report(cast.wei, cast.dallas)
    with scope.acting_as(scope.OPERATOR):
        carol = people.person(cast.northwind, "Carol", Role.ADMIN)
    token = view_token(alice.get(url("report", found)))
    picture = url("page_image", found, 1)
    assert alice.get(f"{picture}?view={token}").status_code == 200
    for wrong in ("", "junk", token[:-1], "é:ü:ö", view_token(alice.get(url("report", other)))):
        assert alice.get(f"{picture}?view={wrong}").status_code == 404, wrong
    assert sign_in(carol).get(f"{picture}?view={token}").status_code == 404
    for number in (0, 2, 999_999_999_999):
        assert alice.get(url("page_image", found, number) + f"?view={token}").status_code == 404
    monkeypatch.setattr(one, "_VIEW_SECONDS", -1)
    assert alice.get(f"{picture}?view={token}").status_code == 404


def test_a_page_that_cannot_be_drawn_is_missing_not_an_error(alice: Client, cast: Cast) -> None:
    found = report(cast.maria, cast.dallas)
    with scope.acting_as(scope.OPERATOR):
        Report.objects.update(document=save_document(b"%PDF-1.7 broken"), pages=2)
    token = view_token(alice.get(url("report", found)))
    for number in (1, 2):
        assert alice.get(url("page_image", found, number) + f"?view={token}").status_code == 404


# Downloading


def test_a_download_is_the_very_bytes_and_one_event(alice: Client, cast: Cast) -> None:
    found = report(cast.maria, cast.dallas)
    before = kept()
    answer = alice.get(url("download", found))
    assert answer.content == wire.pdf()
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="garcia-maria-mec-dot-card-{found.visit_date}.pdf"'
    )
    assert kept() - before == {"events": 1}
    (event,) = events(Action.REPORT_DOWNLOADED)
    assert (event.subject_id, event.detail) == (found.pk, {})


@pytest.mark.parametrize(
    ("first", "last", "title"),
    [
        ("小明", "王", "体检"),
        ('Ana"; rm -rf', "../../etc/passwd", "a\\b/c:d*e?"),
        ("Ana\r\nSet-Cookie: x=1", "Ruiz", "x"),
        ("N" * 100, "M" * 100, "T" * 200),
        ("\U0001f600", "عمر", "…"),
    ],
)
def test_the_file_name_is_safe_whatever_the_names(
    alice: Client, cast: Cast, first: str, last: str, title: str
) -> None:
    with scope.acting_as(scope.OPERATOR):
        odd = people.employee(cast.plant, first, last)
    found = report(odd, cast.dallas, title=title)
    name = alice.get(url("download", found))["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="[a-z0-9][a-z0-9_-]{0,150}\.pdf"', name), name


# The database's plan


def test_the_list_is_read_by_an_index(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        staff = [people.employee(cast.plant, f"Ana{i}", f"Ruiz{i}") for i in range(200)]
        far = [people.employee(cast.yard, f"Ben{i}", f"Ruiz{i}") for i in range(200)]
    for person in (*staff, *far):
        reports(person, cast.dallas, 10, posted=lambda i: clock.now() - timedelta(hours=i))
    plan = _plan_of_list(cast, {})
    assert "report_" in plan and "Seq Scan on results_report" not in plan, plan
    plan = _plan_of_list(cast, {"name": "ruiz7"})
    assert "Seq Scan on results_report" not in plan, plan
    assert "Seq Scan on people_employee" not in plan, plan


def _plan_of_list(cast: Cast, query: dict[str, str]) -> str:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        criteria = SearchForm(query, viewer=cast.alice.viewer).criteria()
        found = search(cast.alice.viewer, criteria).order_by("-posted_at", "-id").values("pk")[:26]
        return found.explain()


def test_a_center_and_a_date_are_shown(alice: Client, cast: Cast) -> None:
    found = report(cast.maria, cast.mesa, visited=date(2026, 3, 4))
    text = alice.get(url("report", found)).content.decode().replace("\u00a0", " ")
    assert "Mar 4, 2026" in text and "Mesa Medical Center" in text and "Apr 17, 1988" in text
