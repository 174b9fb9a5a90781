"""Whose a download is, and what becomes of it when its maker's rights shrink."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from django.test import Client

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.documents.storage import read_document
from clearwork.exports import actions, jobs, making, queries
from clearwork.exports.models import Export, ExportPart
from clearwork.exports.reports import Reports
from clearwork.exports.rules import ExportState
from clearwork.results.models import Report
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.exports.files import ask, bookmarks, cards, content, latest, many, noted
from tests.results.reports import report


def grant(person: Person, **facts: bool) -> None:
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=person.user).update(**facts)


def mixed(cast: Cast) -> list[Report]:
    """One of an injury, one not."""
    return [*cards(cast, 1), report(cast.maria, cast.dallas, kind="patient_referral")]


@pytest.fixture
def victor(cast: Cast, sign_in: SignIn) -> Client:
    grant(cast.victor, sees_injury=True, sees_non_injury=True)
    return sign_in(cast.victor)


def test_what_one_may_not_read_is_not_put_in(cast: Cast, sign_in: SignIn) -> None:
    grant(cast.victor, sees_non_injury=True)
    ask(sign_in(cast.victor), rows := mixed(cast))
    assert latest().included == [rows[0].pk] and latest().unavailable == 1


def test_who_lost_a_right_in_between_gets_nothing_of_the_old_file(
    cast: Cast, victor: Client
) -> None:
    rows = mixed(cast)
    content(ask(victor, rows))
    made = latest()
    grant(cast.victor, sees_injury=False)
    refused = victor.get(f"/downloads/{made.pk}/file/")
    assert refused.status_code == 409
    assert "1 of the 2 reports in this file is not available" in refused.content.decode()
    assert len(noted("export:downloaded")) == 1 and len(noted("report:downloaded")) == 2
    victor.post(f"/downloads/{made.pk}/again/")
    making.make(made.employer_id, made.pk, tell=True)
    assert latest().included == [rows[0].pk]
    assert len(bookmarks(content(victor.get(f"/downloads/{made.pk}/file/")))) == 1
    assert "Maria" not in victor.get(f"/downloads/{made.pk}/").content.decode(), "nor the name"


def test_nor_the_name_of_whom_it_left_out(cast: Cast, victor: Client) -> None:
    """A drug screen is a link: the file says whose, and that it is at the laboratory."""
    screened = report(cast.wei, cast.dallas, kind="drug_screen_result_link")
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=screened.pk).update(link="https://lab.example/1", document="")
    ask(victor, [*cards(cast, 1), screened], "zip")
    path = f"/downloads/{latest().pk}/file/"
    with zipfile.ZipFile(io.BytesIO(content(victor.get(path)))) as archive:
        assert cast.wei.last_name in archive.read("index.csv").decode()
    grant(cast.victor, sees_injury=False)
    refused = victor.get(path)
    assert refused.status_code == 409
    assert "1 of the 2 reports in this file is not available" in refused.content.decode()


def test_a_withdrawn_report_is_not_given_out_again(cast: Cast, victor: Client) -> None:
    rows = cards(cast, 2)
    content(ask(victor, rows))
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=rows[0].pk).update(withdrawn_at=rows[0].posted_at)
    assert victor.get(f"/downloads/{latest().pk}/file/").status_code == 409


def test_rights_lost_while_it_is_made_count_at_once(
    cast: Cast, victor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the second fifteen reports are asked for the grant is taken away."""
    rows = many(cast, 40)
    ask(victor, rows)
    monkeypatch.setattr(Reports, "at_a_time", 15)
    asked, real = latest(), actions.note_progress

    def losing(export: Export, done: int) -> None:
        real(export, done)
        grant(cast.victor, sees_non_injury=False)

    monkeypatch.setattr(actions, "note_progress", losing)
    making.make(asked.employer_id, asked.pk, tell=True)
    made = latest()
    assert made.included == [row.pk for row in rows[:30]]
    assert {reason for _, reason in made.left_out} == {"gone"} and len(made.left_out) == 10
    assert victor.get(f"/downloads/{made.pk}/file/").status_code == 409


def test_an_export_ends_with_its_makers_access(cast: Cast, victor: Client) -> None:
    ask(victor, many(cast, 40))
    asked = latest()
    grant(cast.victor, is_active=False)
    making.make(asked.employer_id, asked.pk, tell=True)
    assert latest().state == ExportState.EXPIRED
    with scope.acting_as(scope.OPERATOR):
        assert not ExportPart.objects.exists()


def test_access_to_another_employer_makes_no_file_here(cast: Cast, victor: Client) -> None:
    """As the operator, for whom the database would let everything through."""
    content(ask(victor, cards(cast, 1)))
    made = latest()
    with scope.acting_as(scope.OPERATOR):
        assert making.viewer_who_made(made)
        made.employer = cast.southport
        assert making.viewer_who_made(made) is None


def test_a_file_is_destroyed_with_its_makers_access(cast: Cast, victor: Client) -> None:
    content(ask(victor, cards(cast, 1)))
    with scope.acting_as(scope.OPERATOR):
        (part,) = ExportPart.objects.values_list("document", flat=True)
    grant(cast.victor, is_active=False)
    jobs.sweep(0)
    assert latest().state == ExportState.EXPIRED
    with pytest.raises(FileNotFoundError):
        read_document(part)


def test_nobody_else_finds_it_an_admin_included(
    cast: Cast, victor: Client, sign_in: SignIn
) -> None:
    content(ask(victor, cards(cast, 1)))
    made = latest()
    for other in (cast.alice, cast.bob):
        client = sign_in(other)
        for page in ("", "progress/", "file/"):
            assert client.get(f"/downloads/{made.pk}/{page}").status_code == 404
        for change in ("stop/", "again/"):
            assert client.post(f"/downloads/{made.pk}/{change}").status_code == 404
        assert "Combined PDF" not in client.get("/downloads/").content.decode()


def test_the_queries_name_the_employer_and_the_maker(cast: Cast, victor: Client) -> None:
    """As the operator, for whom the database would let everything through."""
    rows, theirs = mixed(cast), cards(cast, 1, employee=cast.other_maria)
    content(ask(victor, rows))
    with scope.acting_as(scope.OPERATOR):
        assert queries.exports(cast.victor.viewer).count() == 1
        for other in (cast.alice, cast.bob):
            assert not queries.exports(other.viewer).exists()
            assert not queries.living(other.viewer).exists()
        elsewhere = replace(cast.victor.viewer, employer_id=cast.southport.pk)
        assert not queries.exports(elsewhere).exists(), "one person, another employer"
        previewed = replace(cast.victor.viewer, seen_by="Alice Example")
        assert not queries.exports(previewed).exists()
        chosen = queries.selected(cast.alice.viewer, [str(row.pk) for row in (*rows, *theirs)])
        assert chosen.papers == [row.pk for row in rows] and chosen.unavailable == 1
        assert queries.refused(cast.bob.viewer, latest()) == 2
        assert not Reports().papers(cast.bob.viewer, [rows[0].pk])


def test_a_stopped_export_leaves_no_part_behind(cast: Cast, victor: Client) -> None:
    ask(victor, many(cast, 40))
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        taken = actions.take_up(latest())
        assert taken
        actions.add_parts(taken, 0, ["2026/11/00000000-0000-7000-8000-000000000000/0-1"])
        assert actions.stop(taken, by=cast.victor.viewer)
        assert not ExportPart.objects.exists()
