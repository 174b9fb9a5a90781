"""Queries and actions say whose rows by themselves: the database's lock is the second, not the
only one. Run as the operator, for whom the database lets everything through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from clearwork.access import actions, history, session_views
from clearwork.access.decide import EVERYTHING, StaffMember, Viewer
from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.accounts import actions as accounts
from clearwork.accounts.actions import VisitActivity
from clearwork.accounts.models import PortalAccess, Role, Staff
from clearwork.accounts.requests import contact_of
from clearwork.accounts.rules import LastAdmin
from clearwork.api import expiry
from clearwork.api import queries as api
from clearwork.api.rules import Standing
from clearwork.audit import queries as audit
from clearwork.audit.actions import Action, Actor, record
from clearwork.audit.models import AuditEvent
from clearwork.company import queries as company
from clearwork.database import scope
from clearwork.employers.models import Contact, ReportSubscription
from clearwork.employers.rules import ReportType
from clearwork.exports.making import viewer_who_made
from clearwork.exports.models import Export
from clearwork.exports.queries import exports
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.people import queries as people
from clearwork.people.many import known
from clearwork.privacy.models import PrivacyIncident
from clearwork.privacy.rules import Kind
from clearwork.results import queries as results
from clearwork.results.actions import note_view
from clearwork.results.models import Report
from tests.access.story import access_of, contact_id, let_see
from tests.api.story import integration
from tests.cast import BORN, Cast, Person
from tests.conftest import SignIn
from tests.database.stage import account, northwinds, southports


@pytest.fixture
def unlocked(cast: Cast) -> Iterator[Cast]:
    """Both employers have a row of each account table."""
    account(northwinds(cast))
    account(southports(cast))
    let_see(cast, cast.victor, VisitActivity(injury=True))
    with scope.acting_as(scope.OPERATOR):
        yield cast


def alice_at_both(cast: Cast, role: Role) -> PortalAccess:
    contact = Contact.objects.create(employer=cast.southport, first_name="Alice", last_name="E")
    return PortalAccess.objects.create(
        employer=cast.southport, user=cast.alice.user, contact=contact, role=role
    )


def test_account_information_is_of_ones_own_employer(unlocked: Cast) -> None:
    alice = unlocked.alice.viewer
    alice_at_both(unlocked, Role.VIEW_ONLY)
    everyone = list(Contact.objects.all())
    assert company.own_employer(alice) == unlocked.northwind
    assert company.own_access(alice).employer_id == alice.employer_id
    own = {contact.pk for contact in everyone if contact.employer_id == alice.employer_id}
    assert {contact for contact, _ in company.latest_standings(alice, everyone)} <= own


def test_what_was_reported_about_privacy_is_of_ones_own_people(unlocked: Cast) -> None:
    for employer in (unlocked.northwind, unlocked.southport):
        PrivacyIncident.objects.create(employer=employer, kind=Kind.UNREADABLE)
    alice = unlocked.alice.viewer
    found = company.privacy_reports(alice)
    assert {(row.employer_id, row.kind) for row in found} == {
        (alice.employer_id, Kind.RECEIVED_IN_ERROR)  # on the stage
    }
    both = [unlocked.alice.user.pk, unlocked.bob.user.pk]
    assert set(company.names_of(alice, both)) == {unlocked.alice.user.pk}


def test_the_matrix_counts_no_other_employers_reports(unlocked: Cast) -> None:
    everyone, kinds = list(Contact.objects.all()), [ReportType.AUDIOGRAM]
    assert ReportSubscription.objects.count() == 2
    rows = company.rows(unlocked.alice.viewer, everyone, kinds, None)
    counted = [row.contact.employer_id for row in rows if row.received]
    assert counted == [unlocked.northwind.pk]


def test_an_employers_tokens_are_for_who_manages_access(unlocked: Cast) -> None:
    assert {token.employer_id for token in api.tokens(unlocked.alice.viewer)} == {
        unlocked.northwind.pk
    }
    assert not api.tokens(unlocked.victor.viewer)


def test_a_token_stops_with_its_admins_access_here(
    unlocked: Cast, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is listed, where it is shown, and where its end is told."""
    alice_at_both(unlocked, Role.ADMIN)
    payroll = integration(unlocked.alice)
    monkeypatch.setattr(scope, "employer", lambda _: scope.OPERATOR)

    def standing() -> tuple[set[Standing], bool]:
        listed = {shown.standing for shown in api.listed(dana.viewer)}
        _, found = api.find(payroll.text) or pytest.fail("its secret is right")
        return {*listed, found}, expiry.mail(payroll.token) is not None

    assert standing() == ({Standing.WORKS}, True)
    PortalAccess.objects.filter(pk=access_of_alice(unlocked).pk).update(role=Role.VIEW_ONLY)
    assert standing() == ({Standing.STOPPED}, False)


def test_the_history_of_access_is_of_ones_own_employer(unlocked: Cast) -> None:
    (event,) = audit.of_employer(unlocked.northwind.pk, audit.ACCESS_CHANGES)
    assert event.employer_id == unlocked.northwind.pk
    assert not audit.of_employer(unlocked.southport.pk, audit.ACCESS_CHANGES)


