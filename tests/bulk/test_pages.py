"""From a file to authorizations, as someone at a browser does it."""

from __future__ import annotations

import io
import itertools
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from clearwork.accounts.models import PortalAccess, Role
from clearwork.authorizations.actions import SEND_PASS_JOB
from clearwork.authorizations.changes import cancel
from clearwork.authorizations.dot import DotTest
from clearwork.authorizations.many import authorize_many
from clearwork.authorizations.models import Authorization
from clearwork.bulk import actions, jobs
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.bulk.rules import BatchState, RowState, What
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.sheets.reading import read_file
from tests.bulk.sheets import begin, count, drivers, only, rows, save, sheet, work
from tests.cast import Cast
from tests.messaging.postman import outbox, queued, run


@pytest.fixture
def order(cast: Cast) -> dict[str, Any]:
    """What one fills in beside the people."""
    with scope.acting_as(scope.OPERATOR):
        cast.dallas.services.add(cast.dot_physical, cast.audiogram)
    return {
        "kind": "non_injury",
        "worksite": str(cast.plant.pk),
        "modality": "in_center",
        "center": str(cast.dallas.pk),
        "services": [str(cast.audiogram.pk)],
        "reason": "pre_placement",
        "valid_from": f"{clock.today()}",
        "expires": f"{clock.today()}",
    }


def workbook(*lines: list[Any]) -> SimpleUploadedFile:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile("people.xlsx", target.getvalue())


