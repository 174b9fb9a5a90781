"""Ids travel in addresses' queries and in forms, too: another employer's is a missing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core.signing import TimestampSigner
from django.db.models import QuerySet

from clearwork.accounts.models import PortalAccess
from clearwork.database import scope
from clearwork.employers import queries as employers
from clearwork.employers.account_actions import shown_worksites
from clearwork.employers.models import ReleaseRequest
from clearwork.employers.rules import DecisionState
from clearwork.foundation import clock
from tests.access.visitors import (
    Stage,
    comparable,
    contact_of,
    draft,
    package,
    undone,
)
from tests.database.stage import account, card, visit

type Values = dict[str, Any]
type Address = str | Callable[[Stage], str]


@dataclass(frozen=True)
class Travel:
    """`carried` makes the field's value of an id; `rest` is what else is sent."""

    name: str
    address: Address
    key: str
    of: Callable[[Stage], UUID]
    rest: Callable[[Stage], Values] = field(default=lambda _: {})
    carried: Callable[[UUID], str] = str
    status: int = 200
    complaint: str = ""
    events: int = 0  # of the trail: one where the page is a record's view


def contact(stage: Stage) -> UUID:
    return contact_of(stage.bobs)


def worksite(stage: Stage) -> UUID:
    return stage.cast.yard.pk


def authorization(stage: Stage) -> UUID:
    return stage.bobs.authorization.pk


def employee(stage: Stage) -> UUID:
    return stage.cast.other_maria.pk


def creator(stage: Stage) -> UUID:
    return UUID(str(stage.cast.bob.user.pk))


def access(stage: Stage) -> UUID:
    with scope.acting_as(scope.OPERATOR):
        return PortalAccess.objects.get(user=stage.cast.bob.user).pk


def cursor(pk: UUID) -> str:
    return f"{clock.now() - timedelta(days=1):%Y-%m-%dT%H:00:00+00:00}_{pk}"


def of_alice(path: str) -> Callable[[Stage], str]:
    return lambda stage: path.format(contact_of(stage.alices))


def of_victor(path: str) -> Callable[[Stage], str]:
    return lambda stage: path.format(contact_of(stage.visitors["victor"].case))


def order(stage: Stage) -> Values:
    """All that Alice fills in for Maria's physical."""
    cast = stage.cast
    return {
        "submission": str(uuid4()),
        "who": "existing",
        "employee": str(cast.maria.pk),
        "worksite": str(cast.plant.pk),
        "kind": "non_injury",
        "reason": "pre_placement",
        "services": str(cast.dot_physical.pk),
        "modality": "in_center",
        "center": str(cast.dallas.pk),
        "valid_from": f"{clock.today()}",
        "expires": f"{clock.today()}",
    }


def ana(_: Stage) -> Values:
    names = {"first_name": "Ana", "last_name": "Ruiz", "language": "en"}
    return {**names, "date_of_birth": "1990-01-02"}


def change(stage: Stage) -> Values:
    own = {"contacts": str(contact_of(stage.alices)), "worksites": str(stage.cast.plant.pk)}
    return {"what": "add", "types": "audiogram", "save": "1", **own}


def visits(_: Stage) -> Values:
    return {"kinds": "injury", "how_much": "all", "where": "some"}