def test_the_history_names_no_other_employers_people_or_worksites(unlocked: Cast) -> None:
    record(
        Action.ACCESS_GRANTED,
        by=Actor("user", unlocked.alice.user.pk),
        employer_id=unlocked.northwind.pk,
        subject_id=contact_id(unlocked.bob),
        after={"injury": True, "worksites": [str(unlocked.yard.pk)]},
    )
    _, rows = history.table(unlocked.alice.viewer)
    told = "\n".join(str(cell) for row in rows for cell in row)
    assert AuditEvent.objects.count() > 1 and "Victor" in told
    assert "Bob" not in told and "Yard" not in told


def test_who_opened_a_report_is_named_among_ones_own_people(unlocked: Cast) -> None:
    viewed = Report.objects.get(employer=unlocked.northwind)
    for opener in (unlocked.alice, unlocked.bob):
        seen_at = {"employer_id": unlocked.northwind.pk, "subject_id": viewed.pk}
        record(Action.REPORT_VIEWED, by=Actor("user", opener.user.pk), **seen_at)
    names = [opener.name for opener in results.openers(unlocked.alice.viewer, viewed)]
    assert sorted(names) == ["", "Alice Example"]


def test_people_of_a_list_are_known_among_ones_own(unlocked: Cast) -> None:
    """By number and by name and birth date: Southport has a Maria Garcia and an S-1, too."""
    found = known(unlocked.northwind.pk, {"N-1", "S-1"}, {("maria garcia", BORN)})
    assert [one.id for one in found] == [unlocked.maria.pk]


def test_names_much_like_one_are_of_those_one_may_see(unlocked: Cast) -> None:
    def alike(viewer: Viewer, typed: str = "maria gracia") -> set[Any]:
        return {one.pk for near in people.alike(viewer, typed) for one in near}

    alice = unlocked.alice.viewer
    assert alike(alice) == {unlocked.maria.pk} == alike(alice, "garcai")
    elsewhere = replace(EVERYTHING, worksites=frozenset({unlocked.yard.pk}))
    assert not alike(replace(unlocked.victor.viewer, granted=elsewhere))


def test_a_view_only_user_is_offered_no_change_of_people(cast: Cast, sign_in: SignIn) -> None:
    maria = f"/employees/{cast.maria.pk}/"
    asked = {"/employees/": "/many/employees/", maria: f"{maria}edit/"}
    for path, offered in asked.items():
        alices, victors = (
            sign_in(one).get(path).content.decode() for one in (cast.alice, cast.victor)
        )
        assert offered in alices and offered not in victors
    assert "the authorizations you created" in victors
    assert "the authorizations you created" not in alices


def test_a_view_only_user_is_offered_no_restoring_or_hold(unlocked: Cast, sign_in: SignIn) -> None:
    found = Report.objects.get(employer=unlocked.northwind)
    long_ago = clock.now() - timedelta(days=91)
    Report.objects.filter(pk=found.pk).update(posted_at=long_ago, held_at=long_ago)
    let_see(unlocked, unlocked.victor, VisitActivity(injury=True, non_injury=True))
    alices, victors = (
        sign_in(one).get(f"/results/{found.pk}/").content.decode()
        for one in (unlocked.alice, unlocked.victor)
    )
    assert found.title in victors
    for offered in (f"/results/{found.pk}/restore/", f"/results/{found.pk}/hold/"):
        assert offered in alices and offered not in victors
    assert "on legal hold" in alices and "legal hold" not in victors, "on the stage"
    alices, victors = (
        sign_in(one).get("/results/?archived=all").content.decode()
        for one in (unlocked.alice, unlocked.victor)
    )
    assert found.title in victors and "n legal hold" in alices and "legal hold" not in victors


def test_what_a_colleague_opened_is_still_unread(unlocked: Cast) -> None:
    viewed = Report.objects.get(employer=unlocked.northwind)
    note_view(viewed, by=unlocked.victor.viewer)
    elsewhere = {"employer_id": unlocked.southport.pk, "subject_id": viewed.pk}
    record(Action.REPORT_VIEWED, by=unlocked.alice.viewer.actor, **elsewhere)
    unread = results.Criteria(unread=True)
    assert list(results.search(unlocked.alice.viewer, unread)) == [viewed]
    victor = replace(unlocked.victor.viewer, granted=EVERYTHING)
    assert not results.search(victor, unread)
    for who, is_opened in ((unlocked.alice.viewer, False), (victor, True)):
        results.mark_opened(who, [viewed])
        assert viewed.is_opened is is_opened


def test_a_download_is_ones_own_at_its_own_employer(unlocked: Cast) -> None:
    alice_at_both(unlocked, Role.VIEW_ONLY)
    Export.objects.update(made_by=unlocked.alice.user)
    (own,) = exports(unlocked.alice.viewer)
    assert own.employer_id == unlocked.northwind.pk
    for_whom = {found.role: found.employer_id for found in map(_for_whom, Export.objects.all())}
    assert for_whom == {"admin": unlocked.northwind.pk, "view_only": unlocked.southport.pk}


