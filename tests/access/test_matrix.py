"""Every route by every kind of visitor: one table, generated against the URL resolver."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from uuid import UUID, uuid4

import pytest
from django.test import Client

from clearwork.access import decide
from tests.access.routes import Route, routes
from tests.access.visitors import GRANTED, Stage, Visitor, comparable, record, undone
from tests.cast import PASSWORD

# GET/POST of: Admin Alice; View Only Victor on his own authorization, then on Alice's; Bob
# of another employer; signed in without access; with access turned off; anonymous.
WHO = ("alice", "victor", "victor_on_alices", "bob", "no_access", "turned_off", "anonymous")
_PAGE = "200/405 200/405 200/405 200/405 403/403 403/403 302/302"
_RECORD = "200/405 200/405 404/405 404/405 403/403 403/403 302/302"
_RESULT = "200/405 403/405 403/405 404/405 403/403 403/403 302/302"
# For whom some visit activity was granted.
_GRANTED = "200/405 403/405 403/405 200/405 403/403 403/403 302/302"
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
# Nothing selected leads back to the list; a list is its maker's, and an Admin User's.
_SELECTED = "405/302 405/302 405/302 405/302 403/403 403/403 302/302"
_OWN_LIST = "405/302 405/302 405/404 405/404 403/403 403/403 302/302"
# An integration's, by its token: a session is nothing there. See test_matrix_api.py.
_API = " ".join(["401/405"] * 7)
_API_BOTH = " ".join(["401/401"] * 7)
_API_POST = " ".join(["405/401"] * 7)
EXPECTED = {
    # Alice on her own contact: she is the last Admin User, so ending her access is refused.
    "access:activity": "404/404 403/403 403/403 404/404 403/403 403/403 302/302",
    "access:add": _ADMINS_FORM,
    "access:contact": _RECORD,
    "access:edit": _CONTACT_FORM,
    "access:end_preview": "405/302 405/302 405/302 405/302 403/403 403/403 302/302",
    "access:history": _ADMINS,
    "access:invite": _CONTACT_FORM,
    "access:leave": "200/422 200/302 200/302 200/422 403/403 403/403 302/302",
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
    "login": "302/405 302/405 302/405 302/405 302/405 302/405 302/405",
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
    "api:add_employee": _API_BOTH,
    "api:api-root": " ".join(["404/404"] * 7),
    "api:cancel_authorization": _API_POST,
    "api:change_employee": _API,
    "api:create_authorization": _API_BOTH,
    "api:create_many_authorizations": _API_POST,
    "api:get_authorization": _API,
    "api:get_employee": _API,
    "api:get_result": _API,
    "api:get_result_file": _API,
    "api:list_authorizations": _API_BOTH,
    "api:list_centers": _API,
    "api:list_employees": _API_BOTH,
    "api:list_services": _API,
    "api:list_visits": _API,
    "api:list_work_status": _API,
    "api:list_worksites": _API,
    "api:openapi-json": " ".join(["200/200"] * 7),
    "api:search_results": _API,
    "authorizations:cancel": "200/422 200/422 404/404 404/404 403/403 403/403 302/302",
    "authorizations:detail": _RECORD,
    "authorizations:document": _RECORD,
    "authorizations:discard_draft": "405/302 405/302 405/302 405/302 403/403 403/403 302/302",
    "authorizations:draft": "405/204 405/204 405/204 405/204 403/403 403/403 302/302",
    "authorizations:edit": "200/422 200/422 404/404 404/404 403/403 403/403 302/302",
    "authorizations:change_view": "405/302 405/302 405/404 405/404 403/403 403/403 302/302",
    "authorizations:delete_view": "405/302 405/302 405/404 405/404 403/403 403/403 302/302",
    "authorizations:extend": "200/422 200/422 404/404 404/404 403/403 403/403 302/302",
    "authorizations:list": _PAGE,
    "authorizations:live": _RECORD,
    "authorizations:new": "200/422 200/422 200/422 200/422 403/403 403/403 302/302",
    "authorizations:save_view": "405/302 405/302 405/302 405/302 403/403 403/403 302/302",
    "authorizations:resend": "405/302 405/302 405/404 405/404 403/403 403/403 302/302",
    "authorizations:submitted": _PAGE,
    "centers:center": _PAGE,
    "centers:choose": _PAGE,
    "centers:favourite": "405/302 405/302 405/302 405/302 403/403 403/403 302/302",
    "centers:list": _PAGE,
    "centers:package_delete": "200/302 403/403 403/403 404/404 403/403 403/403 302/302",
    "centers:package_edit": _CONTACT_FORM,
    "centers:package_new": _ADMINS_FORM,
    "centers:packages": _PAGE,
    "bulk:accept_doubts": _OWN_LIST,
    "bulk:batch": _RECORD,
    "bulk:cancel": _SELECTED,
    "bulk:columns": "405/422 405/422 405/404 405/404 403/403 403/403 302/302",
    "bulk:example": _PAGE,
    "bulk:extend": _SELECTED,
    "bulk:go_on": _OWN_LIST,
    "bulk:leave_out": _OWN_LIST,
    "bulk:list": _PAGE,
    "bulk:new": "200/422 200/422 200/422 200/422 403/403 403/403 302/302",
    "bulk:order": _OWN_LIST,
    "bulk:passes": _OWN_LIST,
    "bulk:progress": _RECORD,
    "bulk:roster_import": _ADMINS_FORM,
    "bulk:row": _OWN_LIST,
    "bulk:stop": _OWN_LIST,
    "bulk:submit": _OWN_LIST,
    "company:edit": _ADMINS_FORM,
    "company:home": _ADMINS,
    "company:notifications": "200/422 200/422 200/422 200/422 403/403 403/403 302/302",
    "company:release": _RESULT,
    "company:release_document": _RESULT,
    "company:release_new": _CONTACT_FORM,
    "company:releases": _ADMINS,
    "company:privacy": _ADMINS,
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
    "defaults:edit": _ADMINS_FORM,
    # One's own alone: also of the same employer's Admin User another's is a missing one.
    "exports:authorizations": _SELECTED,
    # Of Victor's own, what he may not read any more is held back.
    "exports:download": "200/405 409/405 404/405 404/405 403/403 403/403 302/302",
    "exports:export": _RECORD,
    "exports:list": _PAGE,
    "exports:new": "405/302 405/403 405/403 405/302 403/403 403/403 302/302",
    "exports:of_list": "405/200 405/200 405/404 405/404 403/403 403/403 302/302",
    "exports:progress": _RECORD,
    "exports:remake": _OWN_LIST,
    "exports:stop": _OWN_LIST,
    "healthz": "200/405 200/405 200/405 200/405 200/405 200/405 200/405",
    "home": _PAGE,
    "last_weeks": _PAGE,
    "integrations:adopt": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "integrations:guide": _ADMINS,
    "integrations:list": _ADMINS,
    "integrations:new": _ADMINS_FORM,
    "integrations:revoke": "200/302 403/403 403/403 404/404 403/403 403/403 302/302",
    "passes:calendar": "410/405 410/405 410/405 410/405 410/405 410/405 410/405",
    "passes:code": "405/410 405/410 405/410 405/410 405/410 405/410 405/410",
    "passes:lost": _PAGE,
    "passes:of_authorization": _RECORD,
    "passes:open": _GONE,
    "passes:pdf": "410/405 410/405 410/405 410/405 410/405 410/405 410/405",
    "passes:resend": "405/302 405/302 405/404 405/404 403/403 403/403 302/302",
    "passes:revoke": "200/302 200/302 404/404 404/404 403/403 403/403 302/302",
    "passes:send_employee": "200/422 200/422 404/404 404/404 403/403 403/403 302/302",
    "passes:send_named": "200/422 200/422 404/404 404/404 403/403 403/403 302/302",
    "people:suggest": _PAGE,
    "results:count": "200/405 403/405 403/405 200/405 403/403 403/403 302/302",
    "results:change_view": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "results:delete_view": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "results:download": _RESULT,
    "results:hold": _CONTACT_FORM,
    "results:list": "200/405 403/405 403/405 200/405 403/403 403/403 302/302",
    "results:of_authorization": _RECORD,
    "results:page_image": _RESULT,
    "results:report": _RESULT,
    "results:restore": _CONTACT_FORM,
    "results:types": _PAGE,
    "results:save_view": "405/302 405/403 405/403 405/302 403/403 403/403 302/302",
    "roster:come_back": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "roster:edit": _CONTACT_FORM,
    # Maria, whom everyone at Northwind may pick: but for who was granted another worksite.
    "roster:employee": "200/405 200/405 200/405 404/405 403/403 403/403 302/302",
    "roster:leave": "200/302 403/403 403/403 404/404 403/403 403/403 302/302",
    "roster:list": _PAGE,
    "roster:merge": "200/404 403/403 403/403 404/404 403/403 403/403 302/302",
    "roster:part": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "roster:new": "200/422 200/422 200/422 200/422 403/403 403/403 302/302",
    "dot:csv": _GRANTED,
    "dot:list": _GRANTED,
    "visit_results:of_report": _RESULT,
    "visit_results:of_visit": _RESULT,
    "visits:board": _GRANTED,
    "visits:card": _RESULT,
    "visits:card_pdf": _RESULT,
    "visits:give_link": "200/422 403/403 403/403 404/404 403/403 403/403 302/302",
    "visits:list": _GRANTED,
    "visits:revoke_link": "405/302 405/403 405/403 405/404 403/403 403/403 302/302",
    "visits:shared_card": _GONE,
    "visits:shared_code": "405/410 405/410 405/410 405/410 405/410 405/410 405/410",
    "visits:visit": _RESULT,
    "help:authorization": _RECORD,
    "help:concern": "200/422 200/422 200/422 200/422 200/422 200/422 200/422",
    "help:concern_received": _ANYONE,
    "help:report": _RESULT,
    "help:topics": _ANYONE,
    "results:received_in_error": "200/302 403/403 403/403 404/404 403/403 403/403 302/302",
    "support:concern": _STAFFS,
    "support:held_result": _STAFFS,
    "support:held_result_page": _STAFFS_PAGE,
    "support:held_results": _STAFFS_PAGE,
    "support:hold_lift": _STAFFS,
    "support:hold_new": _STAFFS,
    "support:holds": _STAFFS_PAGE,
    "support:home": _STAFFS_PAGE,
    "support:incident": _STAFFS,
    "support:incidents": _STAFFS_PAGE,
    "support:release": _STAFFS,
    "support:release_decline": _STAFFS,
    "support:release_document": _STAFFS_PAGE,
    "support:releases": _STAFFS_PAGE,
    "support:request": _STAFFS,
    "support:retention": _STAFFS_PAGE,
    "support:retention_of": _STAFFS_PAGE,
    "support:request_decline": _STAFFS,
    "support:requests": _STAFFS_PAGE,
    "support:service": _STAFFS,
    "support:service_new": _STAFFS,
    "support:service_offer": "405/403 405/403 405/403 405/403 403/403 403/403 302/302",
    "support:services": _STAFFS_PAGE,
    "support:user": _STAFFS,
    "support:users": _STAFFS_PAGE,
}
# GET/POST of support, then of the privacy officer. On any other route the network's own
# people are like someone without access.
STAFF = {
    "home": "302/302 302/302",
    "support:concern": "200/422 200/422",
    "support:held_result": "200/422 403/403",
    "support:held_result_page": "200/405 403/405",
    "support:held_results": "200/405 403/405",
    "support:hold_lift": "403/403 200/422",
    "support:hold_new": "403/403 200/422",
    "support:holds": "403/405 200/405",
    "support:home": "302/405 302/405",
    "support:incident": "200/422 200/422",
    "support:incidents": "200/405 200/405",
    "support:release": "200/422 200/422",
    "support:release_decline": "200/422 200/422",
    "support:release_document": "200/405 200/405",
    "support:releases": "200/405 200/405",
    "support:request": "200/422 403/403",
    "support:retention": "403/405 200/405",
    "support:retention_of": "403/405 200/405",
    "support:request_decline": "200/422 403/403",
    "support:requests": "200/405 403/405",
    "support:service": "200/422 403/403",
    "support:service_new": "200/422 403/403",
    "support:service_offer": "405/302 405/403",
    "support:services": "200/405 403/405",
    "support:user": "200/422 403/403",
    "support:users": "200/405 403/405",
}
# Everyone else is like one of these, but for what follows.
LIKE = {
    "injury": "victor_on_alices",
    "non_injury": "victor_on_alices",
    "restrictions": "victor_on_alices",
    "other_site": "victor_on_alices",
    "support": "no_access",
    "privacy_officer": "no_access",
    "expired": "anonymous",
    "preview": "victor",
}
# The report asked for is of a non-injury visit at Plant 4, and no work status report. Of someone
# who sees some results, one not granted is missing (404); who sees none is told so (403).
_REPORT = ("results:report", "results:download", "results:page_image")
# The visit asked for is the report's; a card is of whom everyone at Northwind may pick.
_VISIT = ("visits:visit", "visit_results:of_visit", "visit_results:of_report")
_CARD = ("visits:card", "visits:card_pdf")
_LISTS = {
    "exports:new": "405/302",
    "results:count": "200/405",
    "results:change_view": "405/404",
    "results:delete_view": "405/404",
    "results:list": "200/405",
    "results:save_view": "405/302",
    **dict.fromkeys(("visits:board", "visits:list", "dot:list", "dot:csv", *_CARD), "200/405"),
}
_SEEN = {"help:report": "200/405", "results:received_in_error": "200/302"}
_UNSEEN = {"help:report": "404/405", "results:received_in_error": "404/404"}
_MISSING = {**_LISTS, **_UNSEEN, **dict.fromkeys((*_REPORT, *_VISIT), "404/405")}
BUT = {
    "injury": _MISSING,
    "non_injury": {**_LISTS, **_SEEN, **dict.fromkeys((*_REPORT, *_VISIT), "200/405")},
    "restrictions": _MISSING,
    "other_site": {**_MISSING, **dict.fromkeys(("roster:employee", *_CARD), "404/405")},
    "support": {route: answers.split()[0] for route, answers in STAFF.items()},
    "privacy_officer": {route: answers.split()[1] for route, answers in STAFF.items()},
    # What somebody downloaded is theirs alone. "expired" and "preview": see expected(), too.
    "preview": dict.fromkeys(("exports:download", "exports:export", "exports:progress"), "404/403"),
}
ENDS_PREVIEW = ("access:end_preview", "account_logout")
LED_AWAY = (("victor", "access:end_preview"), ("support", "home"))  # asking for no permission
ROUTES = routes()
FIELDS = {"who": "existing"}  # too little for any form
OF_PEOPLE = [route for route in ROUTES if not route.name.startswith("api:")]
OF_ONE = [route for route in OF_PEOPLE if "pk" in route.arguments]


def ids(route: Route) -> str:
    return route.name


def expected(route: Route, who: str) -> str:
    if who in BUT and route.name in BUT[who]:
        return BUT[who][route.name]
    answers = EXPECTED[route.name].split()[WHO.index(LIKE.get(who, who))]
    if who == "preview" and route in OF_PEOPLE and route.name not in ENDS_PREVIEW:
        return f"{answers.split('/')[0]}/403"  # a preview changes nothing
    return answers


def answered(visitor: Visitor, method: str, path: str) -> int:
    """The status of one request, whose effects are undone; what was answered is kept nowhere."""
    with undone():
        client = visitor.browser()
        answer = client.post(path, FIELDS) if method == "post" else client.get(path)
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code


def test_every_route_has_a_row() -> None:
    assert {route.name for route in ROUTES} == set(EXPECTED)


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_each_visitor_gets_what_the_table_says(route: Route, stage: Stage) -> None:
    said, got = {}, {}
    for who, visitor in stage.visitors.items():
        path = visitor.path(route)
        get, post = (answered(visitor, method, path) for method in ("get", "post"))
        said[who], got[who] = expected(route, who), f"{get}/{post}"
    assert got == said


# The address itself is a secret of 256 bits, and no session is used: see passes.views.public.
WITHOUT_TOKEN = ("passes:open", "passes:code", "visits:shared_card", "visits:shared_code")


@pytest.mark.parametrize("route", [r for r in OF_PEOPLE if r.name not in WITHOUT_TOKEN], ids=ids)
def test_a_post_without_its_token_is_refused_to_everyone(route: Route, stage: Stage) -> None:
    for who in ("alice", "victor", "bob", "no_access", "support", "anonymous"):
        visitor = stage.visitors[who]
        with undone():
            answer = visitor.browser(enforce_csrf_checks=True).post(visitor.path(route))
        assert answer.status_code == HTTPStatus.FORBIDDEN, who
        assert b"csrf" not in answer.content.lower(), "said in plain words"


@pytest.mark.usefixtures("layers")
@pytest.mark.parametrize("route", OF_ONE, ids=ids)
def test_another_ones_record_answers_like_a_missing_one(route: Route, stage: Stage) -> None:
    for who in ("alice", "victor", "bob", "preview", *GRANTED):
        theirs = record(route, stage.bobs if who != "bob" else stage.alices)
        for method in ("get", "post"):
            there, nowhere = _both(stage.visitors[who], method, route, (theirs, uuid4()))
            assert there == nowhere, (who, method)
            assert there[0] in (403, 404, 405, 410), (who, method)


def _both(
    visitor: Visitor, method: str, route: Route, pair: tuple[UUID, UUID]
) -> Iterator[tuple[int, dict[str, str], bytes]]:
    for pk in pair:
        with undone():
            answer = getattr(visitor.browser(), method)(visitor.path(route, pk))
            yield comparable(answer, *pair)


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_a_role_that_holds_nothing_opens_nothing(
    route: Route, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page asks for a permission, also where everyone holds it today."""
    monkeypatch.setattr(decide, "PERMISSIONS", {})
    monkeypatch.setattr(decide, "STAFF_PERMISSIONS", {})
    for who in ("victor", "support"):
        visitor, table = stage.visitors[who], EXPECTED[route.name].split()
        path = visitor.path(route)
        for method, usual in zip(("get", "post"), expected(route, who).split("/"), strict=True):
            if table[WHO.index("no_access")] == "403/403" and usual not in ("404", "405"):
                refused = 302 if (who, route.name) in LED_AWAY else 403
                assert answered(visitor, method, path) == refused, (who, method)


def test_a_signed_out_partial_sends_the_whole_page_to_sign_in(stage: Stage) -> None:
    answer = Client().get("/authorizations/", headers={"HX-Request": "true"})
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert answer["HX-Redirect"] == "/sign-in/"


def test_after_sign_in_one_lands_where_one_wanted_to_go(stage: Stage) -> None:
    answer = Client().get("/results/?name=garcia")
    assert answer["Location"] == "/sign-in/?next=/results/%3Fname%3Dgarcia"


def test_no_open_redirect_through_sign_in(stage: Stage) -> None:
    answer = Client().post(
        "/sign-in/?next=https://elsewhere.example/",
        {
            "login": stage.cast.alice.user.email,
            "password": PASSWORD,
            "next": "https://elsewhere.example/",
        },
    )
    assert answer["Location"] == "/"
