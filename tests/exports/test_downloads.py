"""Many reports as one file: what is in it, what is not, and what stays on record."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.exports import actions, jobs, making, messages, queries, rules
from clearwork.exports.models import Export, ExportPart
from clearwork.exports.rules import ExportState, Form, What
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.people.models import Employee
from clearwork.results.models import Report
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exchange import wire
from tests.exports.files import (
    NEW,
    VISITED,
    ask,
    bookmarks,
    cards,
    content,
    damage,
    latest,
    many,
    noted,
)
from tests.results.reports import report


def test_three_selected_are_one_pdf_with_three_bookmarks(cast: Cast, sign_in: SignIn) -> None:
    chosen = [*cards(cast, 2), *cards(cast, 1, employee=cast.wei)]
    before = [read_document(row.document) for row in chosen]
    pdf = content(answer := ask(sign_in(cast.alice), chosen))
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    assert int(answer["Content-Length"]) == len(pdf)
    assert "Garcia" not in answer["Content-Disposition"]
    marks = bookmarks(pdf)
    assert [words for words, _ in marks] == [
        "Garcia, Maria · MEC DOT card · Nov 2, 2026",
        "Garcia, Maria · MEC DOT card · Nov 2, 2026",
        "王, 小明 · MEC DOT card · Nov 2, 2026",
    ]
    assert [page for _, page in marks] == [2, 3, 4]
    assert [read_document(row.document) for row in chosen] == before
    assert set(noted("report:downloaded")) == {row.pk for row in chosen}
    assert noted("export:made") == noted("export:downloaded") == [latest().pk]


def test_the_contents_page_leads_to_each_report(cast: Cast, sign_in: SignIn) -> None:
    pdf = content(ask(sign_in(cast.alice), cards(cast, 2)))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = [page.obj.objgen for page in opened.pages]
        notes = list(opened.pages[0].obj.Annots)
        assert [pages.index(note.Dest[0].objgen) for note in notes] == [1, 2]
        assert all("/A" not in note for note in notes), "nothing leads out of the file"
        assert opened.Root.PageMode == pikepdf.Name.UseOutlines
        streams = [page.Contents.read_raw_bytes() for page in list(opened.pages)[1:]]
    with pikepdf.open(io.BytesIO(wire.pdf())) as original:
        assert set(streams) == {original.pages[0].Contents.read_raw_bytes()}, "as they were"


def test_a_zip_holds_the_very_bytes_under_readable_names(cast: Cast, sign_in: SignIn) -> None:
    chosen = [*cards(cast, 2), *cards(cast, 1, employee=cast.wei)]
    with zipfile.ZipFile(io.BytesIO(content(ask(sign_in(cast.alice), chosen, "zip")))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "Garcia-Maria_MEC-DOT-card_2026-11-02.pdf",
            "Garcia-Maria_MEC-DOT-card_2026-11-02_2.pdf",
            "王-小明_MEC-DOT-card_2026-11-02.pdf",
            "index.csv",
            "index.html",
        ]
        assert archive.read(archive.namelist()[0]) == read_document(chosen[0].document)
        rows = list(csv.DictReader(archive.read("index.csv").decode("utf-8-sig").splitlines()))
        assert [row["File"] for row in rows] == archive.namelist()[:3]
        assert b'href="Garcia-Maria_MEC-DOT-card_2026-11-02.pdf"' in archive.read("index.html")


def test_nothing_in_an_index_is_a_formula_and_no_name_is_a_path(
    cast: Cast, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(last_name="=cmd|'/C calc'!A1")
    row = report(cast.maria, cast.dallas, title="../../etc/passwd <b>", visited=VISITED)
    with zipfile.ZipFile(io.BytesIO(content(ask(sign_in(cast.alice), [row], "zip")))) as archive:
        name = archive.namelist()[0]
        assert name == "cmd-C-calc-A1-Maria_etc-passwd-b_2026-11-02.pdf"
        (index,) = csv.DictReader(archive.read("index.csv").decode("utf-8-sig").splitlines())
        assert index["Employee"].startswith("'=")
        assert b"<b>" not in archive.read("index.html")


def test_what_cannot_be_delivered_is_left_out_and_said(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    sound, missing, damaged, linked = cards(cast, 4)
    damage(missing, b"")
    damage(damaged, b"%PDF-1.7\nnot one page of it")
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=linked.pk).update(link="https://lab.example/1", document="")
    page = client.get(ask(client, [sound, missing, damaged, linked])["Location"])
    made = latest()
    assert made.included == [sound.pk] and made.state == ExportState.READY
    assert dict(made.left_out) == {
        str(missing.pk): "unreadable",
        str(damaged.pk): "damaged",
        str(linked.pk): "link",
    }
    for reason in ("cannot be read", "is damaged", "by its link"):
        assert reason in page.content.decode()
    assert noted("report:unreadable") == [missing.pk]
    pdf = content(client.get(f"/downloads/{made.pk}/file/"))
    assert len(bookmarks(pdf)) == 1
    assert noted("report:downloaded") == [sound.pk]


def test_a_damaged_pdf_is_delivered_in_a_zip_as_it_is(cast: Cast, sign_in: SignIn) -> None:
    (row,) = cards(cast, 1)
    damage(row, b"%PDF-1.7\nnot one page of it")
    with zipfile.ZipFile(io.BytesIO(content(ask(sign_in(cast.alice), [row], "zip")))) as archive:
        assert archive.read(archive.namelist()[0]) == b"%PDF-1.7\nnot one page of it"


def test_nothing_but_damage_is_no_file(cast: Cast, sign_in: SignIn) -> None:
    client, (row,) = sign_in(cast.alice), cards(cast, 1)
    damage(row, b"%PDF-1.7\nnot one page of it")
    page = client.get(ask(client, [row])["Location"])
    assert "None of the reports could be put into the file" in page.content.decode()
    assert client.get(f"/downloads/{latest().pk}/file/").status_code == 404


def test_another_employers_id_is_like_a_missing_one(cast: Cast, sign_in: SignIn) -> None:
    client, (own,) = sign_in(cast.alice), cards(cast, 1)
    (theirs,) = cards(cast, 1, employee=cast.other_maria)
    for more in (str(theirs.pk), "01930000-0000-7000-8000-000000000000", "no id"):
        answer = client.post(NEW, {"ids": [str(own.pk), more], "form": "pdf"})
        page = client.get(answer["Location"]).content.decode()
        assert "1 of the reports you selected is not available" in page
        assert latest().chosen == [own.pk] and latest().unavailable == 1


@pytest.mark.parametrize("ids", [[], ["no id"], ["01930000-0000-7000-8000-000000000000"]])
def test_nothing_selected_leads_back_with_a_word(
    cast: Cast, sign_in: SignIn, ids: list[str]
) -> None:
    answer = sign_in(cast.alice).post(NEW, {"ids": ids, "form": "zip"}, follow=True)
    assert "Select at least one of the reports" in answer.content.decode()
    with scope.acting_as(scope.OPERATOR):
        assert not Export.objects.exists()


def test_all_that_is_found_is_what_the_search_shows(cast: Cast, sign_in: SignIn) -> None:
    """Also what is on its further pages, and nothing of another filter."""
    many(cast, 30)
    cards(cast, 2, employee=cast.wei)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        sign_in(cast.alice).post(NEW, {"found": "zip", "query": "name=garcia"})
    asked = latest()
    assert asked.what == What.FOUND and asked.form == Form.ZIP and asked.total == 30
    assert asked.state == ExportState.QUEUED, "more than are made at once"


@pytest.mark.parametrize("of", ["new", "authorizations"])
def test_a_filter_that_is_gone_does_not_let_everything_out(
    of: str, cast: Cast, sign_in: SignIn
) -> None:
    """Such as a worksite that was closed, or is not granted any more, since one looked."""
    cards(cast, 2)
    asked = {"found": "zip", "query": f"worksite={uuid7()}"}
    answer = sign_in(cast.alice).post(f"/downloads/{of}/", asked, follow=True)
    assert "Look at the list again first" in answer.content.decode()
    with scope.acting_as(scope.OPERATOR):
        assert not Export.objects.exists()


def test_too_many_are_refused_before_anything_is_begun(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules.problem_with(Form.ZIP, 10_000, 1 << 40) == ""
    assert "10,000" in rules.problem_with(Form.ZIP, 10_001, 1)
    assert "one PDF" in rules.problem_with(Form.PDF, 2_001, 1)
    assert "one PDF" in rules.problem_with(Form.PDF, 2, 1 << 30)
    monkeypatch.setattr(rules, "MOST_IN_ONE_PDF", 1)
    answer = ask(sign_in(cast.alice), cards(cast, 2))
    assert answer["Location"] == "/results/"
    with scope.acting_as(scope.OPERATOR):
        assert not Export.objects.exists()


def test_in_the_background_one_watches_it_grow_and_is_told(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    place = ask(client, many(cast, 30))["Location"]
    asked = latest()
    assert "0 of 30 reports" in client.get(place).content.decode()
    assert "HX-Refresh" not in client.get(f"{place}progress/")
    making.make(asked.employer_id, asked.pk, tell=True)
    assert client.get(f"{place}progress/")["HX-Refresh"] == "true"
    assert "Your file is ready" in client.get(place).content.decode()
    assert len(bookmarks(content(client.get(f"{place}file/")))) == 30
    told = mail_of(latest(), cast)
    assert told.to == cast.alice.user.email and place == told.link_path
    assert "Garcia" not in str(told) and "DOT" not in str(told)
    assert mail.outbox == []


def test_other_pages_say_when_it_is_ready_until_one_looked(
    cast: Cast, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    """And who waits for none pays nothing for it."""
    client = sign_in(cast.alice)
    client.get("/help/")
    with CaptureQueriesContext(connection) as before:
        client.get("/help/")
    usual = len(before)
    place = ask(client, many(cast, 30))["Location"]
    assert "is ready" not in client.get("/help/").content.decode()
    making.make(latest().employer_id, latest().pk, tell=True)
    with django_assert_num_queries(usual + 1):
        page = client.get("/help/").content.decode()
    assert "Your PDF of reports is ready." in page and f'href="{place}"' in page
    assert "is ready." not in sign_in(cast.alice).get("/help/").content.decode(), "asked elsewhere"
    client.get(place)
    with django_assert_num_queries(usual):
        assert "Your PDF of reports" not in client.get("/help/").content.decode()


def mail_of(export: Export, cast: Cast) -> Any:
    with scope.acting_as(scope.employer(export.employer_id)):
        found = messages.ready(export, making.viewer_who_made(export))
    assert found
    return found


def test_stopping_keeps_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    place = ask(client, many(cast, 30))["Location"]
    assert "was stopped" in client.post(f"{place}stop/", follow=True).content.decode()
    asked = latest()
    making.make(asked.employer_id, asked.pk, tell=True)
    assert latest().state == ExportState.CANCELLED
    assert client.get(f"{place}file/").status_code == 404


def test_a_worker_that_was_taken_for_dead_writes_no_further(cast: Cast, sign_in: SignIn) -> None:
    """Two workers on one export: the first one's next part is refused."""
    ask(sign_in(cast.alice), many(cast, 30))
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        first = actions.take_up(latest())
        assert first and actions.take_up(latest())
        with pytest.raises(actions.Stopped):
            actions.add_parts(first, 0, ["nowhere"])


