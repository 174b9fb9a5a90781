"""Every route by every kind of visitor: one table, generated against the URL resolver."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.signing import TimestampSigner
from django.db import models
from django.test import Client

from clearwork.accounts.models import AccessRequest, PortalAccess, Staff, User
from clearwork.database import scope
from clearwork.employers.models import ReleaseRequest
from clearwork.employers.rules import ReportType
from tests.access.routes import Route, routes
from tests.cast import PASSWORD, Cast
from tests.database.stage import Case, northwinds, southports

# GET/POST of: Admin Alice; View Only Victor on his own authorization, then on Alice's; Bob
# of another employer; signed in without access; with access turned off; anonymous.
WHO = ("alice", "victor", "victor_on_alices", "bob", "no_access", "turned_off", "anonymous")
_PAGE = "200/405 200/405 200/405 200/405 403/403 403/403 302/302"
_RECORD = "200/405 200/405 404/405 404/405 403/403 403/403 302/302"
_RESULT = "200/405 403/405 403/405 404/405 403/403 403/403 302/302"
# One's own sign-in: whoever is signed in, whatever they may act for.
_OWN = "200/405 200/405 200/405 200/405 200/405 200/405 302/302"
_OWN_FORM = "200/200 200/200 200/200 200/200 200/200 200/200 302/302"
_ANYONE = "200/405 200/405 200/405 200/405 200/405 200/405 200/405"
_ANYONE_FORM = "200/200 200/200 200/200 200/200 200/200 200/200 200/200"
_GONE = "410/410 410/410 410/410 410/410 410/410 410/410 410/410"
# The network's own people's: see STAFF.
_STAFFS = "403/403 403/403 403/403 403/403 403/403 403/403 302/302"
_STAFFS_PAGE = "403/405 403/405 403/405 403/405 403/403 403/403 302/302"
# First to show once more that it is you; anonymous: to sign in.
_CONFIRMED = "302/302 302/302 302/302 302/302 302/302 302/302 302/302"
# An Admin User's alone: a page, a form, a form on one contact, a POST on one contact.
_ADMINS = "200/405 403/405 403/405 200/405 403/403 403/403 302/302"
_ADMINS_FORM = "200/422 403/403 403/403 200/422 403/403 403/403 302/302"
_CONTACT_FORM = "200/422 403/403 403/403 404/404 403/403 403/403 302/302"
_CONTACT_POST = "405/404 405/403 405/403 405/404 403/403 403/403 302/302"
EXPECTED = {
    # Alice on her own contact: she is the last Admin User, so ending her access is refused.
    "access:activity": "404/404 403/403 403/403 404/404 403/403 403/403 302/302",
    "access:add": _ADMINS_FORM,
    "access:contact": _RECORD,
    "access:edit": _CONTACT_FORM,
    "access:end_preview": "405/302 405/302 405/302 405/302 403/403 403/403 302/302",
    "access:history": _ADMINS,
    "access:invite": _CONTACT_FORM,
    # Victor leaves, and so is signed out the second time.
    "access:leave": "200/422 200/302 302/302 200/422 403/403 403/403 302/302",
    "access:list": _ADMINS,
    "access:mine": "302/405 302/405 302/405 302/405 403/403 403/403 302/302",
    "access:preview": _CONTACT_POST,
    "access:remove": _CONTACT_FORM,
    "access:resend": _CONTACT_POST,
    "access:restore": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "access:review": "200/302 403/403 403/403 200/302 403/403 403/403 302/302",
    "access:revoke": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "access:role": _CONTACT_FORM,
    "access:switch": "405/404 405/404 405/404 405/404 403/403 403/403 302/302",
    "access:turn_off": _CONTACT_FORM,
    "access:turn_on": "200/302 403/403 403/403 404/404 403/403 403/403 302/302",
    "account_login": "302/302 302/302 302/302 302/302 302/302 302/302 200/200",
    "account_logout": "200/302 200/302 200/302 200/302 200/302 200/302 302/302",
    "account_change_password": _OWN_FORM,
    "account_reauthenticate": _OWN_FORM,
    "account_reset_password": _ANYONE_FORM,
    "account_reset_password_done": _ANYONE,
    "account_reset_password_from_key": _ANYONE_FORM,
    "account_reset_password_from_key_done": _ANYONE,
    "change_email": _CONFIRMED,
    "confirm_new_email": _GONE,
    "end_session": "405/404 405/404 405/404 405/404 405/404 405/404 302/302",
    "mfa_activate_totp": _CONFIRMED,
    "mfa_add_webauthn": _CONFIRMED,
    "mfa_authenticate": _CONFIRMED,
    "mfa_deactivate_totp": "404/404 404/404 404/404 404/404 404/404 404/404 302/302",
    "mfa_edit_webauthn": _CONFIRMED,
    "mfa_generate_recovery_codes": _CONFIRMED,
    "mfa_index": _OWN,
    "mfa_login_webauthn": _CONFIRMED,
    "mfa_reauthenticate": _CONFIRMED,
    "mfa_reauthenticate_webauthn": _CONFIRMED,
    "mfa_remove_webauthn": _CONFIRMED,
    "mfa_view_recovery_codes": "404/405 404/405 404/405 404/405 404/405 404/405 302/302",
    "session_left": _OWN,
    "usersessions_list": "200/302 200/302 200/302 200/302 200/302 200/302 302/302",
    "accounts:invitation": _GONE,
    "accounts:request_access": "200/422 200/422 200/422 200/422 200/422 200/422 200/422",
    "accounts:request_received": _ANYONE,
    "authorizations:cancel": "200/302 200/302 404/404 404/404 403/403 403/403 302/302",
    "authorizations:detail": _RECORD,
    "authorizations:document": _RECORD,
    "authorizations:list": _PAGE,
    "authorizations:live": _RECORD,
    "authorizations:new": "200/422 200/422 200/422 200/422 403/403 403/403 302/302",
    "authorizations:resend": "405/302 405/302 405/404 405/404 403/403 403/403 302/302",
    "company:edit": _ADMINS_FORM,
    "company:home": _ADMINS,
    "company:notifications": "200/422 200/422 200/422 200/422 403/403 403/403 302/302",
    "company:release": _RESULT,
    "company:release_document": _RESULT,
    "company:release_new": _CONTACT_FORM,
    "company:releases": _ADMINS,
    "company:reports": _ADMINS,
    "company:reports_cell": _CONTACT_FORM,
    "company:reports_change": _ADMINS_FORM,
    "company:reports_contact": _RESULT,
    "company:reports_copy": _CONTACT_FORM,
    "company:reports_who": _ADMINS,
    "company:worksite_add": _ADMINS_FORM,
    "company:worksite_close": "200/302 403/403 403/403 404/404 403/403 403/403 302/302",
    "company:worksite_edit": _CONTACT_FORM,
    "company:worksite_reopen": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "company:worksites": _ADMINS,
    "healthz": "200/405 200/405 200/405 200/405 200/405 200/405 200/405",
    "home": _PAGE,
    "people:suggest": _PAGE,
    "results:download": _RESULT,
    "results:list": "200/405 403/405 403/405 200/405 403/403 403/403 302/302",
    "results:of_authorization": _RECORD,
    "results:page_image": _RESULT,
    "results:report": _RESULT,
    "support:home": _STAFFS_PAGE,
    "support:release": _STAFFS,
    "support:release_decline": _STAFFS,
    "support:release_document": _STAFFS_PAGE,
    "support:releases": _STAFFS_PAGE,
    "support:request": _STAFFS,
    "support:request_decline": _STAFFS,
    "support:requests": _STAFFS_PAGE,
}
# GET/POST of support, then of the privacy officer. On any other route the network's own
# people are like someone without access.
STAFF = {
    "home": "302/302 302/302",
    "support:home": "302/405 302/405",
    "support:release": "200/422 200/422",
    "support:release_decline": "200/422 200/422",
    "support:release_document": "200/405 200/405",
    "support:releases": "200/405 200/405",
    "support:request": "200/422 403/403",
    "support:request_decline": "200/422 403/403",
    "support:requests": "200/405 403/405",
}
ROUTES = routes()
FIELDS = {"who": "existing"}  # too little for any form


def ids(route: Route) -> str:
    return route.name


@pytest.fixture
def cases(cast: Cast) -> dict[str, Case]:
    """Whose records each visitor asks for: Victor his own, all others Alice's."""
    alices = northwinds(cast)
    return {who: northwinds(cast, by=cast.victor) if who == "victor" else alices for who in WHO}