_NOT_A_CHOICE = "not one of the available choices"
IN_QUERIES = [
    Travel("contacts after one", "/account/people/", "after", contact),
    Travel("authorizations after one", "/authorizations/", "after", authorization, carried=cursor),
    Travel("authorizations of an employee", "/authorizations/", "employee", employee),
    Travel("authorizations of a worksite", "/authorizations/", "worksite", worksite),
    Travel("authorizations of a creator", "/authorizations/", "creator", creator),
    Travel("a form like one", "/authorizations/new/", "from", authorization),
    Travel("a form for one", "/authorizations/new/", "employee", lambda s: s.cast.other_maria.pk),
    Travel("a form with a package", "/authorizations/new/", "package", lambda s: package(s.bobs)),
    Travel("a form that goes on", "/authorizations/new/", "draft", lambda s: draft(s.bobs)),
    Travel("results after one", "/results/", "after", lambda s: s.bobs.report.pk),
    Travel("results of a worksite", "/results/", "worksite", worksite),
    Travel("visits of an employee", "/visits/all/", "employee", employee, events=1),
    Travel("visits of a worksite", "/visits/all/", "worksite", worksite, events=1),
    Travel(
        "visits after one",
        "/visits/all/",
        "after",
        lambda s: visit(s.bobs).pk,
        carried=cursor,
        events=1,
    ),
    Travel("work status of a worksite", "/visits/", "worksite", worksite, events=1),
    Travel("DOT cards of a worksite", "/visits/dot-cards/", "worksite", worksite, events=1),
    Travel("DOT cards after one", "/visits/dot-cards/", "after", lambda s: card(s.bobs), events=1),
    Travel("centers near a worksite", "/centers/choose/", "worksite", worksite),
    Travel("results of a center", "/results/", "center", contact),
    Travel("employees after one", "/employees/", "after", lambda s: s.cast.other_maria.pk),
    Travel("employees of a worksite", "/employees/", "worksite", worksite),
    Travel("requests after one", "/account/releases/", "after", contact, carried=cursor),
    Travel("reports of a worksite", "/account/reports/", "worksite", worksite),
    Travel("a change of contacts", "/account/reports/change/", "contacts", contact),
    Travel("a change of worksites", "/account/reports/change/", "worksites", worksite),
    Travel(
        "who gets it there",
        "/account/reports/who/",
        "worksite",
        worksite,
        rest=lambda _: {"type": "audiogram"},
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
]
IN_FORMS = [
    Travel("authorizations to extend", "/many/extend/", "ids", authorization, status=302),
    Travel("authorizations to cancel", "/many/cancel/", "ids", authorization, status=302),
    Travel(
        "authorizations to print", "/downloads/authorizations/", "ids", authorization, status=302
    ),
    Travel(
        "a list's worksite",
        "/many/new/",
        "worksite",
        worksite,
        lambda stage: order(stage) | {"pasted": "Employee number\nN-1"},
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "an authorization's employee",
        "/authorizations/new/",
        "employee",
        lambda stage: stage.cast.other_maria.pk,
        order,
        status=422,
        complaint="not on your list",
    ),
    Travel(
        "an authorization's worksite",
        "/authorizations/new/",
        "worksite",
        worksite,
        order,
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "a new employee's worksite",
        "/employees/new/",
        "worksite",
        worksite,
        ana,
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "worksites granted",
        of_victor("/account/people/{}/visits/"),
        "worksites",
        worksite,
        visits,
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "the employer switched to",
        "/account/people/switch/",
        "employer",
        lambda stage: stage.cast.southport.pk,
        status=404,
    ),
    Travel(
        "contacts of a change",
        "/account/reports/change/",
        "contacts",
        contact,
        change,
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "worksites of a change",
        "/account/reports/change/",
        "worksites",
        worksite,
        change,
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "worksites of a contact's report",
        of_alice("/account/reports/{}/audiogram/"),
        "worksites",
        worksite,
        lambda _: {"shown": shown_worksites([])},
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "the colleague copied from",
        of_alice("/account/reports/{}/copy/"),
        "source",
        contact,
        lambda _: {"how": "add", "save": "1"},
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
    Travel(
        "the worksite another is like",
        "/account/worksites/new/",
        "like",
        worksite,
        lambda _: {"name": "Plant 9"},
        status=422,
        complaint=_NOT_A_CHOICE,
    ),
]


def named(travel: Travel) -> str:
    return travel.name


def answers(stage: Stage, travel: Travel, method: str) -> list[Any]:
    """Alice's answer for another employer's id, then for one that is nobody's."""
    address = travel.address if isinstance(travel.address, str) else travel.address(stage)
    theirs, found = travel.of(stage), []
    pair, rest = (theirs, uuid4()), travel.rest(stage)
    for pk in pair:
        with undone():
            before = rows()
            values = {**rest, travel.key: travel.carried(pk)}
            answer = getattr(stage.visitors["alice"].browser(), method)(address, values)
            assert answer.status_code == travel.status, answer.content.decode()
            before["audit.AuditEvent"] += travel.events
            assert rows() == before, "nothing is written"
            found.append((comparable(answer, *pair), answer))
    assert found[0][0] == found[1][0]
    return [answer for _, answer in found]


def rows() -> dict[str, int]:
    """How many rows each table has; sessions note when they were last used."""
    with scope.acting_as(scope.OPERATOR):
        models = [m for m in apps.get_models() if m._meta.app_label != "sessions"]
        return {m._meta.label: m._default_manager.count() for m in models if m._meta.managed}


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize("travel", IN_QUERIES, ids=named)
def test_an_id_in_a_query_tells_nothing_of_another_employer(travel: Travel, stage: Stage) -> None:
    for answer in answers(stage, travel, "get"):
        assert travel.complaint in answer.content.decode()
        for secret in ("Southport", "Yard", "Bob Example"):
            assert secret not in answer.content.decode()


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize("travel", IN_FORMS, ids=named)
def test_an_id_in_a_form_is_refused_at_its_field(travel: Travel, stage: Stage) -> None:
    for answer in answers(stage, travel, "post"):
        if travel.complaint:
            errors = answer.context["form"].errors
            assert list(errors) == [travel.key], "the rest of the form is valid"
            assert travel.complaint in str(errors)


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize("choice", ["keep", "remove"])
def test_a_review_concerns_ones_own_people_alone(choice: str, stage: Stage) -> None:
    bobs = access(stage)
    before = rows()
    client = stage.visitors["alice"].browser()
    answer = client.post("/account/people/review/", {f"choice-{bobs}": choice})
    assert answer.status_code == 302 and rows() == before
    with scope.acting_as(scope.OPERATOR):
        theirs = PortalAccess.objects.get(pk=bobs)
    assert theirs.is_active and theirs.reviewed_at is None


@pytest.mark.usefixtures("layers")
def test_a_submission_of_another_employer_is_not_found_again(stage: Stage) -> None:
    """The id that makes pressing Submit twice harmless leads to nobody else's authorization."""
    with scope.acting_as(scope.OPERATOR):
        stage.bobs.authorization.refresh_from_db()
    sent = {"submission": str(stage.bobs.authorization.submission)}
    answer = stage.visitors["alice"].browser().post("/authorizations/new/", sent)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        employers.all_worksites,
        employers.contacts,
        employers.releases_in_force,
        employers.subscriptions_in_force,
    ],
)
def test_an_employers_queries_name_the_employer(
    query: Callable[[UUID], QuerySet[Any]], stage: Stage
) -> None:
    """As the operator, for whom the database would let everything through."""
    account(stage.alices)
    account(stage.bobs)
    with scope.acting_as(scope.OPERATOR):
        approved = {"state": DecisionState.APPROVED, "expires": clock.today()}
        ReleaseRequest.objects.update(**approved)
        for employer in (stage.cast.northwind, stage.cast.southport):
            assert {row.employer_id for row in query(employer.pk)} == {employer.pk}


def test_a_picture_needs_a_view_of_that_very_report_by_that_very_person(stage: Stage) -> None:
    report, alice = stage.alices.report.pk, stage.cast.alice.user.pk
    signer = TimestampSigner(salt="clearwork.results.view")
    client = stage.visitors["alice"].browser()
    for viewed, status in (
        (f"{alice}/{report}", 200),
        (f"{stage.cast.bob.user.pk}/{report}", 404),
        (f"{alice}/{stage.bobs.report.pk}", 404),
    ):
        path = f"/results/{report}/pages/1.png?view={signer.sign(viewed)}"
        assert client.get(path).status_code == status
