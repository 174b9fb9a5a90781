"""Who is let in by a token, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from clearwork.access.decide import Grants, Viewer
from clearwork.access.permissions import Permission
from clearwork.accounts.models import PortalAccess, Role
from clearwork.api import expiry, jobs, queries
from clearwork.api.models import ApiToken, KeptAnswer, Requests
from clearwork.api.rules import PERMISSIONS, Scope
from clearwork.database import scope
from clearwork.foundation import clock
from tests.api.story import PROBLEM, ROOT, Integration, change, events, integration, order
from tests.cast import Cast, person
from tests.conftest import SignIn
from tests.messaging.postman import everything, post


@pytest.fixture
def payroll(cast: Cast) -> Integration:
    return integration(cast.alice)


def refused(answer: Any, status: int = 401) -> str:
    assert answer.status_code == status
    assert answer["Content-Type"] == PROBLEM
    said = answer.json()
    assert said["status"] == status and said["title"]
    return str(said["detail"])


def test_a_token_opens_the_api(payroll: Integration) -> None:
    assert payroll.get("/employees").status_code == 200


def test_only_the_secrets_hash_is_kept(payroll: Integration) -> None:
    secret = payroll.text.rpartition("_")[2]
    assert len(secret) == 64, "256 bits"
    with scope.acting_as(scope.OPERATOR):
        kept = str(ApiToken.objects.values().get())
    assert secret not in kept and bytes.fromhex(secret) not in bytes(payroll.token.secret_hash)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer cw_1_2", "Basic YTpi", "Bearer cw_" + "0" * 32 + "_" + "é"],
)
def test_without_a_token_nothing_opens(header: str, payroll: Integration) -> None:
    answer = Client().get(f"{ROOT}/employees", headers={"Authorization": header})
    refused(answer)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_secret_answers_like_an_unknown_token(payroll: Integration) -> None:
    asked = []
    for text in (payroll.text[:-64] + "0" * 64, f"cw_{'0' * 32}_{'0' * 64}"):
        answer = Client().get(f"{ROOT}/employees", headers={"Authorization": f"Bearer {text}"})
        asked.append((refused(answer), dict(answer.headers), answer.content))
    assert asked[0] == asked[1]


def test_an_expired_and_a_revoked_token_open_nothing(payroll: Integration) -> None:
    change(payroll.token, expires=clock.today())
    assert payroll.get("/employees").status_code == 200, "its last day is one"
    change(payroll.token, expires=clock.today() - timedelta(days=1))
    assert "expired" in refused(payroll.get("/employees"))
    change(payroll.token, expires=clock.today(), revoked_at=clock.now())
    assert "revoked" in refused(payroll.get("/employees"))


@pytest.mark.parametrize(
    "change_of_access",
    [{"is_active": False}, {"role": Role.VIEW_ONLY}],
)
def test_it_stops_with_its_admin_and_goes_on_with_another(
    change_of_access: dict[str, Any], cast: Cast, payroll: Integration, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.OPERATOR):
        dana = person(cast.northwind, "Dana", Role.ADMIN)
        PortalAccess.objects.filter(user=cast.alice.user).update(**change_of_access)
    assert "take it over" in refused(payroll.get("/employees"))
    page = sign_in(dana).post(f"/account/integrations/{payroll.token.pk}/take-over/", follow=True)
    assert b"You answer for Payroll now" in page.content
    assert payroll.get("/employees").status_code == 200
    (adopted,) = events("token:adopted")
    assert adopted.actor_id == dana.user.pk and adopted.subject_id == payroll.token.pk


NEEDS = {
    "/authorizations": Scope.AUTHORIZATIONS_READ,
    "/services": Scope.AUTHORIZATIONS_READ,
    "/centers": Scope.AUTHORIZATIONS_READ,
    "/employees": Scope.EMPLOYEES_READ,
    "/worksites": Scope.EMPLOYEES_READ,
    "/visits": Scope.VISITS_READ,
    "/work-status": Scope.VISITS_READ,
    "/results": Scope.RESULTS_READ,
}


@pytest.mark.parametrize("path", NEEDS)
def test_each_endpoint_asks_for_its_one_scope(path: str, cast: Cast) -> None:
    needed = NEEDS[path]
    assert integration(cast.alice, [needed]).get(path).status_code == 200
    others = [each for each in Scope if each != needed]
    assert needed.value in refused(integration(cast.alice, others).get(path), 403)


def test_a_viewer_may_what_its_scope_says_and_nothing_else(payroll: Integration) -> None:
    with scope.acting_as(scope.ANONYMOUS):
        found = queries.find(payroll.text)
        assert found is not None
        for asked in Scope:
            viewer = queries.viewer_of(found[0], asked)
            assert {each for each in Permission if viewer.may(each)} == PERMISSIONS[asked]
            assert viewer.grants.any == (asked in (Scope.VISITS_READ, Scope.RESULTS_READ))


def test_without_results_there_is_no_visit_activity(cast: Cast) -> None:
    facts = {**vars(cast.alice.viewer), "limited_to": frozenset({Permission.EMPLOYEE_READ})}
    assert Viewer(**facts).grants == Grants()


def test_a_session_opens_nothing_and_is_not_touched(cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    answer = alice.get(f"{ROOT}/employees")
    refused(answer)
    assert not answer.cookies and settings.SESSION_COOKIE_NAME in alice.cookies
    created = alice.post(f"{ROOT}/authorizations", order(cast), "application/json")
    refused(created)


def test_the_audit_trail_names_the_integration(cast: Cast, payroll: Integration) -> None:
    assert payroll.post("/authorizations", order(cast)).status_code == 201
    (created,) = events("authorization:created")
    assert (created.actor_kind, created.actor_id) == ("integration", payroll.token.pk)
    assert created.employer_id == cast.northwind.pk


def test_too_many_requests_are_told_when_to_come_back(
    payroll: Integration, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "api_requests_a_minute", 3)
    now = clock.now().replace(second=20, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert [payroll.get("/worksites").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = payroll.get("/worksites")
    refused(answer, 429)
    assert answer["Retry-After"] == "40"
    assert integration(cast.alice).get("/worksites").status_code == 200, "each token of its own"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=40))
    assert payroll.get("/worksites").status_code == 200


def test_what_is_no_longer_needed_is_forgotten(
    payroll: Integration, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    payroll.post("/authorizations", order(cast), Idempotency_Key="one")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    with scope.acting_as(scope.OPERATOR):
        jobs.forget()
        assert not Requests.objects.exists() and not KeptAnswer.objects.exists()
        used = ApiToken.objects.get(pk=payroll.token.pk).last_used_at
    assert used == now.replace(second=0, microsecond=0)


def test_an_unknown_address_is_a_problem_too(payroll: Integration) -> None:
    refused(payroll.get("/nothing"), 404)
    refused(payroll.client.delete(f"{ROOT}/employees"), 405)
    refused(payroll.post("/employees", b"{"), 400)
    refused(payroll.post("/employees", b" " * 1_100_000), 413)


def test_before_a_token_ends_its_admin_is_told_twice(payroll: Integration, cast: Cast) -> None:
    def told(days: int) -> list[str]:
        """What goes out so many days before it ends; however often it is asked."""
        change(payroll.token, expires=clock.today() + timedelta(days=days))
        expiry.remind()
        expiry.remind()
        mails = post()
        with scope.acting_as(scope.OPERATOR):
            ProcrastinateJob.objects.all().delete()
        for mail in mails:
            text = everything(mail)
            assert mail.to == [cast.alice.user.email] and "/account/integrations/" in text
            assert payroll.token.name not in text
        return [str(mail.subject).partition(":")[0] for mail in mails]

    assert told(15) == []
    assert told(14) == ["A token ends in 14 days"] and told(13) == []
    assert told(1) == ["A token ends tomorrow"] and told(0) == []


@pytest.mark.parametrize(
    "facts", [{"revoked_at": clock.now()}, {"reminded": 3}], ids=["revoked", "told already"]
)
def test_of_a_token_that_was_revoked_nothing_is_told(
    payroll: Integration, facts: dict[str, Any]
) -> None:
    change(payroll.token, expires=clock.today() + timedelta(days=3), **facts)
    assert expiry.remind() == 0


def test_a_token_revoked_meanwhile_or_of_no_admin_is_not_mailed_about(
    payroll: Integration, cast: Cast
) -> None:
    change(payroll.token, expires=clock.today() + timedelta(days=3))
    assert expiry.remind() == 1
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(role=Role.VIEW_ONLY)
    assert post() == []