def test_only_so_many_are_made_at_a_time(cast: Cast, sign_in: SignIn) -> None:
    client, rows = sign_in(cast.alice), many(cast, 30)
    for _ in range(rules.MOST_AT_A_TIME):
        assert ask(client, rows)["Location"].startswith("/downloads/")
    answer = client.post(NEW, {"ids": [rows[0].pk]}, follow=True)
    assert "still being made" in answer.content.decode()


def test_a_file_dies_after_a_day(cast: Cast, sign_in: SignIn) -> None:
    client, rows = sign_in(cast.alice), cards(cast, 1)
    ask(client, rows)
    made = latest()
    with scope.acting_as(scope.OPERATOR):
        (part,) = ExportPart.objects.values_list("document", flat=True)
        Export.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert read_document(part)
    assert client.get(f"/downloads/{made.pk}/file/").status_code == 404, "before it is swept"
    jobs.sweep(0)
    assert latest().state == ExportState.EXPIRED
    with pytest.raises(FileNotFoundError):
        read_document(part)
    assert "has expired" in client.get(f"/downloads/{made.pk}/").content.decode()


def test_a_file_asked_for_anew_outlives_the_sweep_that_found_the_old_one(
    cast: Cast, sign_in: SignIn
) -> None:
    ask(sign_in(cast.alice), cards(cast, 1))
    found = latest()
    found.expires_at = clock.now() - timedelta(seconds=1)  # as the sweep read it
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert actions.remake(found, by=cast.alice.viewer)
        actions.expire(found)
    assert latest().state == ExportState.QUEUED


