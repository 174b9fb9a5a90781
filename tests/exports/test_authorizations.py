"""Authorizations as one file: drawn anew, checked anew, on record one by one."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.test import Client

from clearwork.authorizations.many import authorize_many
from clearwork.authorizations.models import Authorization
from clearwork.bulk.models import AuthorizationBatch, BatchRow
from clearwork.database import scope
from clearwork.exports import making, queries
from clearwork.exports.authorizations import Authorizations
from clearwork.exports.rules import ExportState, Of, What
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exports.files import bookmarks, content, latest, noted

NEW = "/downloads/authorizations/"


def authorized(cast: Cast, count: int, by: Person | None = None) -> list[Authorization]:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        orders = [cast.order() for _ in range(count)]
        ids = authorize_many(orders, by=(by or cast.alice).viewer)
        found = Authorization.objects.select_related("employee").in_bulk(ids)
    return [found[pk] for pk in ids]


def ask(client: Client, rows: list[Authorization], form: str = "pdf") -> Any:
    return client.post(NEW, {"ids": [str(row.pk) for row in rows], "form": form})


def test_three_selected_are_one_pdf_and_one_event_each(cast: Cast, sign_in: SignIn) -> None:
    rows = authorized(cast, 3)
    pdf = content(answer := ask(sign_in(cast.alice), rows))
    assert "authorizations-" in answer["Content-Disposition"]
    marks = bookmarks(pdf)
    assert [page for _, page in marks] == [2, 3, 4]
    for row, (words, _) in zip(rows, marks, strict=True):
        assert words.startswith(f"Garcia, Maria · {row.number} ")
    assert sorted(noted("authorization:downloaded"), key=str) == sorted(
        (row.pk for row in rows), key=str
    )
    assert noted("report:downloaded") == []


def test_a_zip_has_a_page_for_each_and_says_where_it_stands(cast: Cast, sign_in: SignIn) -> None:
    rows = authorized(cast, 2)
    with zipfile.ZipFile(io.BytesIO(content(ask(sign_in(cast.alice), rows, "zip")))) as archive:
        index = list(csv.DictReader(archive.read("index.csv").decode("utf-8-sig").splitlines()))
        assert [row["Authorization"] for row in index] == [row.number for row in rows]
        assert {row["Status"] for row in index} == {"Submitted"}
        assert all(row.number in name for row, name in zip(rows, archive.namelist(), strict=False))
        for name in archive.namelist()[:2]:
            with pikepdf.open(io.BytesIO(archive.read(name))) as one:
                assert len(one.pages) == 1


def test_many_are_made_in_the_background_page_after_page(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that the list's filters find; by a process that draws them, some at a time."""
    rows = authorized(cast, 60)
    monkeypatch.setattr(Authorizations, "at_a_time", 20)
    client = sign_in(cast.alice)
    place = client.post(NEW, {"found": "pdf", "query": "q=garcia"})["Location"]
    asked = latest()
    assert asked.what == What.FOUND and asked.of == Of.AUTHORIZATIONS and asked.total == 60
    assert "0 of 60 authorizations" in client.get(place).content.decode()
    making.make(asked.employer_id, asked.pk, tell=True)
    assert "Your file is ready" in client.get(place).content.decode()
    marks = bookmarks(content(client.get(f"{place}file/")))
    assert {words.split()[3] for words, _ in marks} == {row.number for row in rows}
    assert [at for _, at in marks] == list(range(marks[0][1], marks[0][1] + 60))
    assert set(noted("authorization:downloaded")) == {row.pk for row in rows}


def test_a_page_that_runs_over_moves_no_bookmark(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = authorized(cast, 2)
    whole = {True: 2, False: 1}
    monkeypatch.setattr(
        "clearwork.exports.authorizations.document.render_each",
        lambda groups: [_blank(whole[rows[0] in group] + len(group) - 1) for group in groups],
    )
    marks = bookmarks(content(ask(sign_in(cast.alice), rows)))
    assert [page for _, page in marks] == [2, 4]


def _blank(pages: int) -> bytes:
    output = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(output)
    return output.getvalue()


def test_a_view_only_user_downloads_their_own_alone(cast: Cast, sign_in: SignIn) -> None:
    """Without any grant of results, and nothing of it once it is not theirs any more."""
    (own,), (other,) = authorized(cast, 1, cast.victor), authorized(cast, 1)
    victor = sign_in(cast.victor)
    page = victor.get(ask(victor, [own, other])["Location"]).content.decode()
    assert "1 of the authorizations you selected is not available" in page
    made = latest()
    assert made.included == [own.pk] and made.state == ExportState.READY
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=own.pk).update(created_by=cast.alice.user)
    assert victor.get(f"/downloads/{made.pk}/file/").status_code == 409
    assert noted("authorization:downloaded") == []


def test_a_list_is_downloaded_whole_in_its_order(cast: Cast, sign_in: SignIn) -> None:
    rows = authorized(cast, 3)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        batch = AuthorizationBatch.objects.create(
            employer=cast.northwind, what="authorize", state="done", created_by=cast.alice.user
        )
        states = ("made", "left_out", "made")
        for line, (row, state) in enumerate(zip(reversed(rows), states, strict=True)):
            BatchRow.objects.create(
                employer=cast.northwind, batch=batch, line=line, state=state, made=row
            )
    address = f"/downloads/lists/{batch.pk}/"
    content(sign_in(cast.alice).post(address, {"form": "zip"}))
    assert latest().included == [rows[2].pk, rows[0].pk] and latest().what == What.LIST
    for other in (cast.bob, cast.victor):
        assert sign_in(other).post(address).status_code == 404
    assert sign_in(cast.alice).post(f"/downloads/lists/{uuid4()}/").status_code == 404


def test_the_queries_name_the_employer(cast: Cast) -> None:
    """As the operator, for whom the database would let everything through."""
    (row,) = authorized(cast, 1)
    with scope.acting_as(scope.OPERATOR):
        ids = [str(row.pk)]
        assert queries.selected(cast.alice.viewer, ids, Of.AUTHORIZATIONS).papers == [row.pk]
        for other in (cast.bob, cast.victor):
            assert queries.selected(other.viewer, ids, Of.AUTHORIZATIONS).unavailable == 1
            assert not Authorizations().papers(other.viewer, [row.pk])