def test_from_a_file_to_a_pdf_of_all(alice: Client, cast: Cast, order: dict[str, Any]) -> None:
    file = workbook(
        ["Surname", "Given name", "Birth date", "Emp #"],
        ["Garcia", "Maria", "4/17/1988", "N-1"],
        ["Lee", "Al", "2/30/1990", "N-9"],
    )
    answer = alice.post("/many/new/", {**order, "file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    page = alice.get(answer["Location"]).content.decode()
    assert "1 of 2 rows needs attention" in page and "no such day: 2/30/1990" in page
    assert count() == 0, "nothing happens before it is submitted"
    wrong = rows(only())[1]
    htmx = {"HX-Request": "true"}
    part = save(alice, wrong, headers=htmx, date_of_birth="2/28/1990").content.decode()
    assert "Ready" in part and "2 rows ready" in part
    assert rows(only())[1].cells == ["Lee", "Al", "2/30/1990", "N-9"], "the file's text is kept"
    assert alice.post(f"/many/{only().pk}/submit/").status_code == 302
    assert "0 of 2 done" in alice.get(f"/many/{only().pk}/progress/").content.decode()
    work(only())
    page = alice.get(f"/many/{only().pk}/").content.decode()
    assert "2 people authorized" in page
    assert f'action="/downloads/lists/{only().pk}/"' in page


def test_an_example_can_be_sent_back_as_it_is(alice: Client, order: dict[str, Any]) -> None:
    for kind in ("csv", "xlsx"):
        example = alice.get(f"/many/example/authorize.{kind}").content
        assert read_file(example).headers[0] == "Employee number"
        file = SimpleUploadedFile(f"example.{kind}", example)
        answer = alice.post("/many/new/", {**order, "file": file})
        page = alice.get(answer["Location"]).content.decode()
        assert "2 rows ready" in page
    for other in ("authorize.pdf", "cancel.csv"):
        assert alice.get(f"/many/example/{other}").status_code == 404


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "submitted file is empty"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"Name,DOB\n", "only one row"),
        (b"a\n" + b"1\n" * 20_001, "more than 20,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_at_its_field(
    alice: Client, order: dict[str, Any], file: bytes, says: str
) -> None:
    answer = alice.post("/many/new/", {**order, "file": SimpleUploadedFile("x.csv", file)})
    assert answer.status_code == 422
    assert says in str(answer.context["form"].errors["file"])


def test_too_many_pasted_rows_are_refused_and_never_cut_off(
    alice: Client, order: dict[str, Any]
) -> None:
    answer = alice.post(
        "/many/new/", {**order, "pasted": "Name,DOB\n" + "Al Lee,1/2/1990\n" * 57_000}
    )
    assert answer.status_code == 422
    field = answer.context["form"]["pasted"]
    assert "choose that file" in field.errors[0] and "maxlength" not in str(field)
    file = SimpleUploadedFile("x.csv", b"Name,DOB\nAl Lee,1/2/1990")
    both = alice.post("/many/new/", {**order, "pasted": "Name,DOB\nBo Ray,1/2/1990", "file": file})
    assert "one of them at a time" in str(both.context["form"].errors["pasted"])


def test_pressing_twice_begins_one_list_and_another_file_another(
    alice: Client, order: dict[str, Any]
) -> None:
    page = alice.get("/many/new/").content.decode()
    (submission,) = re.findall(r'name="submission" value="([^"]+)"', page)
    typed = {**order, "submission": submission, "pasted": "Name,DOB\nAl Lee,1/2/1990"}
    first, again = (alice.post("/many/new/", typed) for _ in range(2))
    assert first.status_code == 302 and again["Location"] == first["Location"]
    only()
    other = alice.post("/many/new/", {**typed, "pasted": "Name,DOB\nBo Ray,1/2/1990"})
    assert other["Location"] != first["Location"], "Back, and a list put right"
    new = alice.post("/many/new/", {**typed, "submission": str(uuid4())})
    assert new["Location"] not in (first["Location"], other["Location"]), "tomorrow"


def test_an_order_that_lacks_something_says_so_before_the_rows(
    alice: Client, order: dict[str, Any]
) -> None:
    answer = alice.post("/many/new/", {**order, "services": [], "pasted": "Name\nx"})
    assert answer.status_code == 422 and "services" in answer.context["form"].errors


def test_columns_nobody_knows_are_matched_by_hand(
    alice: Client, order: dict[str, Any], cast: Cast
) -> None:
    pasted = "Who\tWhen\nGarcia, Maria\t17.04.1988\nLee, Al\t1/2/1990"
    answer = alice.post("/many/new/", {**order, "pasted": pasted})
    batch = only()
    assert batch.state == BatchState.DRAFT
    assert "Check all rows with these columns" in alice.get(answer["Location"]).content.decode()
    url = f"/many/{batch.pk}/columns/"
    half = alice.post(url, {"column-0": "name"})
    assert half.status_code == 422 and "date of birth" in half.content.decode()
    twice = alice.post(url, {"column-0": "name", "column-1": "name"})
    assert twice.status_code == 422 and "holds this already" in twice.content.decode()
    assert alice.post(url, {"column-0": "name", "column-1": "date_of_birth"}).status_code == 302
    first, second = rows(batch)
    assert (first.state, first.employee_id) == (RowState.GOOD, cast.maria.pk)
    assert second.employee_id is None and second.state == RowState.GOOD


def test_columns_that_are_guessed_or_not_used_are_said(alice: Client, cast: Cast) -> None:
    batch = begin(cast, "Last nmae,First name,DOB,Shoe size\nLee,Al,1/2/1990,9")
    page = alice.get(f"/many/{batch.pk}/").content.decode()
    assert "“Last nmae” is read as Last name." in page
    assert "Columns not used: Shoe size." in page


@pytest.mark.parametrize("at_once", [True, False])
def test_each_person_is_sent_their_pass_once(alice: Client, cast: Cast, *, at_once: bool) -> None:
    head = "Last name,First name,DOB,Worksite,Email"
    al, bo = "Lee,Al,1/2/1990,Plant 4,al@home.example", "Lee,Bo,1/2/1990,Plant 4,"
    batch = begin(cast, sheet(al, bo, head=head))
    url = f"/many/{batch.pk}/"
    alice.post(f"{url}passes/")  # too early
    alice.post(f"{url}submit/", {"send_passes": "on"} if at_once else {})
    work(batch)
    if not at_once:
        assert not queued(SEND_PASS_JOB) and "Send 2 passes" in alice.get(url).content.decode()
    alice.post(f"{url}passes/")
    alice.post(f"{url}passes/")
    page = alice.get(url).content.decode()
    assert "<strong>1 has neither:</strong>" in page and "no pass was sent" in page
    made = [str(row.made_id) for row in rows(batch)]
    jobs_of_passes = queued(SEND_PASS_JOB)
    assert [job.args["authorization_id"] for job in jobs_of_passes] == made
    for _ in range(2):  # the worker died before it could note that it was done
        for job in (*jobs_of_passes, *queued("passes.deliver")):
            run(job)
    assert [mail.to for mail in outbox()] == [["al@home.example"]]


def test_a_dot_test_needs_each_employees_own_number(cast: Cast) -> None:

    test = DotTest(agency="fmcsa", der_name="Dee", der_phone="214-555-0100")
    with scope.acting_as(scope.OPERATOR):
        cast.audiogram.dot_test = "alcohol"
        cast.audiogram.save()
    batch = begin(
        cast,
        sheet(",Lee,Al,1/2/1990,", "123-45-6789,Lee,Bo,1/2/1990,", "77,Lee,Cy,1/2/1990,"),
        services=[cast.audiogram],
        dot=test,
    )
    said = [row.problems for row in rows(batch)]
    assert "needs the employee's ID number" in said[0][0][1]
    assert "social security number" in said[1][0][1] and said[2] == []


def test_dates_the_column_explains_and_dates_it_does_not(cast: Cast) -> None:
    told = begin(cast, sheet(",Lee,Al,03/04/1990,", ",Lee,Bo,25/04/1990,"))
    assert rows(told)[0].notes == []
    open_ = begin(cast, sheet(",Lee,Cy,03/04/1990,"))
    assert rows(open_)[0].notes == ["Read as March 4, 1990 (month first)."]
    impossible = begin(cast, sheet(",Lee,Di,12/31/2099,"))
    assert rows(impossible)[0].problems[0][0] == "date_of_birth"


def test_a_service_that_is_not_offered_any_more_is_not_ordered(alice: Client, cast: Cast) -> None:
    batch = begin(cast, sheet(*drivers(1)))
    with scope.acting_as(scope.OPERATOR):
        cast.dallas.services.remove(cast.dot_physical)
    answer = alice.post(f"/many/{batch.pk}/submit/", follow=True).content.decode()
    assert "Not offered any more at Dallas Medical Center: DOT physical." in answer
    assert only().state == BatchState.CHECKED


def test_submitting_while_someone_else_corrects_a_row_changes_nothing_after(
    cast: Cast, alice: Client
) -> None:
    batch = begin(cast, sheet(*drivers(2)))
    row = rows(batch)[0]
    alice.post(f"/many/{batch.pk}/submit/")
    save(alice, row, last_name="Changed")
    work(batch)
    with scope.acting_as(scope.OPERATOR):
        assert not Employee.objects.filter(last_name="Changed").exists()


def test_of_two_who_edit_one_row_the_later_undoes_nothing_and_is_told(
    cast: Cast, alice: Client, victor: Client
) -> None:
    batch = begin(cast, sheet(",Lee,Al,2/30/1990,"), by=cast.victor)
    (row,) = rows(batch)
    page = alice.get(f"/many/{batch.pk}/").content.decode()
    (seen,) = set(re.findall(r'name="seen" value="(\w+)"', page))
    save(victor, row, date_of_birth="2/28/1990", last_name="Leigh")
    mine = {"seen": seen, "date_of_birth": "2/27/1990", "last_name": "Lee"}
    late = alice.post(f"/many/rows/{row.pk}/", mine, headers={"HX-Request": "true"})
    assert "Not saved: someone changed this row" in late.content.decode()
    told = alice.post(f"/many/rows/{row.pk}/", mine, follow=True).content.decode()
    assert "Row 2: Not saved" in told, "without scripts, too"
    assert rows(batch)[0].fixes == {"date_of_birth": "2/28/1990", "last_name": "Leigh"}


def test_an_admin_sees_a_colleagues_list_but_does_not_act_in_their_name(
    cast: Cast, alice: Client, victor: Client
) -> None:
    victors = begin(cast, sheet(*drivers(1)), by=cast.victor)
    alices = begin(cast, sheet(*drivers(1, start=5)))
    assert alice.get(f"/many/{victors.pk}/").status_code == 200
    alice.post(f"/many/{victors.pk}/submit/")
    assert rows(victors)[0].state == RowState.GOOD
    with scope.acting_as(scope.OPERATOR):
        victors.refresh_from_db()
    assert victors.state == BatchState.CHECKED
    assert victor.get(f"/many/{alices.pk}/").status_code == 404
    listed = victor.get("/many/").content.decode()
    assert str(victors.pk) in listed and str(alices.pk) not in listed


def test_the_page_of_a_list_costs_the_same_however_long_it_is(
    cast: Cast, alice: Client, django_assert_max_num_queries: Any
) -> None:
    batch = begin(cast, sheet(*[row.replace("/19", "/20") for row in drivers(120)]))
    with django_assert_max_num_queries(22):
        alice.get(f"/many/{batch.pk}/")


def test_what_was_left_out_can_be_gone_on_with(cast: Cast, alice: Client) -> None:
    batch = begin(cast, sheet(*drivers(2), ",Lee,Al,2/30/1990,"))
    alice.post(f"/many/{batch.pk}/go-on/")
    assert only().pk == batch.pk, "not before it is over"
    alice.post(f"/many/{batch.pk}/submit/")
    work(batch)
    assert "Continue with the 1 not done" in alice.get(f"/many/{batch.pk}/").content.decode()
    rest = alice.post(f"/many/{batch.pk}/go-on/")["Location"]
    assert alice.post(f"/many/{batch.pk}/go-on/")["Location"] == rest, "pressed twice"
    assert "no such day" in alice.get(rest).content.decode()
    with scope.acting_as(scope.OPERATOR):
        (row,) = BatchRow.objects.select_related("batch").filter(batch__in=[rest.split("/")[2]])
    save(alice, row, date_of_birth="2/28/1990")
    alice.post(f"{rest}submit/")
    work(row.batch)
    assert count() == 3


def test_lists_are_forgotten_after_a_while_and_what_they_made_is_not(
    cast: Cast, alice: Client
) -> None:
    batch = begin(cast, sheet(*drivers(1)))
    alice.post(f"/many/{batch.pk}/submit/")
    work(batch)
    jobs.tidy(timestamp=0)
    assert only().pk == batch.pk
    with scope.acting_as(scope.OPERATOR):
        AuthorizationBatch.objects.update(created_at=clock.now() - timedelta(days=91))
    jobs.tidy(timestamp=0)
    with scope.acting_as(scope.OPERATOR):
        assert not BatchRow.objects.exists() and Authorization.objects.count() == 1


# Extending, cancelling what was selected


def authorized(cast: Cast, size: int) -> list[Authorization]:

    with scope.acting_as(scope.employer(cast.northwind.pk)):
        ids = authorize_many([cast.order() for _ in range(size)], by=cast.alice.viewer)
        return list(Authorization.objects.filter(pk__in=ids).order_by("id"))


def test_many_are_extended_and_what_cannot_be_says_why(alice: Client, cast: Cast) -> None:

    some = authorized(cast, 3)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        cancel(some[0], by=cast.alice.viewer)
    ids = [str(one.pk) for one in some] + ["nonsense", str(cast.maria.pk)]
    answer = alice.post("/many/extend/", {"ids": ids})
    batch = only()
    assert [row.subject_id for row in rows(batch)] == [one.pk for one in some]
    assert [row.state for row in rows(batch)] == ["wrong", "good", "good"], "by the usual days"
    until = clock.today() + timedelta(days=60)
    alice.post(f"/many/{batch.pk}/order/", {"until": f"{until}"})
    assert [row.state for row in rows(batch)] == ["wrong", "good", "good"]
    assert "cancelled" in alice.get(answer["Location"]).content.decode()
    until += timedelta(days=1)
    asked = alice.post(f"/many/{batch.pk}/submit/", {"until": f"{until}"}, follow=True)
    assert "checked with the new date" in asked.content.decode()
    assert only().state == BatchState.CHECKED, "another day than was checked is looked at first"
    assert alice.post(f"/many/{batch.pk}/submit/", {"until": "never"}).status_code == 422
    alice.post(f"/many/{batch.pk}/submit/", {"until": f"{until}"})
    work(batch)
    assert [row.state for row in rows(batch)] == ["left_out", "made", "made"]
    with scope.acting_as(scope.OPERATOR):
        assert {one.expires for one in Authorization.objects.exclude(pk=some[0].pk)} == {until}


def test_many_are_cancelled(alice: Client, cast: Cast) -> None:
    some = authorized(cast, 2)
    alice.post("/many/cancel/", {"ids": [str(one.pk) for one in some]})
    batch = only()
    assert alice.post(f"/many/{batch.pk}/columns/").status_code == 404, "of a file alone"
    page = alice.get(f"/many/{batch.pk}/").content.decode()
    assert "Cancel 2 authorizations" in page and "cannot be undone" in page
    assert alice.post(f"/many/{batch.pk}/submit/", {"reason": "x" * 301}).status_code == 422
    assert only().state == BatchState.CHECKED, "nothing is cancelled for no reason"
    alice.post(f"/many/{batch.pk}/submit/", {"reason": "No longer hired"})
    work(batch)
    with scope.acting_as(scope.OPERATOR):
        assert {one.state for one in Authorization.objects.all()} == {"cancelled"}


def test_what_another_may_not_see_is_passed_over_like_what_is_missing(
    victor: Client, cast: Cast
) -> None:
    some = authorized(cast, 1)
    for path in ("extend", "cancel"):
        answer = victor.post(f"/many/{path}/", {"ids": [str(some[0].pk)]})
        assert answer.status_code == 302 and answer["Location"] == "/authorizations/"
    with scope.acting_as(scope.OPERATOR):
        assert not AuthorizationBatch.objects.exists()


def test_ten_thousand_may_be_selected(alice: Client, cast: Cast) -> None:
    ids = [str(one.pk) for one in authorized(cast, 2)]
    filler = [f"00000000-0000-0000-0000-{n:012}" for n in range(9_998)]
    assert alice.post("/many/extend/", {"ids": filler + ids}).status_code == 302
    assert len(rows(only())) == 2


def test_who_is_no_admin_user_any_more_sees_no_others_in_their_old_lists(
    alice: Client, cast: Cast
) -> None:
    some = authorized(cast, 2)
    for what in ("extend", "cancel"):
        alice.post(f"/many/{what}/", {"ids": [str(one.pk) for one in some]})
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=some[0].pk).update(created_by=cast.victor.user.pk)
        lists = list(AuthorizationBatch.objects.all())
        BatchRow.objects.filter(batch=lists[1]).update(state=RowState.LEFT_OUT)
        PortalAccess.objects.filter(user=cast.alice.user).update(role=Role.VIEW_ONLY)
    for one, show in itertools.product(lists, RowState):
        page = alice.get(f"/many/{one.pk}/?show={show}").content.decode()
        assert some[0].number not in page and str(some[0].pk) not in page
        listed = {row.state for row in rows(one)} == {show}
        assert (some[1].number in page, "No longer yours to see" in page) == (listed, listed)
        assert page.count("Maria Garcia") <= 1


