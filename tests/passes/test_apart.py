"""Each link stands for itself: what becomes of one leaves the others as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clearwork.authorizations.models import Authorization
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.passes import actions, messages, opening, queries
from clearwork.passes.models import Pass, Sending
from clearwork.passes.rules import CODES_AN_HOUR, LINKS_AN_HOUR, TRIES, TooManySends
from tests.cast import Cast
from tests.database.stage import northwinds
from tests.messaging.postman import everything, post
from tests.passes.conftest import MARIAS, SAMS, Issue, as_it_is, issuing


@pytest.fixture
def another(cast: Cast) -> Authorization:
    """Of Maria, too."""
    return northwinds(cast).authorization


def lost_by(issued: Pass) -> None:
    with scope.acting_as(scope.OPERATOR):
        for sending in Sending.objects.filter(of=issued):
            actions.came_back(sending.pk, why="5.1.1")


def test_what_is_shown_of_an_authorization_is_its_own(
    cast: Cast, issue: Issue, authorization: Authorization, another: Authorization
) -> None:
    marias, sams = issue(), issue(SAMS)
    others = issuing(cast, another)()
    with scope.acting_as(scope.OPERATOR):
        opening.ask_code(sams)  # no link of theirs
        for about, own in ((authorization, {marias, sams}), (another, {others})):
            rows = queries.of_authorization(cast.alice.viewer, about)
            assert {row.issued for row in rows} == own
            assert not any(row.was_repeated for row in rows)
        actions.revoke(by=cast.alice.viewer, issued=sams)
        Pass.objects.filter(pk=marias.pk).update(tries_left=0)
        rows = queries.of_authorization(cast.alice.viewer, authorization)
        assert {row.issued: row.state for row in rows} == {
            marias: "pass_locked",
            sams: "pass_revoked",
        }
    assert as_it_is(others).revoked_at is None


def test_a_lost_link_waits_whatever_becomes_of_others(
    cast: Cast, issue: Issue, authorization: Authorization, another: Authorization
) -> None:
    marias, sams = issue(), issue(SAMS)
    issuing(cast, another)()  # later, to the same person
    idas = issue(replace(SAMS, address="ida@agency.example", name="Ida Agent"))
    with scope.acting_as(scope.OPERATOR):
        opening.ask_code(marias)
    lost_by(marias)  # the code, too
    lost_by(sams)
    with scope.acting_as(scope.OPERATOR):
        actions.resend(by=cast.alice.viewer, issued=idas)
        assert [lost.of for lost in queries.lost(cast.alice.viewer).order_by("of_id")] == [
            marias,
            sams,
        ]
        actions.revoke(by=cast.alice.viewer, issued=sams)
        own = Pass.objects.filter(pk=marias.pk)
        for over, again in (
            ({"tries_left": 0}, {"tries_left": TRIES}),
            ({"times_opened": 1}, {"times_opened": 0}),
        ):
            own.update(**over)
            assert not queries.lost(cast.alice.viewer)
            own.update(**again)
        yesterday = clock.today() - timedelta(days=1)
        Authorization.objects.filter(pk=authorization.pk).update(expires=yesterday)
        assert not queries.lost(cast.alice.viewer)


def test_how_often_is_counted_for_each_address_and_authorization(
    cast: Cast, issue: Issue, another: Authorization
) -> None:
    marias = issue()
    for _ in range(LINKS_AN_HOUR - 1):
        post()
        assert issue() == marias
    post()
    with pytest.raises(TooManySends):
        issue()
    sams, others = issue(SAMS), issuing(cast, another)()
    assert others.pk != marias.pk
    to_sam, _ = post()
    assert to_sam.to == [SAMS.address] and "protected under privacy laws" in everything(to_sam)
    with scope.acting_as(scope.OPERATOR):
        for _ in range(CODES_AN_HOUR):
            opening.ask_code(sams)
        with pytest.raises(TooManySends):
            opening.ask_code(sams)
        opening.ask_code(marias)
    issue(SAMS)  # codes are no links
    with scope.acting_as(scope.OPERATOR):
        Sending.objects.update(requested_at=clock.now() - timedelta(minutes=61))
        opening.ask_code(sams)
        last = Sending.objects.select_related("of__employer").order_by("id").last()
        assert last and messages.message(last)
        last.of.code_asked_at = clock.now() - timedelta(minutes=11)
        assert messages.message(last) is None, "it would open nothing"


def test_what_goes_to_one_goes_to_the_other_too(
    cast: Cast, issue: Issue, authorization: Authorization, another: Authorization
) -> None:
    def told() -> bool:
        with scope.acting_as(scope.OPERATOR):
            return queries.has_been_sent(authorization)

    issue(SAMS)
    issuing(cast, another)()
    assert not told(), "the employee, of this one"
    marias = issue()
    assert told() and len(post()) == 3
    issue(SAMS)
    issue()  # though Sam's is on its way
    assert [mail.to for mail in post()] == [[SAMS.address], [MARIAS.address]]
    issue(replace(SAMS, address=MARIAS.address))
    assert as_it_is(marias).revoked_at is None