@pytest.fixture
def visitors(cast: Cast) -> dict[str, User | None]:
    with scope.acting_as(scope.OPERATOR):
        stranger = User.objects.create_user("stranger@example.com", PASSWORD)
        left = User.objects.create_user("left@northwind.example", PASSWORD)
        User.objects.filter(pk__in=(stranger.pk, left.pk)).update(is_demo=True)
        access = PortalAccess.objects.get(user=cast.alice.user)
        PortalAccess.objects.create(
            employer=cast.northwind,
            user=left,
            contact_id=access.contact_id,
            role=access.role,
            is_active=False,
        )
    return {
        "alice": cast.alice.user,
        "victor": cast.victor.user,
        "victor_on_alices": cast.victor.user,
        "bob": cast.bob.user,
        "no_access": stranger,
        "turned_off": left,
        "anonymous": None,
    }


def browser(user: User | None, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    if user is not None:
        with scope.acting_as(scope.ANONYMOUS):
            client.force_login(user)
    return client


def address(route: Route, case: Case, user: User | None) -> str:
    return _path(route, record(route, case), user)


def record(route: Route, case: Case) -> UUID:
    """The id this route asks for: the report's, its maker's contact's, or the authorization's."""
    if route.name.startswith("company:worksite"):
        return UUID(str(case.authorization.worksite_id))
    if route.name in ("company:release", "company:release_document"):
        return release(case)
    if route.name.startswith("support:"):
        return release(case) if "release" in route.name else access_request()
    if route.name.startswith(("access:", "company:")):
        with scope.acting_as(scope.OPERATOR):
            access = PortalAccess.objects.get(user=case.authorization.created_by_id)
        return UUID(str(access.contact_id))
    of_report = route.name.startswith("results:") and route.name != "results:of_authorization"
    found: models.Model = case.report if of_report else case.authorization
    return UUID(str(found.pk))


def release(case: Case) -> UUID:
    """A documented request of the employer, for the authorization's maker."""
    maker = UUID(str(case.authorization.created_by_id))
    with scope.acting_as(scope.OPERATOR):
        made, _ = ReleaseRequest.objects.get_or_create(
            employer_id=case.authorization.employer_id,
            contact_id=PortalAccess.objects.get(user=maker).contact_id,
            report_type=ReportType.MER_LONG_FORM,
            defaults={"document": case.authorization.document, "requested_by_id": maker},
        )
    return made.pk


def access_request() -> UUID:
    with scope.acting_as(scope.ANONYMOUS):
        asked = AccessRequest(account_number="200100", email="n@northwind.example", role="admin")
        asked.save(force_insert=True)
    return UUID(str(asked.pk))


def _path(route: Route, pk: UUID, user: User | None) -> str:
    if route.name != "results:page_image":
        return route.path(pk)
    signer = TimestampSigner(salt="clearwork.results.view")
    return f"{route.path(pk)}?view={signer.sign(f'{user and user.pk}/{pk}')}"


def test_every_route_has_a_row() -> None:
    assert {route.name for route in ROUTES} == set(EXPECTED)


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_each_visitor_gets_what_the_table_says(
    route: Route, cases: dict[str, Case], visitors: dict[str, User | None]
) -> None:
    answers = []
    for who in WHO:
        path = address(route, cases[who], visitors[who])
        get = browser(visitors[who]).get(path).status_code
        answers.append(f"{get}/{browser(visitors[who]).post(path, FIELDS).status_code}")
    assert " ".join(answers) == EXPECTED[route.name]


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_the_networks_own_people_have_their_console_alone(route: Route, cast: Cast) -> None:
    case, answers = northwinds(cast), []
    for kind in Staff:
        with scope.acting_as(scope.OPERATOR):
            user = User.objects.create(email=f"{kind}@network.example", staff=kind, is_demo=True)
        path = address(route, case, user)
        get = browser(user).get(path).status_code
        answers.append(f"{get}/{browser(user).post(path, FIELDS).status_code}")
    like_no_access = EXPECTED[route.name].split()[WHO.index("no_access")]
    assert " ".join(answers) == STAFF.get(route.name, f"{like_no_access} {like_no_access}")


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_a_post_without_its_token_is_refused_to_everyone(
    route: Route, cases: dict[str, Case], visitors: dict[str, User | None]
) -> None:
    for who in WHO:
        client = browser(visitors[who], enforce_csrf_checks=True)
        answer = client.post(address(route, cases[who], visitors[who]))
        assert answer.status_code == HTTPStatus.FORBIDDEN, who
        assert b"csrf" not in answer.content.lower(), "said in plain words"


def comparable(answer: Any, *ids: UUID) -> tuple[int, dict[str, str], bytes]:
    """What a visitor can tell two answers apart by; tokens and the id asked for are masked."""
    content = re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]+', rb"\1", answer.content)
    for pk in ids:
        content = content.replace(str(pk).encode(), b"the id")
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    return answer.status_code, headers, content