# A roster


def test_a_roster_adds_the_new_and_updates_the_known(alice: Client, cast: Cast) -> None:
    text = (
        "Employee number,Last name,First name,DOB,Worksite,Job title,Hire date,DOT driver,"
        "Language\n"
        "N-1,Garcia,Maria,4/17/1988,,Fitter,01/02/2024,yes,Spanish\n"
        "N-50,Lee,Al,1/2/1990,Plant 4,,,,\n"
        "N-51,Lee,Bo,1/2/1990,Plant 4,,someday,perhaps,Klingon\n"
    )
    answer = alice.post("/many/employees/", {"pasted": text})
    assert answer.status_code == 302
    batch = only()
    known, new, wrong = rows(batch)
    assert known.notes == ["Changes: job title, hire date, DOT driver, language."]
    assert new.notes == ["New on the list."]
    assert [field for field, _ in wrong.problems] == ["hire_date", "is_dot_driver", "language"]
    alice.post(f"/many/{batch.pk}/submit/")
    work(batch)
    with scope.acting_as(scope.OPERATOR):
        cast.maria.refresh_from_db()
        assert (cast.maria.job_title, cast.maria.language) == ("Fitter", "es")
        assert cast.maria.is_dot_driver and str(cast.maria.hire_date) == "2024-01-02"
        assert Employee.objects.get(employee_number="N-50").last_name == "Lee"
        assert Employee.objects.filter(employer=cast.northwind).count() == 3
    assert batch.what == What.ROSTER and [row.state for row in rows(batch)][2] == "left_out"


