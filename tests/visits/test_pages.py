"""Who may work today, the card for a supervisor, and the visits behind it."""

from __future__ import annotations

import io
import re
from html import unescape
from uuid import UUID

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.accounts.actions import VisitActivity
from clearwork.audit.actions import Action
from clearwork.authorizations.actions import Injury, authorize
from clearwork.authorizations.rules import in_words
from clearwork.database import scope
from clearwork.documents.inspect import inspect_pdf
from clearwork.employers.models import Worksite
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.visits import document, queries
from clearwork.visits.queries import Show
from clearwork.visits.rules import Duty, Status, begins, is_overdue, plain, when
from tests.access.story import let_see
from tests.cast import Cast, employee
from tests.conftest import SignIn
from tests.exchange.records import events
from tests.results.reports import report
from tests.visits.conftest import Seen
from tests.visits.words import days

LADDERS = "Climbing ladders: none"


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def names(html: str) -> list[str]:
    """Of the board's rows, in order."""
    return re.findall(r'<span class="visually-hidden"> of ([^<]+)</span>', html)


def counts(html: str) -> dict[str, int]:
    found = re.findall(r'>([\w ]+) <span class="cw-count">(\d+)</span>', html)
    return {label: int(number) for label, number in found}


def test_the_board_begins_with_what_matters_today(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    with scope.acting_as(scope.OPERATOR):
        ada, ben = employee(cast.plant, "Ada", "Off"), employee(cast.plant, "Ben", "Late")
        cid = employee(cast.plant, "Cid", "Back")
    seen(cid, Duty.FULL)
    seen(cast.maria, Duty.RESTRICTED, LADDERS, until=days(9))
    seen(cast.wei, Duty.RESTRICTED, until=days(2))
    seen(ada, Duty.OFF)
    seen(ben, Duty.RESTRICTED, LADDERS, until=days(-1), ago=5)
    html = shown(sign_in(cast.alice), "/visits/")
    assert names(html) == ["Ben Late", "Ada Off", "小明 王", "Maria Garcia", "Cid Back"]
    assert "Ended yesterday, no new status" in html and "Ends in 2 days" in html
    assert counts(html) == {
        "All": 5,
        "Not known": 0,
        "New status due": 1,
        "Off work": 1,
        "Restricted": 3,
        "Full duty again": 1,
    }
    assert LADDERS in html
    overdue = shown(sign_in(cast.alice), "/visits/?show=overdue")
    assert names(overdue) == ["Ben Late"]
    assert names(shown(sign_in(cast.alice), "/visits/?show=full")) == ["Cid Back"]


def test_a_newer_status_takes_the_place_of_the_one_before(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    seen(cast.maria, Duty.FULL, ago=1)
    seen(cast.maria, Duty.OFF, until=days(30), ago=8)  # came late
    html = shown(sign_in(cast.alice), "/visits/")
    assert counts(html)["Off work"] == 0 and counts(html)["Full duty again"] == 1


def test_an_examination_says_nothing_of_an_injury(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    """Full duty after a fit test does not lift what was said of the hand."""
    seen(cast.maria, Duty.RESTRICTED, LADDERS, until=days(9), ago=3)
    seen(cast.maria, Duty.FULL, kind="non_injury")
    counted = counts(shown(sign_in(cast.alice), "/visits/"))
    assert (counted["All"], counted["Restricted"], counted["Full duty again"]) == (1, 1, 0)
    card = shown(sign_in(cast.alice), f"/visits/card/{cast.maria.pk}/")
    assert LADDERS in card and "Full duty" not in card


def test_full_duty_is_not_read_beside_what_is_not_known(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    seen(cast.maria, Duty.UNKNOWN, ago=3)
    seen(cast.maria, Duty.FULL, kind="non_injury")
    card = shown(sign_in(cast.alice), f"/visits/card/{cast.maria.pk}/")
    assert "Status not known" in card and "Full duty" not in card
    assert counts(shown(sign_in(cast.alice), "/visits/"))["All"] == 1
    with scope.acting_as(scope.OPERATOR):
        cid = employee(cast.plant, "Cid", "Back")
    seen(cid, Duty.FULL, kind="non_injury")
    assert names(shown(sign_in(cast.alice), "/visits/")) == ["Maria Garcia", "Cid Back"]
    seen(cast.wei, Duty.UNKNOWN, ago=3)
    seen(cast.wei, Duty.RESTRICTED, LADDERS, kind="non_injury")
    assert LADDERS in shown(sign_in(cast.alice), f"/visits/card/{cast.wei.pk}/")


def test_what_is_long_over_leaves_the_board(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    seen(cast.maria, Duty.FULL, ago=15)
    seen(cast.wei, Duty.OFF, until=days(-91), ago=120)
    seen(cast.wei, Duty.UNKNOWN, kind="non_injury", ago=91)
    html = shown(sign_in(cast.alice), "/visits/")
    assert "Nobody is off work or restricted" in html
    seen(cast.wei, Duty.OFF, ago=119)  # no end was said: still off
    assert names(shown(sign_in(cast.alice), "/visits/")) == ["小明 王"]


def test_who_left_the_company_is_on_no_board(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    seen(cast.maria, Duty.OFF)
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(is_active=False)
    assert names(shown(sign_in(cast.alice), "/visits/")) == []


def test_the_board_is_searched_by_name_and_worksite(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot")
        ada = employee(depot, "Ada", "Dock")
    seen(ada, Duty.OFF)
    seen(cast.maria, Duty.OFF)
    client = sign_in(cast.alice)
    assert names(shown(client, "/visits/?name=gar")) == ["Maria Garcia"]
    assert names(shown(client, f"/visits/?worksite={depot.pk}")) == ["Ada Dock"]


def test_the_card_gives_restrictions_and_dates_and_no_reason(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    seen(cast.maria, Duty.RESTRICTED, LADDERS, "Lifting: up to 15 lb", until=days(9))
    html = shown(sign_in(cast.alice), f"/visits/card/{cast.maria.pk}/")
    for said in ("Restricted duty", LADDERS, "Lifting: up to 15 lb", "Until, including this day"):
        assert said in html
    main = html[html.index('<main id="main"') : html.index("</main>")]
    for unsaid in ("njury", "Dallas Medical", "1988", "Injury care", "diagnos"):
        assert unsaid not in main


def test_the_card_as_a_pdf_is_one_tagged_page(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    seen(cast.wei, Duty.RESTRICTED, *(f"Limit no. {n}" for n in range(30)), until=days(-1))
    client = sign_in(cast.alice)
    answer = client.get(f"/visits/card/{cast.wei.pk}/card.pdf")
    assert inspect_pdf(answer.content).pages == 1
    assert answer["Cache-Control"] == "no-store"
    (event,) = events(Action.WORK_STATUS_DOWNLOADED)
    assert event.subject_id == cast.wei.pk and event.actor_id == cast.alice.user.pk
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked and pdf.Root.Lang == "en-US"


def test_somebody_without_a_status_has_a_card_that_says_so(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    assert "No work status on file" in shown(client, f"/visits/card/{cast.maria.pk}/")
    assert client.get(f"/visits/card/{cast.maria.pk}/card.pdf").status_code == 200


def test_each_view_is_one_event(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    visit = seen(cast.maria, Duty.OFF)
    client = sign_in(cast.alice)
    for path, action, subject in (
        ("/visits/", Action.WORK_STATUS_LISTED, None),
        ("/visits/all/", Action.VISITS_LISTED, None),
        (f"/visits/all/{visit.pk}/", Action.VISIT_VIEWED, visit.pk),
        (f"/visits/card/{cast.maria.pk}/", Action.WORK_STATUS_VIEWED, cast.maria.pk),
        ("/visits/dot-cards/", Action.DOT_CARDS_LISTED, None),
    ):
        shown(client, path)
        (event,) = events(action)
        assert event.subject_id == subject and event.employer_id == cast.northwind.pk


def test_a_visit_leads_to_its_reports_and_to_nobody_elses(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    earlier = seen(cast.maria, kind="non_injury", ago=3)
    visit = seen(cast.maria, kind="non_injury", ago=0)
    seen(cast.wei, kind="non_injury", ago=0)
    before = report(cast.maria, cast.dallas, visited=earlier.visited_on)
    mine = report(cast.maria, cast.dallas, title="Maria's card", visited=visit.visited_on)
    away = report(cast.maria, cast.mesa, title="Elsewhere", visited=visit.visited_on)
    report(cast.wei, cast.dallas, title="Someone else's", visited=visit.visited_on)
    client = sign_in(cast.alice)
    page = shown(client, f"/visits/all/{visit.pk}/")
    partial = f"/visits/results/{visit.pk}/"
    assert partial in page and "None: walk-in" in page
    found = shown(client, partial)
    assert f"/results/{mine.pk}/" in found
    assert "Elsewhere" not in found and "Someone else's" not in found
    for known, its in ((mine, visit), (before, earlier)):
        back = shown(client, f"/visits/results/of-report/{known.pk}/")
        assert f"/visits/all/{its.pk}/" in back
    assert shown(client, f"/visits/results/of-report/{away.pk}/").strip() == ""


def test_visits_are_found_by_person_place_kind_and_day(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    seen(cast.maria, ago=3)
    seen(cast.wei, kind="non_injury", center_id=cast.mesa.pk, services=("Audiogram",))
    client = sign_in(cast.alice)
    for query, found in (
        ("", ("Audiogram", "Injury care")),
        ("name=garcia", ("Injury care",)),
        (f"employee={cast.wei.pk}", ("Audiogram",)),
        (f"center={cast.dallas.pk}", ("Injury care",)),
        ("kind=non_injury", ("Audiogram",)),
        (f"first={days(-1)}&last={days(0)}", ("Audiogram",)),
        (f"last={days(-2)}", ("Injury care",)),
        (f"worksite={cast.yard.pk}", ("Audiogram", "Injury care")),  # no choice of hers
    ):
        html = shown(client, f"/visits/all/?{query}")
        assert tuple(s for s in ("Audiogram", "Injury care") if s in html) == found, query
    reversed_days = shown(client, f"/visits/all/?first={days(0)}&last={days(-5)}")
    assert "This is before the first day." in reversed_days


def test_visits_page_by_page_are_each_shown_once(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    made = {str(seen(cast.maria, ago=n).pk) for n in range(1, 31)}
    client, path, got = sign_in(cast.alice), "/visits/all/", []
    while path:
        answer = client.get(path)
        got += [str(row.pk) for row in answer.context["page"].rows]
        after = answer.context["page"].next
        path = f"/visits/all/?after={after.replace('+', '%2B')}" if after else ""
    assert len(got) == 30 and set(got) == made


@pytest.mark.parametrize(
    ("granted", "sees_hand", "sees_exam"),
    [
        (VisitActivity(injury=True), True, False),
        (VisitActivity(non_injury=True), False, True),
        (VisitActivity(injury=True, non_injury=True), True, True),
        (VisitActivity(injury=True, worksites=()), False, False),
    ],
)
def test_a_view_only_user_sees_what_was_granted(
    granted: VisitActivity,
    sees_hand: bool,
    sees_exam: bool,
    cast: Cast,
    sign_in: SignIn,
    seen: Seen,
) -> None:
    hand = seen(cast.maria, Duty.RESTRICTED, LADDERS, until=days(9))
    exam = seen(cast.wei, Duty.RESTRICTED, "Night shifts: none", kind="non_injury")
    let_see(cast, cast.victor, granted)
    client = sign_in(cast.victor)
    may_open = 200 if sees_hand or sees_exam else 403
    board = unescape(client.get("/visits/").content.decode())
    assert (LADDERS in board, "Night shifts" in board) == (sees_hand, sees_exam)
    for visit, sees in ((hand, sees_hand), (exam, sees_exam)):
        hidden = 404 if may_open == 200 else 403
        assert client.get(f"/visits/all/{visit.pk}/").status_code == (200 if sees else hidden)
    card = unescape(client.get(f"/visits/card/{cast.maria.pk}/").content.decode())
    assert (LADDERS in card) == sees_hand


def test_who_sees_one_kind_of_visit_is_told_that_it_is_not_all(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    """Maria is off work for an injury; Victor sees examinations alone."""
    seen(cast.maria, Duty.OFF)
    seen(cast.wei, Duty.FULL, kind="non_injury", ago=20)
    report(cast.wei, cast.dallas)
    let_see(cast, cast.victor, VisitActivity(non_injury=True))
    client, card = sign_in(cast.victor), f"/visits/card/{cast.maria.pk}/"
    for path in ("/visits/", card, f"/visits/card/{cast.wei.pk}/"):
        page = shown(client, path)
        assert "You see only some of the visits." in page
        assert "Nobody is off" not in page and "No medical center has given one" not in page
    assert shown(client, "/").count("at visits you may see") == 3
    assert "some of the visits only" in _text(client, card)
    alice = sign_in(cast.alice)
    assert not any("some of the visits" in shown(alice, path) for path in ("/visits/", card))
    assert "some of the visits only" not in _text(alice, card)


def test_full_duty_from_a_later_day_is_not_read_as_today_s(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    seen(cast.maria, status=Status(Duty.FULL, days(7)))
    client, card = sign_in(cast.alice), f"/visits/card/{cast.maria.pk}/"
    for path in ("/visits/", card):
        assert "Not yet: starts in 7 days" in shown(client, path)
    assert "Not yet: starts in 7 days" in _text(client, card)
    assert re.search(r"<small>from .*2\d{3}", shown(client, "/visits/all/"))
    story = shown(client, f"/employees/{cast.maria.pk}/")
    assert f"Full duty from {in_words(days(7))}" in story
    assert begins(days(1), days(0)) == "Not yet: starts tomorrow"
    assert begins(days(0), days(0)) == begins(days(-1), days(0)) == ""


def test_until_a_status_starts_the_one_before_holds(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    """Full duty from next week does not hide what may not be done until then."""
    seen(cast.maria, Duty.OFF, ago=9)
    seen(cast.maria, Duty.RESTRICTED, LADDERS, until=days(6), ago=4)
    seen(cast.maria, status=Status(Duty.FULL, days(7)), ago=1)
    seen(cast.wei, Duty.FULL, ago=4)
    seen(cast.wei, status=Status(Duty.OFF, days(2)), ago=1)
    client, card = sign_in(cast.alice), f"/visits/card/{cast.maria.pk}/"
    for page in (shown(client, "/visits/"), shown(client, card), _text(client, card)):
        assert "Until then: Restricted duty" in page and LADDERS in page
        assert page.count("Until then") == 1, "full duty is no limit"
    with scope.acting_as(scope.OPERATOR):
        (row,) = queries.of_employee(cast.alice.viewer, cast.maria)
        before = row.until_then
        assert before is not None and before.duty == Duty.RESTRICTED
        before.visit.statuses.update(until=days(-1))
    assert "Until then" not in shown(client, card), "it is over"
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        foot, eye = (authorize(cast.injury_order(), by=cast.alice.viewer).pk for _ in "12")
    seen(cast.wei, Duty.RESTRICTED, LADDERS, ago=3, authorization_id=foot)
    seen(cast.wei, Duty.FULL, ago=2, authorization_id=eye)
    seen(cast.wei, status=Status(Duty.OFF, days(1)), ago=0, authorization_id=foot)
    assert "Until then" in shown(client, f"/visits/card/{cast.wei.pk}/"), "the foot's"


def test_full_duty_after_one_injury_does_not_lift_the_limits_after_another(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    def order(part: str, ago: int, claim: str = "") -> UUID:
        injury = Injury(days(-ago), body_part=part, what_happened="Fell.", claim_number=claim)
        with scope.acting_as(scope.employer(cast.northwind.pk)):
            made = authorize(cast.injury_order(injury=injury), by=cast.alice.viewer)
        return made.pk

    def duties() -> list[str]:
        with scope.acting_as(scope.OPERATOR):
            listed = queries.board(cast.alice.viewer, clock.today()).rows("")
            own = queries.current(cast.alice.viewer)
            assert {one.duty for one in own} == {one.duty for one in listed}
            return [one.duty for one in queries.of_employee(cast.alice.viewer, cast.maria)]

    shoulder = order("Shoulder", 30)
    seen(cast.maria, Duty.RESTRICTED, LADDERS, ago=25, authorization_id=shoulder)
    seen(cast.maria, Duty.FULL, ago=20, authorization_id=order("Eye", 20))
    assert duties() == ["restricted"]
    card = shown(sign_in(cast.alice), f"/visits/card/{cast.maria.pk}/")
    assert LADDERS in card and "Full duty" not in card
    seen(cast.maria, Duty.OFF, ago=12, authorization_id=order("Foot", 13))
    assert duties() == ["off_work", "restricted"]
    seen(cast.maria, Duty.FULL, ago=8, authorization_id=order(" shoulder", 0))  # its follow-up
    assert duties() == ["off_work"]
    seen(cast.maria, Duty.RESTRICTED, ago=7, authorization_id=order("Knee", 7, "7"))
    assert duties() == ["off_work", "restricted"]
    seen(cast.maria, Duty.FULL, ago=5, authorization_id=order("Leg", 5, "7"))  # of that claim
    assert duties() == ["off_work"]
    seen(cast.maria, Duty.RESTRICTED, until=days(-3), ago=4, authorization_id=order("Ear", 4))
    assert duties() == ["off_work", "restricted"]
    seen(cast.maria, Duty.FULL, ago=2, authorization_id=order("Neck", 2))
    assert duties() == ["off_work"], "what was over is not brought back"
    seen(cast.maria, Duty.FULL, ago=1)  # of no order: of all
    assert duties() == ["full_duty"]


def _text(client: Client, card: str) -> str:
    """Of the card as a PDF."""
    with pypdfium2.PdfDocument(client.get(f"{card}card.pdf").content) as pdf:
        return " ".join(pdf[0].get_textpage().get_text_bounded().split())


def test_who_may_see_restrictions_only_sees_no_services(
    cast: Cast, sign_in: SignIn, seen: Seen
) -> None:
    seen(cast.maria, Duty.RESTRICTED, LADDERS, until=days(9), services=("Hand surgery",))
    plain_visit = seen(cast.wei, services=("Blood draw",))
    granted = VisitActivity(injury=True, non_injury=True, restrictions_only=True)
    let_see(cast, cast.victor, granted)
    client = sign_in(cast.victor)
    listed = shown(client, "/visits/all/")
    assert "Maria" in listed and "Restricted duty" in listed
    assert "Hand surgery" not in listed and "小明" not in listed
    assert LADDERS in shown(client, "/visits/")
    shown(client, f"/visits/all/{plain_visit.pk}/", 404)
    with scope.acting_as(scope.OPERATOR):
        own = queries.visits(cast.alice.viewer).get(employee=cast.maria)
    assert "Hand surgery" not in shown(client, f"/visits/all/{own.pk}/")
    with scope.acting_as(scope.OPERATOR):
        own.statuses.update(withdrawn_at=clock.now())
    shown(client, f"/visits/all/{own.pk}/", 404)


def test_queries_name_the_employer_by_themselves(cast: Cast, seen: Seen) -> None:
    """As the operator, for whom the database lets everything through."""
    seen(cast.maria, Duty.OFF)
    seen(cast.other_maria, Duty.OFF)
    with scope.acting_as(scope.OPERATOR):
        alice, own = cast.alice.viewer, cast.northwind.pk
        for query in (queries.visits, queries.statuses, queries.current):
            assert [row.employer_id for row in query(alice)] == [own]
        board = queries.board(alice, clock.today(), name="garcia")
        assert board.counts()[Show.ALL] == 1
        assert queries.of_employee(alice, cast.other_maria) == []


def test_a_longer_list_asks_the_database_no_more(cast: Cast, sign_in: SignIn, seen: Seen) -> None:
    client = sign_in(cast.alice)
    seen(cast.maria, Duty.OFF)
    paths = ("/visits/", "/visits/all/")
    asked: dict[str, list[int]] = {path: [] for path in paths}
    for number in range(3):
        for path in paths:
            shown(client, path)
            with CaptureQueriesContext(connection) as captured:
                shown(client, path)
            asked[path].append(len(captured))
        for more in range(4):
            with scope.acting_as(scope.OPERATOR):
                someone = employee(cast.plant, f"No {number}", f"Person {more}")
            seen(someone, Duty.RESTRICTED, LADDERS, until=days(more))
    for path, numbers in asked.items():
        assert len(set(numbers)) == 1, (path, numbers)
        assert numbers[0] <= 14, (path, numbers)


def test_words_of_the_last_day() -> None:
    today = days(0)
    said = {n: when(Duty.OFF, days(n), today) for n in (-2, -1, 0, 1, 3, 4)}
    assert said == {
        -2: "Ended 2 days ago, no new status",
        -1: "Ended yesterday, no new status",
        0: "Ends today",
        1: "Ends tomorrow",
        3: "Ends in 3 days",
        4: "",
    }
    assert when(Duty.OFF, None, today) == when(Duty.FULL, days(-5), today) == ""
    assert not is_overdue(Duty.FULL, days(-5), today)


def test_restrictions_are_plain_words_once_each() -> None:
    assert plain(["  No  lifting ", "No lifting", "", "x" * 300]) == ("No lifting", "x" * 200)
    assert len(plain(map(str, range(99)))) == 30


def test_the_same_words_have_the_same_fingerprint() -> None:
    one = Status(Duty.OFF, days(0), ("a", "b"))
    assert one.fingerprint == Status(Duty.OFF, days(0), ("a", "b")).fingerprint
    others = (
        Status(Duty.OFF, days(0), ("a,b",)),
        Status(Duty.OFF, days(1), ("a", "b")),
        Status(Duty.OFF, days(0), ("a", "b"), until=days(1)),
        Status(Duty.OFF, days(0), ("a", "b"), expected_return=days(1)),
    )
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_a_name_no_font_has_is_still_printed(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        someone = employee(cast.plant, "Ꮳ#*Ꭶ", "𓀀")
        assert document.render(someone, [], employer="Northwind").startswith(b"%PDF")