def test_a_file_outlives_a_new_one_that_was_not_begun(cast: Cast, sign_in: SignIn) -> None:
    ask(sign_in(cast.alice), cards(cast, 1))
    made = latest()
    with scope.acting_as(scope.employer(cast.northwind.pk)), transaction.atomic():
        assert actions.remake(made, by=cast.alice.viewer)
        transaction.set_rollback(True)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert latest().state == ExportState.READY
        old = queries.part_names(made)
        assert all(map(read_document, old))
        assert actions.remake(made, by=cast.alice.viewer) and actions.take_up(made)
        assert old and queries.part_names(made) == []
    with pytest.raises(FileNotFoundError):
        read_document(old[0])


def test_a_file_s_name_has_the_day_of_the_network() -> None:
    late = datetime(2026, 11, 24, 0, 17, tzinfo=UTC)
    made = Export(of="reports", form="zip", created_at=late, included=[])
    assert made.file_name == "reports-2026-11-23-0.zip"


def test_the_list_shows_ones_own_and_asks_the_database_little(
    cast: Cast, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client, rows = sign_in(cast.alice), cards(cast, 1)
    for _ in range(4):
        ask(client, rows)
    with django_assert_max_num_queries(12):
        page = client.get("/downloads/")
    assert page.content.decode().count("Combined PDF") == 4
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert queries.exports(cast.victor.viewer).count() == 0