def test_a_roster_of_someone_twice_is_not_guessed_at(cast: Cast) -> None:
    batch = begin(cast, sheet("N-1,,,,Plant 4", "N-1,Garcia,Maria,,"), what=What.ROSTER)
    assert [row.problems[-1][0] for row in rows(batch)] == ["twin", "twin"]


def test_importing_a_roster_is_an_admins(victor: Client) -> None:
    assert victor.get("/many/employees/").status_code == 403


def test_who_is_no_admin_user_any_more_imports_nothing(alice: Client, cast: Cast) -> None:
    text = "Employee number,Last name,First name,DOB,Worksite\nN-50,Lee,Al,1/2/1990,Plant 4"
    alice.post("/many/employees/", {"pasted": text})
    batch = only()
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(role=Role.VIEW_ONLY)
    for change in ("submit", "go-on"):
        assert alice.post(f"/many/{batch.pk}/{change}/").status_code == 403, change
    assert only().state == BatchState.CHECKED
    with scope.acting_as(scope.OPERATOR):
        assert actions.submit(batch, by=cast.alice.viewer)  # just before
    work(batch)
    assert only().state == BatchState.CANCELLED and rows(batch)[0].state == RowState.GOOD


def test_discarding_a_list_keeps_it_from_being_submitted(alice: Client, cast: Cast) -> None:
    batch = begin(cast, sheet(*drivers(1)))
    alice.post(f"/many/{batch.pk}/stop/")
    alice.post(f"/many/{batch.pk}/submit/")
    work(batch)
    assert count() == 0 and actions.QUEUE == "bulk"