def _for_whom(export: Export) -> Viewer:
    return viewer_who_made(export) or pytest.fail("they have access still")


def test_leaving_one_employer_keeps_the_other(unlocked: Cast, dana: Person) -> None:
    elsewhere = alice_at_both(unlocked, Role.VIEW_ONLY)
    actions.leave(by=unlocked.alice.viewer)
    left = PortalAccess.objects.filter(user=unlocked.alice.user, is_active=True)
    assert list(left) == [elsewhere]


def test_who_is_an_admin_user_elsewhere_manages_nobody_here(unlocked: Cast) -> None:
    alice_at_both(unlocked, Role.ADMIN)
    PortalAccess.objects.filter(pk=access_of_alice(unlocked).pk).update(role=Role.VIEW_ONLY)
    with pytest.raises(PermissionDenied):
        actions.turn_off(by=unlocked.alice.viewer, access=access_of(unlocked.victor))


def test_who_was_demoted_a_moment_ago_manages_nobody_though_others_still_do(
    unlocked: Cast, dana: Person
) -> None:
    PortalAccess.objects.filter(pk=access_of_alice(unlocked).pk).update(role=Role.VIEW_ONLY)
    with pytest.raises(PermissionDenied):
        actions.turn_off(by=unlocked.alice.viewer, access=access_of(unlocked.victor))
    assert access_of(unlocked.victor).is_active


def test_access_is_counted_and_confirmed_at_its_own_employer(unlocked: Cast) -> None:
    """Bob is the only Admin User at Southport, and no help at Northwind."""
    by, own = unlocked.alice.viewer.actor, access_of_alice(unlocked)
    with pytest.raises(LastAdmin):
        accounts.turn_off(by=by, access=own)
    asked = [own.pk, access_of(unlocked.bob).pk]
    assert accounts.confirm_reviews(by=by, employer_id=own.employer_id, accesses=asked) == 1
    contact = Contact.objects.create(employer=unlocked.northwind, first_name="Bob", last_name="E")
    email = unlocked.bob.user.email
    assert contact_of(unlocked.northwind, email) is None, "that is Southport's contact"
    invited = accounts.invite(by=by, contact=contact, role=Role.VIEW_ONLY, email=email)
    assert accounts.accept(invitation=invited, user=unlocked.bob.user)


def access_of_alice(cast: Cast) -> PortalAccess:
    return PortalAccess.objects.get(user=cast.alice.user, employer=cast.northwind)


@pytest.mark.parametrize("what", ["role", "visits", "off", "on"])
def test_access_that_a_contact_never_had_cannot_be_changed(
    what: str, cast: Cast, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.OPERATOR):
        carla = Contact.objects.create(employer=cast.northwind, first_name="Carla", last_name="C")
    client: Client = sign_in(cast.alice)
    assert client.get(f"/account/people/{carla.pk}/{what}/").status_code in (404, 405)
    assert client.post(f"/account/people/{carla.pk}/{what}/").status_code == 404


def test_ones_own_page_offers_a_view_only_user_no_changes(cast: Cast, sign_in: SignIn) -> None:
    own = f"/account/people/{contact_id(cast.victor)}/"
    victors, alices = (sign_in(one).get(own).content.decode() for one in (cast.victor, cast.alice))
    assert f"{own}role/" in alices and f"{own}role/" not in victors


def test_nobody_without_an_employer_switches(rf: RequestFactory) -> None:
    """As a page would, if the middleware let somebody through."""
    with pytest.raises(PermissionDenied):
        session_views.switch(rf.post("/account/people/switch/"))


def test_at_the_console_one_does_what_ones_own_office_does(rf: RequestFactory, db: None) -> None:
    """As a page of the console would: neither a stranger nor the other office gets in."""
    request: Any = rf.get("/")
    officer = StaffMember(uuid7(), "", Staff.PRIVACY_OFFICER)
    with scope.acting_as(scope.ANONYMOUS):
        for member in (None, replace(officer, staff=Staff.SUPPORT), replace(officer, staff="")):
            request.staff = member
            with pytest.raises(PermissionDenied):
                require_staff(request, Permission.HOLD_MANAGE)
            assert scope.current() == scope.ANONYMOUS
        request.staff = officer
        assert require_staff(request, Permission.HOLD_MANAGE) is officer
        assert scope.current() == scope.OPERATOR


def test_a_machine_does_no_more_than_its_token_says(cast: Cast) -> None:
    admin = cast.alice.viewer
    creates = replace(admin, limited_to=frozenset({Permission.AUTHORIZATION_CREATE}))
    assert creates.may(Permission.AUTHORIZATION_CREATE)
    assert admin.may(Permission.ACCESS_MANAGE) and not creates.may(Permission.ACCESS_MANAGE)
    assert admin.grants == EVERYTHING and not creates.grants.any
    reads = replace(admin, limited_to=frozenset({Permission.RESULT_READ}))
    assert reads.grants == EVERYTHING and reads.may(Permission.RESULT_READ)
