"""Two Admin Users change each other's access at the same moment, over real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from clearwork.accounts.models import PortalAccess, Role
from clearwork.database import scope
from clearwork.employers.models import Employer
from tests.access.story import access_of, contact_id, events, granted_now
from tests.cast import Cast, Person, person
from tests.conftest import SignIn
from tests.races import in_flight_together

TRIES = 3
type Answer = tuple[int, str]


@pytest.fixture
def two_admins(committed_cast: Cast) -> tuple[Cast, Person]:
    with scope.acting_as(scope.OPERATOR):
        dana = person(committed_cast.northwind, "Dana", Role.ADMIN)
    return committed_cast, dana


def at_once(*requests: Callable[[], Answer]) -> list[Answer]:
    """Each in a thread with a connection of its own, all begun together."""
    together = threading.Barrier(len(requests))

    def run(request: Callable[[], Answer]) -> Answer:
        together.wait()
        try:
            return request()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(run, requests))


def posting(by: Person, address: str, **form: str) -> Callable[[], Answer]:
    client = SignIn()(by)

    def post() -> Answer:
        answer = client.post(address, form)
        return answer.status_code, answer.headers.get("Location", "")

    return post


def admins(cast: Cast) -> int:
    with scope.acting_as(scope.OPERATOR):
        own = PortalAccess.objects.filter(employer=cast.northwind, is_active=True, role=Role.ADMIN)
        return own.count()


def at(someone: Person, what: str) -> str:
    return f"/account/people/{contact_id(someone)}/{what}/"


@pytest.mark.parametrize("_", range(TRIES))
@pytest.mark.parametrize(("what", "form"), [("role", {"role": "view_only"}), ("off", {})])
def test_of_two_admin_users_who_end_each_other_exactly_one_succeeds(
    two_admins: tuple[Cast, Person], what: str, form: dict[str, str], _: int
) -> None:
    cast, dana = two_admins
    answers = at_once(
        posting(cast.alice, at(dana, what), **form), posting(dana, at(cast.alice, what), **form)
    )
    done = [answer for answer in answers if answer[1].startswith("/account/people/")]
    assert len(done) == 1, answers
    assert all(status in (302, 403, 422) for status, _location in answers), answers
    assert admins(cast) == 1


@pytest.mark.parametrize("_", range(TRIES))
def test_of_two_admin_users_who_leave_at_once_one_has_to_stay(
    two_admins: tuple[Cast, Person], _: int
) -> None:
    cast, dana = two_admins
    answers = _while_the_employer_is_locked(
        cast,
        posting(cast.alice, "/account/people/leave/"),
        posting(dana, "/account/people/leave/"),
    )
    assert sorted(status for status, _location in answers) == [302, 422]
    assert admins(cast) == 1


def test_whoever_comes_second_is_no_admin_user_any_more(
    two_admins: tuple[Cast, Person],
) -> None:
    """Also where a third Admin User is left: the second one's request began in a role now gone."""
    cast, dana = two_admins
    with scope.acting_as(scope.OPERATOR):
        person(cast.northwind, "Erin", Role.ADMIN)
    answers = _while_the_employer_is_locked(
        cast,
        posting(cast.alice, at(dana, "role"), role="view_only"),
        posting(dana, at(cast.alice, "role"), role="view_only"),
    )
    assert sorted(status for status, _ in answers) == [302, 403]
    assert admins(cast) == 2


def test_role_changes_racing_each_other_leave_one_of_the_roles_and_a_whole_history(
    two_admins: tuple[Cast, Person],
) -> None:
    cast, dana = two_admins
    victor = cast.victor
    at_once(
        posting(cast.alice, at(victor, "role"), role="admin"),
        posting(dana, at(victor, "role"), role="view_only"),
        posting(cast.alice, at(victor, "role"), role="admin"),
        posting(dana, at(victor, "off")),
    )
    told = [(e.detail["before"], e.detail["after"]) for e in events("access:role_changed")]
    role = Role.VIEW_ONLY
    for before, after in told:
        assert before == role, told
        role = Role(after)
    final = access_of(victor)
    assert final.role == role and not final.is_active


def test_many_grants_at_once_leave_one_of_them_whole(two_admins: tuple[Cast, Person]) -> None:
    cast, dana = two_admins
    shown = granted_now(contact_id(cast.victor))
    everywhere = {"how_much": "all", "where": "all", "shown": shown}
    form = {**everywhere, "where": "some", "worksites": str(cast.plant.pk)}
    answers = at_once(
        *(
            posting(by, at(cast.victor, "visits"), kinds="injury", **form)
            for by in (cast.alice, dana)
        ),
        *(
            posting(by, at(cast.victor, "visits"), kinds="non_injury", **everywhere)
            for by in (cast.alice, dana)
        ),
    )
    assert sorted(status for status, _ in answers) == [302] + [422] * 3
    final = access_of(cast.victor)
    assert final.sees_injury != final.sees_non_injury
    with scope.acting_as(scope.OPERATOR):
        listed = final.worksites.count()
    assert (final.all_worksites, listed) == ((False, 1) if final.sees_injury else (True, 0))


def _while_the_employer_is_locked(cast: Cast, *requests: Callable[[], Answer]) -> list[Answer]:
    """All requests have decided who asks before the first may change anything."""
    return in_flight_together(_locked(cast), *requests)


@contextmanager
def _locked(cast: Cast) -> Iterator[None]:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        Employer.objects.select_for_update().get(pk=cast.northwind.pk)
        yield


def test_a_removal_during_a_preview_ends_it(two_admins: tuple[Cast, Person]) -> None:
    cast, dana = two_admins
    previewing: Client = SignIn()(cast.alice)
    previewing.post(at(cast.victor, "preview"))
    answers = at_once(
        posting(dana, at(cast.victor, "remove")),
        lambda: (previewing.get("/authorizations/").status_code, ""),
    )
    assert answers[0][0] == 302 and answers[1][0] in (200, 302)
    assert "End preview" not in previewing.get("/", follow=True).content.decode()