@pytest.mark.parametrize("visitor", ["alice", "victor", "bob"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", [r for r in ROUTES if "pk" in r.arguments], ids=ids)
def test_another_ones_record_answers_like_a_missing_one(
    route: Route,
    method: str,
    visitor: str,
    cast: Cast,
    visitors: dict[str, User | None],
    others: Callable[[str], Case],
) -> None:
    user = visitors[visitor]
    case, missing = others(visitor), uuid4()
    theirs = record(route, case)
    answers = [getattr(browser(user), method)(_path(route, pk, user)) for pk in (theirs, missing)]
    there, nowhere = (comparable(answer, theirs, missing) for answer in answers)
    assert there == nowhere
    assert there[0] in (403, 404, 405, 410)


@pytest.fixture
def others(cast: Cast) -> Callable[[str], Case]:
    """A record that is not this visitor's to see."""
    return lambda visitor: southports(cast) if visitor == "alice" else northwinds(cast)


def test_a_signed_out_partial_sends_the_whole_page_to_sign_in(cast: Cast) -> None:
    answer = Client().get("/authorizations/", headers={"HX-Request": "true"})
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert answer["HX-Redirect"] == "/sign-in/"


def test_after_sign_in_one_lands_where_one_wanted_to_go(cast: Cast) -> None:
    answer = Client().get("/results/?name=garcia")
    assert answer["Location"] == "/sign-in/?next=/results/%3Fname%3Dgarcia"


def test_no_open_redirect_through_sign_in(cast: Cast) -> None:
    answer = Client().post(
        "/sign-in/?next=https://elsewhere.example/",
        {
            "login": cast.alice.user.email,
            "password": PASSWORD,
            "next": "https://elsewhere.example/",
        },
    )
    assert answer["Location"] == "/"
