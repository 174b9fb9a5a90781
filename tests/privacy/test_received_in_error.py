"""Received in error: two presses, and nobody at the employer sees it any more."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from clearwork.access.decide import Grants, Viewer
from clearwork.accounts.models import PortalAccess, User
from clearwork.audit.actions import SYSTEM, Action
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.privacy.models import PrivacyIncident
from clearwork.results import dot_queries, messages, queries, removal
from clearwork.results.models import Report
from clearwork.results.queries import Criteria
from clearwork.results.rules import Shelf
from clearwork.roster import timeline
from clearwork.support import incidents
from clearwork.support import messages as support_messages
from clearwork.visits import queries as visits
from clearwork.visits.actions import note
from tests.cast import Cast, employee
from tests.conftest import SignIn
from tests.exports.files import ask, latest
from tests.messaging import postman
from tests.privacy.conftest import news, pressed, the_officer, work
from tests.results.reports import report


def paths(found: Report) -> list[str]:
    own = f"/results/{found.pk}/"
    return [own, f"{own}download.pdf", f"{own}received-in-error/", f"/help-with/report/{found.pk}/"]


def test_two_presses_remove_it_for_everyone_there(
    cast: Cast, sign_in: SignIn, wrong: Report
) -> None:
    alice = sign_in(cast.alice)
    press = f"/results/{wrong.pk}/received-in-error/"
    assert f'href="{press}"' in alice.get(f"/results/{wrong.pk}/").content.decode()
    sure = alice.get(press).content.decode()
    assert "Everyone at Northwind Freight loses sight of it at once" in sure
    answer = alice.post(press, {"words": "Not ours."}, follow=True)
    assert "removed from your company" in answer.content.decode()
    for path in paths(wrong):
        assert alice.get(path).status_code == HTTPStatus.NOT_FOUND, path
    assert wrong.title not in alice.get("/results/?all=1").content.decode()
    with scope.acting_as(scope.OPERATOR):
        incident = PrivacyIncident.objects.get()
    assert (incident.report_id, incident.words) == (wrong.pk, "Not ours.")
    assert incident.reported_by_id == cast.alice.user.pk


def test_pressing_it_twice_makes_one_incident(cast: Cast, wrong: Report) -> None:
    pressed(wrong, cast)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert removal.remove(wrong, words="", by=cast.alice.viewer) is None
    with scope.acting_as(scope.OPERATOR):
        assert PrivacyIncident.objects.count() == 1


def test_a_picture_of_an_open_page_is_gone_with_it(
    cast: Cast, sign_in: SignIn, wrong: Report
) -> None:
    alice = sign_in(cast.alice)
    view = alice.get(f"/results/{wrong.pk}/").context["view"]
    picture = f"/results/{wrong.pk}/pages/1.png?view={view}"
    assert alice.get(picture).status_code == HTTPStatus.OK
    pressed(wrong, cast)
    assert alice.get(picture).status_code == HTTPStatus.NOT_FOUND


def seen(viewer: Viewer) -> set[UUID]:
    found = set(queries.search(viewer, Criteria(shelf=Shelf.ALL)).values_list("pk", flat=True))
    assert found == set(queries.readable(viewer).values_list("pk", flat=True))
    return found


def test_whatever_lists_reports_leaves_it_out(cast: Cast, wrong: Report) -> None:
    kept = report(cast.maria, cast.dallas, title="Kept")
    viewer, criteria = cast.alice.viewer, Criteria(shelf=Shelf.ALL)
    with scope.acting_as(scope.OPERATOR):
        assert seen(viewer) == {wrong.pk, kept.pk}
    pressed(wrong, cast)
    with scope.acting_as(scope.OPERATOR):  # the queries say so by themselves
        assert seen(viewer) == {kept.pk}
        assert queries.count(viewer, criteria) == 1
        assert queries.neighbours(viewer, criteria, kept) == queries.Neighbours()
        entries = timeline.page(viewer, cast.maria, "reports", "").entries
        assert [each.url for each in entries] == [f"/results/{kept.pk}/"]


def test_a_download_made_before_is_not_handed_out_any_more(
    cast: Cast, sign_in: SignIn, wrong: Report
) -> None:
    alice = sign_in(cast.alice)
    kept = report(cast.maria, cast.dallas, title="Kept")
    assert ask(alice, [wrong, kept]).status_code == HTTPStatus.OK
    file = f"/downloads/{latest().pk}/file/"
    assert alice.get(file).status_code == HTTPStatus.OK
    pressed(wrong, cast)
    assert alice.get(file).status_code == HTTPStatus.CONFLICT
    assert wrong.title not in alice.get(f"/downloads/{latest().pk}/").content.decode()
    ask(alice, [wrong, kept])  # with an id from before
    assert latest().included == [kept.pk]


def test_the_drivers_certificate_goes_with_it(cast: Cast, wrong: Report) -> None:
    def cards() -> int:
        with scope.acting_as(scope.OPERATOR):
            return dot_queries.certificates(cast.alice.viewer).count()

    assert cards() == 1
    pressed(wrong, cast)
    assert cards() == 0


def test_the_visit_and_work_status_go_with_it(cast: Cast, wrong_status: Report) -> None:
    def known() -> tuple[int, int, int]:
        viewer = cast.alice.viewer
        with scope.acting_as(scope.OPERATOR):
            found = (visits.visits(viewer), visits.statuses(viewer), visits.current(viewer))
            return tuple(each.count() for each in found)  # type: ignore[return-value]

    assert known() == (1, 1, 1)
    incident = pressed(wrong_status, cast)
    assert known() == (0, 0, 0)
    with scope.acting_as(scope.OPERATOR):
        removal.put_back(incident, reason="Theirs.", by=the_officer())
    assert known() == (1, 1, 1)


def test_a_visit_stays_while_another_report_speaks_of_it(cast: Cast, wrong_status: Report) -> None:
    day = wrong_status.visit_date
    report(cast.maria, cast.dallas, title="Referral", kind="patient_referral", visited=day)
    supervisor = replace(cast.victor.viewer, granted=Grants(injury=True, restrictions_only=True))
    with scope.acting_as(scope.OPERATOR):
        assert visits.visits(supervisor).count() == 1
    pressed(wrong_status, cast)
    with scope.acting_as(scope.OPERATOR):
        assert visits.visits(cast.alice.viewer).count() == 1
        assert visits.statuses(cast.alice.viewer).count() == 0
        assert not visits.visits(supervisor), "it gave no work status that counts"


def test_others_visits_stay_as_they_are(cast: Cast, wrong_status: Report) -> None:
    """Of Wei's nothing is reported; Cid's is withheld, too, and not decided."""

    def known() -> list[set[UUID]]:
        with scope.acting_as(scope.OPERATOR):
            found = (visits.visits(cast.alice.viewer), visits.statuses(cast.alice.viewer))
            return [{row.employee_id for row in each} for each in found]

    def end(incident: PrivacyIncident, how: Any) -> None:
        with scope.acting_as(scope.OPERATOR):
            how(incident, reason="Looked at.", by=the_officer())

    with scope.acting_as(scope.OPERATOR):
        people = cast.wei, employee(cast.plant, "Cid", "Back")
    weis, cids = (
        report(each, cast.dallas, kind=wrong_status.report_type, visited=wrong_status.visit_date)
        for each in people
    )
    with scope.acting_as(scope.OPERATOR):
        note([news(weis), news(cids)])
    wei, cid, maria = (each.employee_id for each in (weis, cids, wrong_status))
    undecided = pressed(cids, cast)
    incident = pressed(wrong_status, cast)
    assert known() == [{wei}] * 2
    end(incident, removal.put_back)
    assert known() == [{wei, maria}] * 2
    end(pressed(wrong_status, cast), removal.destroy)
    assert known() == [{wei}] * 2
    end(undecided, removal.put_back)
    assert known() == [{wei, cid}] * 2


@pytest.mark.parametrize("coded", [True, False])
def test_a_visit_that_a_later_report_speaks_of_is_seen_and_outlives_the_decision(
    cast: Cast, wrong_status: Report, *, coded: bool
) -> None:
    incident = pressed(wrong_status, cast)
    kind, day = wrong_status.report_type, wrong_status.visit_date
    later = report(cast.maria, cast.dallas, kind=kind, visited=day)
    told = replace(news(later), source_id=later.pk, arrived_at=clock.now())
    with scope.acting_as(scope.OPERATOR):
        note([told if coded else replace(told, status=None)])
        assert visits.visits(cast.alice.viewer).count() == 1
        removal.destroy(incident, reason="Not theirs.", by=the_officer())
        assert visits.visits(cast.alice.viewer).count() == 1
        sources = [status.source_id for status in visits.statuses(cast.alice.viewer)]
    assert sources == ([later.pk] if coded else [])


@pytest.mark.parametrize("back", ["the first", "the other"])
def test_a_visit_two_reports_spoke_of_is_there_again_with_either(
    cast: Cast, wrong_status: Report, back: str
) -> None:
    """Both were removed, the visit with the first; one is put back, the other destroyed."""

    def known() -> tuple[bool, bool]:
        with scope.acting_as(scope.OPERATOR):
            viewer = cast.alice.viewer
            return visits.visits(viewer).exists(), visits.statuses(viewer).exists()

    def decided(incident: PrivacyIncident) -> tuple[bool, bool]:
        end = removal.put_back if incident == theirs else removal.destroy
        with scope.acting_as(scope.OPERATOR):
            end(incident, reason="Looked at.", by=the_officer())
        return known()

    first = pressed(wrong_status, cast)
    day = wrong_status.visit_date  # what comes later does not bring the visit back
    late = report(cast.maria, cast.dallas, kind="patient_referral", visited=day)
    other = pressed(late, cast)
    theirs = first if back == "the first" else other
    nothing, of_the_other, of_the_first = (False, False), (True, False), (True, True)
    assert known() == nothing
    assert decided(other) == (of_the_other if theirs == other else nothing)
    assert decided(first) == (of_the_first if theirs == first else of_the_other)


def test_its_other_versions_go_with_it(cast: Cast, wrong: Report) -> None:
    newer = report(cast.maria, cast.dallas, title="Corrected")
    newest = report(cast.maria, cast.dallas, title="Corrected again")
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=wrong.pk).update(superseded_by=newer)
        Report.objects.filter(pk=newer.pk).update(superseded_by=newest)
        newer.refresh_from_db()
    incident = pressed(newer, cast)
    with scope.acting_as(scope.OPERATOR):
        assert not queries.reports(cast.alice.viewer).exists()
        removals = AuditEvent.objects.filter(action=Action.REPORT_REMOVED)
        gone = {wrong.pk, newer.pk, newest.pk}
        assert set(removals.values_list("subject_id", flat=True)) == gone
        assert {each.pk for each in incidents.facts(incident).reports} == gone, "for support"


def test_nobody_is_mailed_about_it_any_more(cast: Cast, wrong: Report) -> None:
    def concerns_alice() -> bool:
        with scope.acting_as(scope.OPERATOR):
            access = PortalAccess.objects.select_related("user").get(user=cast.alice.user)
            return messages.concerning(access).filter(pk=wrong.pk).exists()

    assert concerns_alice()
    pressed(wrong, cast)
    assert not concerns_alice()


def test_support_and_the_privacy_officer_are_told_without_health_information(
    cast: Cast, wrong: Report, support: Client, officer: Client, mailoutbox: list[Any]
) -> None:
    incident = pressed(wrong, cast)
    work()
    assert sorted(mail.to[0] for mail in mailoutbox) == [
        "petra@network.example",
        "sam@network.example",
    ]
    for mail in mailoutbox:
        said = postman.everything(mail)
        assert f"/support/incidents/{incident.pk}/" in said
        for secret in ("Maria", "Garcia", wrong.title, "Northwind", "Not ours"):
            assert secret not in said
    for gone in (User(staff="support", is_active=False), User(staff="")):
        assert support_messages.reported(gone, "incident", incident.pk) is None


def test_who_opened_another_report_is_no_opener_of_it(
    cast: Cast, sign_in: SignIn, wrong: Report
) -> None:
    kept = report(cast.maria, cast.dallas, title="Kept")
    sign_in(cast.alice).get(f"/results/{kept.pk}/")
    incident = pressed(wrong, cast)
    with scope.acting_as(scope.OPERATOR):
        assert not incidents.openings(incident)


def test_another_employers_report_cannot_be_removed(
    cast: Cast, sign_in: SignIn, wrong: Report
) -> None:
    bob = sign_in(cast.bob)
    assert bob.post(f"/results/{wrong.pk}/received-in-error/").status_code == 404
    with scope.acting_as(scope.OPERATOR):
        assert removal.remove(wrong, words="", by=cast.bob.viewer) is None
        assert queries.reports(cast.alice.viewer).filter(pk=wrong.pk).exists()


def test_admins_see_what_was_reported_and_who_has_it(
    cast: Cast, sign_in: SignIn, wrong: Report
) -> None:
    path, alice = "/account/privacy/", sign_in(cast.alice)
    assert "Nothing reported" in alice.get(path).content.decode()
    alice.post(f"/results/{wrong.pk}/received-in-error/", {"words": "Of a stranger"})
    alice.post("/privacy/concern/", {"words": "A letter was open"})
    page = alice.get(path).content.decode()
    assert page.count("support and the privacy officer") == 2 and "Alice" in page
    assert "Received in error" in page and "Privacy concern" in page
    for unsaid in ("Of a stranger", "A letter was open", wrong.title, "Garcia"):
        assert unsaid not in page[page.index("<main") :]
    with scope.acting_as(scope.OPERATOR):
        incident = PrivacyIncident.objects.get(report_id=wrong.pk)
        removal.put_back(incident, reason="Internal words", by=SYSTEM)
    page = alice.get(path).content.decode()
    assert "Put back: it was theirs" in page and "Internal words" not in page
    assert "Nothing reported" in sign_in(cast.bob).get(path).content.decode(), "not theirs"
