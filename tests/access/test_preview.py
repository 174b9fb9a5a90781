"""An Admin User looks through another's eyes, and nothing changes by it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.accounts.actions import VisitActivity, turn_off
from clearwork.accounts.models import PortalAccess, Role
from clearwork.audit.actions import Action
from clearwork.authorizations.drafts import drafts, save_draft
from clearwork.authorizations.keeping import key_for
from clearwork.database import scope
from tests.access.routes import routes
from tests.access.story import access_of, contact_id, events, let_see, northwind
from tests.cast import Cast, Person
from tests.conftest import SignIn
from tests.database.stage import northwinds

ENDING = {"access:end_preview", "account_logout"}
SCHEMA = "api:openapi-json"  # the same for all, however it is asked for


@pytest.fixture
def as_victor(cast: Cast, alice: Client) -> Client:
    """Alice, previewing what Victor sees."""
    assert alice.post(f"/account/people/{contact_id(cast.victor)}/preview/").status_code == 302
    return alice


def test_the_preview_shows_what_the_person_sees_under_a_banner(
    cast: Cast, as_victor: Client
) -> None:
    page = as_victor.get("/").content.decode()
    assert "you see what Victor Example sees" in page
    assert "under your name, Alice Example" in page
    assert as_victor.get("/results/").status_code == 403
    assert as_victor.get("/account/people/").status_code == 403
    let_see(cast, cast.victor, VisitActivity(injury=True))
    assert as_victor.get("/results/").status_code == 200


def test_what_is_sent_to_the_person_is_theirs_and_a_change_says_why_it_is_refused(
    cast: Cast, as_victor: Client
) -> None:
    page = as_victor.get("/account/notifications/").content.decode()
    assert cast.victor.user.email in page and cast.alice.user.email not in page
    refused = as_victor.post("/account/notifications/", {"notify": "each"})
    assert "A preview changes nothing" in refused.content.decode()


def test_what_the_person_typed_and_did_not_send_is_shown_to_nobody(
    cast: Cast, as_victor: Client
) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        typed = {"center_note": ["Begun by Victor"]}
        save_draft(typed, submission=uuid4(), by=cast.victor.viewer)
        (draft,) = drafts(cast.victor.viewer)
    for address in ("/authorizations/new/", f"/authorizations/new/?draft={draft.pk}"):
        page = as_victor.get(address)
        assert b"Begun by Victor" not in page.content and not page.context.get("drafts")
        assert page.context["keep_key"] == key_for(cast.alice.user.pk), "Victor's opens his tabs"


def test_the_banner_is_on_every_page(cast: Cast, as_victor: Client) -> None:
    case = northwinds(cast, by=cast.victor)
    own = contact_id(cast.victor)
    for address in (
        "/",
        "/authorizations/",
        "/authorizations/new/",
        f"/authorizations/{case.authorization.pk}/",
        f"/account/people/{own}/",
    ):
        page = as_victor.get(address)
        assert page.status_code == 200 and "End preview" in page.content.decode(), address


def test_others_authorizations_are_not_there_and_ones_own_are(
    cast: Cast, as_victor: Client
) -> None:
    victors, alices = northwinds(cast, by=cast.victor), northwinds(cast)
    assert as_victor.get(f"/authorizations/{victors.authorization.pk}/").status_code == 200
    assert as_victor.get(f"/authorizations/{alices.authorization.pk}/").status_code == 404


def test_the_trail_names_who_really_looked(cast: Cast, as_victor: Client) -> None:
    let_see(cast, cast.victor, VisitActivity(non_injury=True))
    case = northwinds(cast, by=cast.victor)
    page = as_victor.get(f"/results/{case.report.pk}/")
    image = page.content.decode().split('<img src="')[1].split('"')[0]
    assert as_victor.get(image).status_code == 200
    as_victor.get(f"/results/{case.report.pk}/download.pdf")
    as_victor.get(f"/authorizations/{case.authorization.pk}/")
    seen = [
        events(action)[-1]
        for action in (
            Action.ACCESS_PREVIEWED,
            Action.REPORT_VIEWED,
            Action.REPORT_DOWNLOADED,
            Action.AUTHORIZATION_VIEWED,
        )
    ]
    assert {event.actor_id for event in seen} == {cast.alice.user.pk}
    assert seen[0].subject_id == contact_id(cast.victor)


def test_a_picture_opened_in_a_preview_is_not_the_previewed_persons(
    cast: Cast, as_victor: Client, sign_in: SignIn
) -> None:
    let_see(cast, cast.victor, VisitActivity(non_injury=True))
    case = northwinds(cast, by=cast.victor)
    page = as_victor.get(f"/results/{case.report.pk}/").content.decode()
    image = page.split('<img src="')[1].split('"')[0]
    assert sign_in(cast.victor).get(image).status_code == 404


def test_no_route_takes_a_post_in_a_preview(cast: Cast, as_victor: Client) -> None:
    own, before = contact_id(cast.victor), len(_all_events())
    for route in routes():
        if route.name in ENDING or route.name in ("account_login", SCHEMA):
            continue
        try:
            address = route.path(own)
        except KeyError:  # a link with a secret in it: no page of the portal's
            continue
        api = route.name.startswith("api:")  # which knows no cookies
        answer = as_victor.post(address, {"role": "admin"})
        assert answer.status_code in ((401, 404, 405) if api else (403,)), route.name
    assert len(_all_events()) == before
    assert access_of(cast.victor).role == Role.VIEW_ONLY


def _all_events() -> list[object]:
    return [event for action in Action for event in events(action)]


def test_a_view_refuses_a_post_in_a_preview_by_itself(cast: Cast) -> None:
    """Also where the middleware would let it through."""
    request = RequestFactory().post("/")
    request.viewer = replace(cast.victor.viewer, seen_by="Alice")  # type: ignore[attr-defined]
    with pytest.raises(PermissionDenied):
        require(request, Permission.OWN_SETTINGS)


def test_end_preview_leads_back_to_the_person(cast: Cast, as_victor: Client) -> None:
    answer = as_victor.post("/account/people/preview/end/")
    assert answer["Location"] == f"/account/people/{contact_id(cast.victor)}/"
    assert "Role changed" not in as_victor.get(answer["Location"]).content.decode()
    assert as_victor.get("/account/people/").status_code == 200
    assert as_victor.post("/account/people/preview/end/")["Location"] == "/"


def test_a_preview_ends_when_the_person_is_removed_meanwhile(
    cast: Cast, as_victor: Client, dana: Person
) -> None:
    with northwind(cast):
        turn_off(by=dana.viewer.actor, access=access_of(cast.victor))
    answer = as_victor.get("/results/", follow=True)
    assert answer.redirect_chain == [("/", 302)], "not the page one thought to see as Victor"
    assert "The preview has ended" in answer.content.decode()
    assert "End preview" not in as_victor.get("/").content.decode()


def test_a_partial_of_an_ended_preview_sends_the_whole_page_home(
    cast: Cast, as_victor: Client, dana: Person
) -> None:
    with northwind(cast):
        turn_off(by=dana.viewer.actor, access=access_of(cast.victor))
    answer = as_victor.get("/employees/suggest/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/")


def test_a_preview_ends_when_the_admin_user_is_one_no_more(
    cast: Cast, as_victor: Client, dana: Person
) -> None:
    """Even where the session outlives the change (the row changed by other means)."""
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(role=Role.VIEW_ONLY)
    assert as_victor.get("/").status_code == 302
    assert "End preview" not in as_victor.get("/").content.decode()


def test_sign_out_works_in_a_preview(as_victor: Client) -> None:
    assert as_victor.post("/sign-out/").status_code == 302
    assert as_victor.get("/").status_code == 302


def test_nobody_else_may_preview_and_only_ones_own_people(
    cast: Cast, alice: Client, sign_in: SignIn
) -> None:
    victor = sign_in(cast.victor)
    assert victor.post(f"/account/people/{contact_id(cast.victor)}/preview/").status_code == 403
    theirs = alice.post(f"/account/people/{contact_id(cast.bob)}/preview/")
    missing = alice.post(f"/account/people/{uuid4()}/preview/")
    assert theirs.status_code == missing.status_code == 404
    oneself = alice.post(f"/account/people/{contact_id(cast.alice)}/preview/")
    assert oneself.status_code == 404
    assert not events(Action.ACCESS_PREVIEWED)


@pytest.mark.usefixtures("layers")
def test_a_session_that_names_a_strangers_access_previews_nothing(
    cast: Cast, alice: Client
) -> None:
    with scope.acting_as(scope.ANONYMOUS):
        session = alice.session
        session["previewed_access_id"] = str(access_of(cast.bob).pk)
        session.save()
    assert alice.get("/results/")["Location"] == "/"
    assert "Northwind Freight" in alice.get("/").content.decode()
