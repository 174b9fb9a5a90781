"""Help: questions and answers, before and after sign-in, and whom to ask about one case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from clearwork.access.permissions import Permission
from clearwork.authorizations import actions
from clearwork.authorizations.models import Authorization, Delivery
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.help.answers import TOPICS
from clearwork.help.facts import facts
from clearwork.help.topics import find
from tests.cast import Cast
from tests.conftest import SignIn
from tests.results.reports import report

HELP = "/help/"


def test_all_topics_stand_there_for_who_is_signed_in(cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get(HELP).content.decode()
    missing = [topic.slug for topic in TOPICS if f'id="topic-{topic.slug}"' not in text]
    assert missing == []
    assert settings.ENVIRONMENT.support_phone in text and "{" not in text.split("<main")[1]


def test_before_sign_in_only_getting_in_and_privacy_are_told(db: None) -> None:
    text = Client().get(HELP).content.decode()
    for topic in TOPICS:
        assert (f'id="topic-{topic.slug}"' in text) == topic.is_public, topic.slug
    assert reverse("accounts:request_access") in text and reverse("account_reset_password") in text
    assert HELP in Client().get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("reset username", "forgot"),
        ("Forgot PASSWORD", "forgot"),
        ("terminated", "somebody-left"),
        ("90 days", "download"),
        ("long form", "more"),
        ("drug test", "drug-screen"),
        ("template", "many"),
        ("hotline", "received-in-error"),
        ("72 hours", "missing"),
    ],
)
def test_a_search_finds_the_answer(typed: str, slug: str, cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get(HELP, {"q": typed}).content.decode()
    assert f'id="topic-{slug}" open' in text
    assert len(find(TOPICS, typed)) < len(TOPICS) / 2


def test_a_search_that_finds_nothing_says_what_to_do(db: None) -> None:
    text = Client().get(HELP, {"q": "<b>zebra</b>\0"}).content.decode()
    assert "No answer has all these words" in text and "<b>zebra" not in text


def test_links_lead_only_where_one_may_go(cast: Cast, sign_in: SignIn) -> None:
    for person in (cast.alice, cast.victor):
        client = sign_in(person)
        for section, rows in client.get(HELP).context["sections"]:
            for _, links in rows:
                for link in links:
                    answer = client.get(reverse(link.url_name))
                    assert answer.status_code in (200, 302), (section, link)


def test_every_link_names_a_page_and_a_permission() -> None:
    for topic in TOPICS:
        assert topic.told(facts()).answer
        for link in topic.links:
            assert reverse(link.url_name)
            assert not link.needs or Permission(link.needs)


@pytest.fixture
def authorization(cast: Cast) -> Authorization:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return actions.authorize(cast.order(), by=cast.alice.viewer)


def test_an_authorization_says_whom_to_ask(
    cast: Cast, sign_in: SignIn, authorization: Authorization
) -> None:
    alice = sign_in(cast.alice)
    page = f"/help-with/authorization/{authorization.pk}/"
    assert page in alice.get(f"/authorizations/{authorization.pk}/").content.decode()
    with scope.acting_as(scope.OPERATOR):
        long_ago = clock.now() - timedelta(days=2)
        Authorization.objects.filter(pk=authorization.pk).update(state_since=long_ago)
    text = alice.get(page).content.decode()
    for said in (cast.dallas.phone, cast.dallas.hours, authorization.number):
        assert said in text
    assert settings.ENVIRONMENT.account_phone in text and "later than it should be" in text
    with scope.acting_as(scope.OPERATOR):
        Delivery.objects.update(state="failed", finished_at=long_ago)
    assert "Your company has had it" in " ".join(alice.get(page).content.decode().split())


def test_a_report_says_whom_to_ask(cast: Cast, sign_in: SignIn) -> None:
    found = report(cast.maria, cast.mesa)
    text = sign_in(cast.alice).get(f"/help-with/report/{found.pk}/").content.decode()
    assert cast.mesa.name in text and f"/results/{found.pk}/received-in-error/" in text


def test_centralized_care_is_asked_of_support(cast: Cast, sign_in: SignIn) -> None:
    with scope.acting_as(scope.OPERATOR):
        cast.injury_care.modalities = ["telemed"]
        cast.injury_care.save()
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        order = cast.injury_order(modality="telemed", center=None)
        made = actions.authorize(order, by=cast.alice.viewer)
    text = sign_in(cast.alice).get(f"/help-with/authorization/{made.pk}/").content.decode()
    assert "Ask the medical center when" not in text and "centralized care" in text
