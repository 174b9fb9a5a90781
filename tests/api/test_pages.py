"""The Admin User's pages of integrations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clearwork.api import guide, views
from clearwork.api.models import ApiToken
from clearwork.api.rules import LONGEST_DAYS, Scope
from clearwork.database import scope
from clearwork.foundation import clock
from tests.api.story import Integration, change, events, integration
from tests.cast import Cast
from tests.conftest import SignIn

PAGE = "/account/integrations/"


def test_a_token_is_made_shown_once_and_revoked(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    assert b"No integrations yet" in alice.get(PAGE).content
    expires = clock.today() + timedelta(days=30)
    sent = {"name": "Payroll", "scopes": ["employees:read"], "expires": f"{expires}"}
    made = alice.post(f"{PAGE}new/", sent)
    assert made["Cache-Control"] == "no-store"
    text = made.context["text"]
    assert made.content.decode().count(text) == 1
    assert text not in alice.get(PAGE).content.decode()
    with scope.acting_as(scope.OPERATOR):
        token = ApiToken.objects.get()
    assert (token.scopes, token.expires) == (["employees:read"], expires)
    payroll = Integration(token, text, alice)
    assert payroll.get("/employees").status_code == 200
    assert b"CST" in alice.get(PAGE).content or b"CDT" in alice.get(PAGE).content, "last used"
    revoked = alice.post(f"{PAGE}{token.pk}/revoke/", follow=True)
    assert b"Payroll is revoked" in revoked.content
    assert payroll.get("/employees").status_code == 401, "from the next request on"
    alice.post(f"{PAGE}{token.pk}/revoke/")
    for what in ("created", "revoked"):
        (event,) = events(f"token:{what}")
        assert event.actor_id == cast.alice.user.pk and event.subject_id == token.pk
        assert text.rpartition("_")[2] not in str(event.detail)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires": "2020-01-01"},
        {"expires": f"{clock.today() + timedelta(days=LONGEST_DAYS + 1)}"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_made(
    wrong: dict[str, object], cast: Cast, sign_in: SignIn
) -> None:
    sent = {"name": "Payroll", "scopes": ["employees:read"], "expires": f"{clock.today()}"}
    answer = sign_in(cast.alice).post(f"{PAGE}new/", sent | wrong)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == list(wrong)
    with scope.acting_as(scope.OPERATOR):
        assert not ApiToken.objects.exists()


def test_there_are_not_too_many(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_TOKENS", 1)
    old = integration(cast.alice)
    sent = {"name": "More", "scopes": ["employees:read"], "expires": f"{clock.today()}"}
    alice = sign_in(cast.alice)
    assert alice.post(f"{PAGE}new/", sent).status_code == 422
    change(old.token, revoked_at=clock.now())
    assert alice.post(f"{PAGE}new/", sent).status_code == 200


def test_the_list_asks_the_same_however_long_it_is(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    alice.get(PAGE)  # a session's first page notes that it is used
    counts = []
    for _ in range(2):
        integration(cast.alice).get("/employees")
        with CaptureQueriesContext(connection) as asked:
            assert alice.get(PAGE).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_guide_tells_of_every_operation_and_its_scope(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.alice).get(f"{PAGE}api/").content.decode()
    told = [one for each in guide.groups().values() for one in each]
    assert {one.scope for one in told} == {each.value for each in Scope}
    assert all(one.path in page for one in told)
    assert all(parameter.what for one in told for parameter in one.parameters)
    assert "<script src=" not in page.replace('<script src="/static/', "")
