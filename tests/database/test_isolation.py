"""Employers stay apart though every filter of the application is forgotten.

The filters are taken away; what keeps Southport's rows from Northwind's people
is the database alone. A control shows that the same pages do leak where the
database's scope is lifted too, so that these tests can fail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from clearwork.accounts.models import GrantedWorksite
from clearwork.authorizations.models import Authorization, AuthorizedService, Delivery
from clearwork.authorizations.rules import DeliveryState
from clearwork.database import scope
from clearwork.database.models import TenantModel
from clearwork.employers.models import Employer, ReportSubscription, Worksite
from clearwork.exchange import matching, outbound
from clearwork.exchange.models import HeldResult, InboundMessage
from clearwork.foundation import clock
from clearwork.people import queries as people
from clearwork.people.models import Employee
from clearwork.results.models import Report
from tests.access.routes import routes
from tests.access.test_matrix import EXPECTED, WHO
from tests.access.visitors import comparable, record, undone
from tests.cast import BORN, Cast, assemble
from tests.conftest import SignIn
from tests.database.stage import Case, account, northwinds, southports

TENANT_MODELS: list[type[TenantModel]] = [
    model for model in apps.get_models() if issubclass(model, TenantModel)
]
OWN = ("employer", "employer_id", "created_by", "created_by_id", "made_by_id")
LISTS = (
    "/",
    "/account/defaults/",
    "/account/integrations/",
    "/account/people/",
    "/account/people/?q=b",
    "/account/people/review/",
    "/account/privacy/",
    "/account/releases/",
    "/account/reports/",
    "/account/reports/change/?what=add&types=audiogram",
    "/account/worksites/",
    "/account/worksites/new/",
    "/authorizations/?all=1",
    "/authorizations/?q=garcia",
    "/authorizations/new/",
    "/downloads/",
    "/employees/",
    "/employees/?q=garcia",
    "/employees/new/",
    "/employees/suggest/?employee_search=garcia",
    "/many/",
    "/many/employees/",
    "/many/new/",
    "/packages/",
    "/results/?all=1",
    "/results/?name=garcia",
    "/visits/",
    "/visits/all/",
    "/visits/dot-cards/",
    "/visits/dot-cards/dot-cards.csv",
)
# Those that need a filter to be drawn at all.
STUMBLE = ("/account/integrations/", "/account/notifications/")
# Why a page without a record in its address is no list of an employer's rows. What it says is
# held to all the same: see test_nothing_another_employer_does_changes_a_page.
NO_LISTS = {
    "access:add": "a form without a choice",
    "access:history": "who changed whose access: told in tests/access/test_alone.py",
    "access:mine": "leads to one's own page",
    "access:leave": "a question",
    "bulk:example": "an example file",
    "centers:center": "everyone's",
    "centers:choose": "everyone's",
    "centers:list": "everyone's",
    "centers:package_new": "a form that offers everyone's services",
    "company:edit": "one's own employer",
    "company:home": "one's own employer",
    "company:notifications": "one's own choices",
    "company:reports_who": "how many: an answer to a form",
    "integrations:guide": "everyone's",
    "integrations:new": "a form without a choice",
    "last_weeks": "numbers",
    "results:count": "a number",
    "results:types": "everyone's",
}
# Not an employer's own pages: signing in, the network's people, whoever is not signed in; and
# the API, of which tests/access/test_matrix_api.py asks the same.
ELSEWHERE = (
    *("account_", "accounts:", "change_email", "mfa_", "session_left", "usersessions_list"),
    *("api:", "healthz", "help:", "login", "passes:lost", "support:"),
)
# The apps whose routes name an employer's record.
EMPLOYERS = ("access:", "authorizations:", "centers:", "company:", "passes:", "results:", "roster:")
type Changed = Callable[[Any, Any, dict[str, Any]], tuple[Any, dict[str, Any]]]


@pytest.fixture
def theirs(cast: Cast) -> Case:
    case = southports(cast)
    account(case)
    return case


@pytest.fixture
def ours(cast: Cast) -> Case:
    case = northwinds(cast)
    account(case)
    return case


class Both(NamedTuple):
    """Northwind's row of every table, and Southport's."""

    cast: Cast
    ours: Case
    theirs: Case


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Both]:
    """Made once: what a test does to them is undone."""
    with django_db_blocker.unblock(), undone():
        with scope.acting_as(scope.OPERATOR):
            cast = assemble()
        both = Both(cast, northwinds(cast), southports(cast))
        account(both.ours)
        account(both.theirs)
        yield both


@pytest.fixture
def both(standing: Both) -> Iterator[Both]:
    with undone():
        yield standing


def change_filters(monkeypatch: pytest.MonkeyPatch, changed: Changed) -> None:
    """Every filter(), exclude() and get() goes through `changed` first."""
    queryset: Any = QuerySet
    real = queryset._filter_or_exclude

    def forgetful(found: Any, negate: bool, args: Any, kwargs: dict[str, Any]) -> Any:
        return real(found, negate, *changed(found.model, args, kwargs))

    monkeypatch.setattr(queryset, "_filter_or_exclude", forgetful)


@pytest.fixture
def no_employer_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """No query says whose rows it wants: by employer, or by who created them."""

    def without_owner(_: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        kept = {path: value for path, value in kwargs.items() if path.split("__")[-1] not in OWN}
        return args, kept

    change_filters(monkeypatch, without_owner)
    whoever = people._IDS.replace("employer_id = %s", "%s::uuid IS NOT NULL")
    monkeypatch.setattr(people, "_IDS", whoever)


@pytest.fixture
def no_filter_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every condition on an employer's rows is forgotten, whatever it says."""

    def without_any(model: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        return ((), {}) if issubclass(model, TenantModel | Employer) else (args, kwargs)

    change_filters(monkeypatch, without_any)


@pytest.fixture
def foreign(cast: Cast, theirs: Case) -> set[str]:
    """What betrays Southport in a page: its rows' ids and its own words."""
    with scope.acting_as(scope.employer(cast.southport.pk)):
        ids = {
            str(pk)
            for model in TENANT_MODELS
            for pk in model._base_manager.values_list("pk", flat=True)
        }
    words = {"Southport", "S-1", "Yard", "Bob Example", theirs.authorization.number}
    return ids | words | {str(cast.southport.pk)}


def found_in(response: Any, foreign: set[str]) -> set[str]:
    text = response.content.decode(errors="replace") + json.dumps(dict(response.headers))
    return {word for word in foreign if word in text}


def pages_of(
    cast: Cast, sign_in: SignIn, who: str, but: tuple[str, ...] = ()
) -> Iterator[tuple[str, Any]]:
    client = sign_in(getattr(cast, who))
    for path in LISTS:
        if path not in but:
            yield path, client.get(path)


@cache
def pages() -> dict[str, str]:
    """The addresses of all that is read without naming a record, by the route's name."""
    naming = {"pk", "submission", "token", "key", "number"}
    found = [route for route in routes() if not naming & route.arguments]
    asked = [route for route in found if not route.name.startswith(ELSEWHERE)]
    return {r.name: r.path() for r in asked if EXPECTED[r.name].startswith(("200", "302"))}


def allowed(path: str, who: str) -> str:
    """The status of this page for them, as the access matrix says it."""
    (name,) = (name for name, its in pages().items() if its == path.split("?", maxsplit=1)[0])
    return EXPECTED[name].split()[WHO.index(who)].split("/")[0]


def test_every_list_is_known() -> None:
    """A page that is new is put into LISTS, or into NO_LISTS with the reason."""
    listed = {path.split("?")[0] for path in LISTS}
    unlisted = {name for name, path in pages().items() if path not in listed}
    assert unlisted == set(NO_LISTS)
    assert listed <= set(pages().values())


def test_nothing_another_employer_does_changes_a_page(
    cast: Cast, sign_in: SignIn, ours: Case, no_employer_filter: None
) -> None:
    """Not even a number on it, though every filter is forgotten."""
    client, asked = sign_in(cast.alice), {*pages().values(), *LISTS}

    def answers() -> dict[str, Any]:
        return {path: comparable(client.get(path)) for path in asked}

    answers()  # what one looked for is remembered
    before = answers()
    account(southports(cast))
    after = answers()
    assert [path for path in asked if before[path] != after[path]] == []


@pytest.mark.parametrize("who", ["alice", "victor"])
@pytest.mark.parametrize("forgotten", ["no_employer_filter", "no_filter_at_all"])
def test_no_list_shows_another_employers_rows(
    cast: Cast,
    sign_in: SignIn,
    ours: Case,
    foreign: set[str],
    request: pytest.FixtureRequest,
    forgotten: str,
    who: str,
) -> None:
    request.getfixturevalue(forgotten)
    stumbling = STUMBLE if forgotten == "no_filter_at_all" else ()
    for path, response in pages_of(cast, sign_in, who, but=stumbling):
        assert str(response.status_code) == allowed(path, who), path
        assert found_in(response, foreign) == set(), path


@pytest.mark.parametrize("forgotten", ["no_employer_filter", "no_filter_at_all"])
def test_control_the_same_lists_leak_once_the_database_lets_them(
    cast: Cast,
    sign_in: SignIn,
    foreign: set[str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    forgotten: str,
) -> None:
    monkeypatch.setattr(scope, "employer", lambda _: scope.OPERATOR)
    if forgotten == "no_filter_at_all":  # an operator's Employer.get() would find both
        monkeypatch.setattr(
            "clearwork.access.load.Employer.objects.get", lambda **_: cast.northwind
        )
    request.getfixturevalue(forgotten)
    stumbling = STUMBLE if forgotten == "no_filter_at_all" else ()
    found = pages_of(cast, sign_in, "alice", but=stumbling)
    leaking = {path for path, page in found if found_in(page, foreign)}
    assert leaking == set(LISTS).difference(stumbling)


def test_no_address_of_another_employers_record_answers(
    cast: Cast, sign_in: SignIn, theirs: Case, foreign: set[str], no_employer_filter: None
) -> None:
    client = sign_in(cast.alice)
    asked = [r for r in routes() if "pk" in r.arguments and r.name.startswith(EMPLOYERS)]
    assert len(asked) >= 25
    for route in asked:
        pk = record(route, theirs)
        for answer in (client.get(route.path(pk)), client.post(route.path(pk))):
            assert answer.status_code in (404, 405), route.name
            assert found_in(answer, foreign - {str(pk)}) == set(), route.name


def order_fields(cast: Cast, **changes: Any) -> dict[str, Any]:
    usual = {
        "submission": uuid4(),
        "who": "existing",
        "employee": cast.maria.pk,
        "worksite": cast.plant.pk,
        "kind": "non_injury",
        "reason": "pre_placement",
        "services": [cast.dot_physical.pk],
        "modality": "in_center",
        "center": cast.dallas.pk,
        "valid_from": clock.today(),
        "expires": clock.today(),
    }
    return {**usual, **changes}


def test_no_authorization_is_made_from_another_employers_people_or_places(
    cast: Cast, sign_in: SignIn, no_employer_filter: None
) -> None:
    client = sign_in(cast.alice)
    for change in ({"employee": cast.other_maria.pk}, {"worksite": cast.yard.pk}):
        answer = client.post("/authorizations/new/", order_fields(cast, **change))
        assert answer.status_code == 422, change
    with scope.acting_as(scope.OPERATOR):
        assert Authorization.objects.count() == 0
    answer = client.post("/authorizations/new/", order_fields(cast))
    assert answer.status_code == 302


def test_a_delivery_job_under_the_wrong_employer_sends_nothing(
    cast: Cast, theirs: Case, no_employer_filter: None
) -> None:
    """Port 9 refuses: had it been tried, NotDelivered would be raised."""
    outbound.deliver(cast.northwind.pk, theirs.delivery.pk, last_try=True)
    with scope.acting_as(scope.employer(cast.southport.pk)):
        delivery = Delivery.objects.get(pk=theirs.delivery.pk)
    assert (delivery.state, delivery.attempts) == (DeliveryState.QUEUED, 0)
    with pytest.raises(outbound.NotDelivered):
        outbound.deliver(cast.southport.pk, theirs.delivery.pk, last_try=False)


def held_result(cast: Cast, *, given: str) -> HeldResult:
    inbound = InboundMessage.objects.create(
        center=cast.dallas, control_id="C1", message_type="ORU^R01", ack_code="AA"
    )
    return HeldResult.objects.create(
        center=cast.dallas,
        inbound=inbound,
        why="The center named no authorization.",
        account_number=cast.northwind.account_number,
        family="Garcia",
        given=given,
        date_of_birth=BORN,
        report_type="audiogram",
        title="Audiogram",
        visit_date=clock.today(),
        document="held/none",
        sha256=bytes(32),
        size=1,
        pages=1,
    )


def test_a_result_for_northwind_is_never_filed_under_southports_person(
    cast: Cast, no_employer_filter: None
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.other_maria.pk).update(name_key="rosa garcia")
        unknown_here = held_result(cast, given="Rosa")
    assert matching.file_if_certain(unknown_here.pk) is False
    with scope.acting_as(scope.OPERATOR):
        assert Report.objects.count() == 0


def test_a_result_that_fits_one_person_of_each_employer_goes_to_the_one_it_names(
    cast: Cast, no_employer_filter: None
) -> None:
    with scope.acting_as(scope.OPERATOR):
        held = held_result(cast, given="Maria")
    assert matching.file_if_certain(held.pk) is True
    with scope.acting_as(scope.OPERATOR):
        assert [report.employee_id for report in Report.objects.all()] == [cast.maria.pk]


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_plain_queries_find_own_rows_alone(both: Both, model: type[TenantModel]) -> None:
    cast = both.cast

    def owners() -> set[UUID]:
        return set(model._base_manager.values_list("employer_id", flat=True))

    with scope.acting_as(scope.OPERATOR):
        assert owners() == {cast.northwind.pk, cast.southport.pk}
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        assert owners() == {cast.northwind.pk}
    for nobody in (scope.ANONYMOUS, scope.user(cast.dallas.pk), scope.employer(uuid4())):
        with scope.acting_as(nobody):
            assert owners() == set()


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_another_employers_rows_cannot_be_changed_or_removed(
    both: Both, model: type[TenantModel]
) -> None:
    cast = both.cast
    with scope.acting_as(scope.employer(cast.northwind.pk)), connection.cursor() as cursor:
        table, foreign = model._meta.db_table, [cast.southport.pk]
        cursor.execute(f"UPDATE {table} SET id = id WHERE employer_id = %s", foreign)
        assert cursor.rowcount == 0
        cursor.execute(f"DELETE FROM {table} WHERE employer_id = %s", foreign)
        assert cursor.rowcount == 0


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_no_row_is_written_or_moved_into_another_employer(
    both: Both, model: type[TenantModel]
) -> None:
    cast = both.cast
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        row = model._base_manager.all()[0]
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            model._base_manager.update(employer_id=cast.southport.pk)
        row.pk, row.employer_id, row._state.adding = uuid4(), cast.southport.pk, True
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)


def test_no_row_points_at_another_employers_even_as_the_operator(
    cast: Cast, ours: Case, theirs: Case
) -> None:
    """The composite keys hold where no policy does."""
    crossings: list[tuple[type[TenantModel], dict[str, Any]]] = [
        (Employee, {"worksite": cast.yard}),
        (Authorization, {"employee": cast.other_maria}),
        (Authorization, {"worksite": cast.yard}),
        (AuthorizedService, {"authorization": theirs.authorization}),
        (Delivery, {"authorization": theirs.authorization}),
        (Report, {"employee": cast.other_maria}),
        (Report, {"authorization": theirs.authorization}),
        (ReportSubscription, {"worksite": cast.yard}),
        (GrantedWorksite, {"worksite": cast.yard}),
    ]
    for model, change in crossings:
        with scope.acting_as(scope.OPERATOR), connection.cursor() as cursor:
            model._base_manager.filter(employer=cast.northwind).update(**change)
            with pytest.raises(IntegrityError, match="_tenant"):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)


def test_a_center_sees_whom_it_was_asked_to_treat_and_no_one_else(cast: Cast, ours: Case) -> None:
    def seen(model: type[TenantModel]) -> set[UUID]:
        return set(model._base_manager.values_list("pk", flat=True))

    with scope.acting_as(scope.center(cast.dallas.pk)):
        assert seen(Employee) == {cast.maria.pk}
        assert seen(Authorization) == {ours.authorization.pk}
    with scope.acting_as(scope.center(cast.mesa.pk)):
        assert [seen(model) for model in TENANT_MODELS if model is not Worksite] == [
            set() for model in TENANT_MODELS if model is not Worksite
        ]


def test_an_anonymous_browser_learns_nothing_even_without_filters(
    cast: Cast, foreign: set[str], no_employer_filter: None
) -> None:
    for path in LISTS:
        response = Client().get(path)
        assert response.status_code == 302
        assert found_in(response, foreign) == set()
