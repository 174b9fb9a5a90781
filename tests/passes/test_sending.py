"""The employer sends a pass, sees what became of it, and takes it back."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core.mail.backends import locmem
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app

from clearwork.accounts.models import PortalAccess, Role
from clearwork.audit.models import AuditEvent
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import State
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.messaging.mail import RETRY
from clearwork.messaging.models import Dispatch
from clearwork.passes import actions
from clearwork.passes.jobs import deliver
from clearwork.passes.models import Pass, Sending
from clearwork.passes.rules import LINKS_AN_HOUR, NothingToSend, Recipient, TooManySends
from clearwork.people.models import Employee
from tests.cast import Cast
from tests.conftest import SignIn
from tests.database.test_isolation import order_fields
from tests.messaging.postman import everything, link, outbox, post, queued, run
from tests.passes.conftest import MARIAS, SAMS, Issue, as_it_is, path_of


def section(client: Client, authorization: Authorization) -> str:
    return client.get(f"/passes/of/{authorization.pk}/").content.decode()


def events(action: str) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action).order_by("at", "id"))


def change(authorization: Authorization, **facts: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        Authorization.objects.filter(pk=authorization.pk).update(**facts)


def test_alice_sends_maria_a_link_and_keeps_the_address(
    cast: Cast, alice: Client, authorization: Authorization
) -> None:
    typed = {"channel": "email", "email": "Maria@Home.example ", "keep": "on"}
    answer = alice.post(f"/passes/of/{authorization.pk}/employee/", typed, follow=True)
    assert "on its way to Maria Garcia" in answer.content.decode()
    (mail,) = post()
    assert mail.to == ["maria@home.example"]
    with scope.acting_as(scope.OPERATOR):
        issued = Pass.objects.get()
        assert Employee.objects.get(pk=cast.maria.pk).email == "maria@home.example"
    assert link(mail) == path_of(issued) and issued.recipient == Recipient.EMPLOYEE
    shown = section(alice, authorization)
    assert "maria@home.example" in shown and "Sent, not opened" in shown and "Alice" in shown
    assert alice.get(f"/passes/of/{authorization.pk}/employee/").content.count(b"maria@home") == 1
    (sent,) = events("pass:sent")
    assert sent.subject_id == authorization.pk and sent.detail["pass"] == str(issued.pk)
    assert "maria" not in str(sent.detail)


def test_an_address_for_once_stays_off_the_record(
    cast: Cast, alice: Client, authorization: Authorization
) -> None:
    typed = {"channel": "email", "email": "friend@home.example"}
    alice.post(f"/passes/of/{authorization.pk}/employee/", typed)
    with scope.acting_as(scope.OPERATOR):
        assert Employee.objects.get(pk=cast.maria.pk).email == ""


def test_a_view_only_user_sends_their_own_and_changes_no_record(
    cast: Cast, sign_in: SignIn, authorization: Authorization
) -> None:
    victor, alice = sign_in(cast.victor), sign_in(cast.alice)
    path = f"/passes/of/{authorization.pk}/employee/"
    assert victor.get(path).status_code == HTTPStatus.NOT_FOUND
    change(authorization, created_by_id=cast.victor.user.pk)
    offered = [b"Keep a new address" in each.get(path).content for each in (alice, victor)]
    assert offered == [True, False]
    victor.post(path, {"channel": "email", "email": "new@home.example", "keep": "on"})
    with scope.acting_as(scope.OPERATOR):
        assert Employee.objects.get(pk=cast.maria.pk).email == ""
        assert Pass.objects.get().made_by_id == cast.victor.user.pk


def test_a_text_message_goes_to_the_number_in_standard_form(
    alice: Client, authorization: Authorization, texted: list[tuple[str, str]]
) -> None:
    typed = {"channel": "text", "mobile": "(214) 555-0100"}
    alice.post(f"/passes/of/{authorization.pk}/employee/", typed)
    post()
    ((to, words),) = texted
    with scope.acting_as(scope.OPERATOR):
        assert path_of(Pass.objects.get()) in words
    assert to == "+12145550100" and "Northwind Freight" in words and "Maria" not in words


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({}, "This field is required"),
        ({"channel": "email"}, "Enter an email address."),
        ({"channel": "email", "email": "no address"}, "valid email address"),
        ({"channel": "text", "mobile": "555-0100"}, "with its area code"),
        ({"channel": "text"}, "with its area code"),
        ({"channel": "pigeon"}, "Select a valid choice"),
    ],
)
def test_a_wrong_address_is_told_at_its_field(
    alice: Client, authorization: Authorization, typed: dict[str, str], complaint: str
) -> None:
    answer = alice.post(f"/passes/of/{authorization.pk}/employee/", typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert complaint in answer.content.decode()
    assert queued() == []


def test_without_a_sender_of_text_messages_only_email_is_offered(
    alice: Client, authorization: Authorization, settings: Any
) -> None:
    settings.SMS_SENDER = "off"
    path = f"/passes/of/{authorization.pk}/employee/"
    assert b"Text message" not in alice.get(path).content
    refused = alice.post(path, {"channel": "text", "mobile": "214-555-0100"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert alice.post(path, {"channel": "email", "email": "m@x.example"}).status_code == 302


def test_someone_else_needs_a_business_interest_that_is_confirmed(
    alice: Client, authorization: Authorization
) -> None:
    path = f"/passes/of/{authorization.pk}/someone/"
    assert "Keep distribution strictly limited." in alice.get(path).content.decode()
    typed = {"name": "Sam Agent", "interest": "Staffing agency"}
    typed |= {"channel": "email", "email": "sam@agency.example"}
    refused = alice.post(path, typed)
    assert refused.status_code == 422
    assert "Confirm the business interest" in refused.content.decode()
    assert alice.post(path, {**typed, "confirmed": "on"}).status_code == HTTPStatus.FOUND
    (mail,) = post()
    assert mail.to == ["sam@agency.example"]
    shown = section(alice, authorization)
    assert "Sam Agent" in shown and "Staffing agency" in shown
    with scope.acting_as(scope.OPERATOR):
        assert not Pass.objects.get().shows_services


def test_no_message_names_the_employee_the_services_or_the_place(
    issue: Issue, texted: list[tuple[str, str]]
) -> None:
    issue()
    issue(SAMS)
    said = [everything(mail) for mail in post()] + [words for _, words in texted]
    assert len(said) == 2
    for words in said:
        for canary in ("Maria", "Garcia", "1988", "DOT", "physical", "Plant", "Dallas", "Sam A"):
            assert canary not in words, words
        assert "Northwind Freight" in words


def test_spanish_is_written_to_whoever_reads_it(cast: Cast, issue: Issue) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(language="es")
    issue()
    (mail,) = post()
    assert "su pase" in mail.subject and link(mail).endswith("/?lang=es")
    assert '<html lang="es">' in everything(mail)
    issue(SAMS)
    assert link(post()[0]).endswith("/"), "not for whoever else"


def test_pressing_send_twice_sends_once(issue: Issue) -> None:
    assert issue().pk == issue().pk
    assert len(post()) == 1


def test_a_link_says_for_whom_it_is_and_what_it_shows(
    alice: Client, issue: Issue, authorization: Authorization
) -> None:
    """A mailbox may be shared, and a choice made anew."""
    sams = issue(replace(SAMS, shows_services=True))
    less = issue(SAMS)
    assert (less.shows_services, as_it_is(sams).revoked_at is None) == (False, False)
    kims = issue(replace(SAMS, name="Kim Clerk"))
    assert "Kim Clerk" in section(alice, authorization) and as_it_is(less).revoked_at
    assert issue(replace(SAMS, name="Kim Clerk")).pk == kims.pk
    assert len(events("pass:revoked")) == 2


def test_the_same_link_goes_out_again_a_few_times_an_hour(
    cast: Cast, alice: Client, issue: Issue, authorization: Authorization
) -> None:
    issued = issue()
    first = post()
    for _ in range(LINKS_AN_HOUR - 1):
        alice.post(f"/passes/{issued.pk}/resend/")
    again = post()
    assert {link(mail) for mail in first + again} == {path_of(issued)}
    assert len(again) == LINKS_AN_HOUR - 1
    refused = alice.post(f"/passes/{issued.pk}/resend/", follow=True)
    assert "Wait a while" in refused.content.decode()
    with pytest.raises(TooManySends):
        issue()
    path = f"/passes/of/{authorization.pk}/employee/"
    told = alice.post(path, {"channel": "email", "email": MARIAS.address})
    assert told.status_code == 422 and "Wait a while" in told.content.decode()
    with scope.acting_as(scope.OPERATOR):
        hour_ago = clock.now() - timedelta(minutes=61)
        Sending.objects.update(requested_at=hour_ago)
    issue()
    assert len(post()) == 1
    assert len(events("pass:resent")) == LINKS_AN_HOUR - 1


def test_after_a_change_of_the_servers_key_a_link_sent_again_works(
    issue: Issue, settings: Any
) -> None:
    issued = issue()
    (before,) = post()
    issue(SAMS)  # keeps its own
    settings.SECRET_KEY = "another one" * 5
    assert "date of birth" in Client().get(link(before)).content.decode(), "the old one still does"
    assert issue().pk == issued.pk
    run(queued()[-1])
    after = outbox()[-1]
    assert link(after) != link(before)
    assert "date of birth" in Client().get(link(after)).content.decode()


def test_revoked_says_what_that_means_and_a_new_link_is_another(
    alice: Client, issue: Issue, authorization: Authorization
) -> None:
    issued = issue()
    (first,) = post()
    page = alice.get(f"/passes/{issued.pk}/revoke/").content.decode()
    assert "stops working at once" in page and "maria@home.example" in page
    alice.post(f"/passes/{issued.pk}/revoke/")
    assert as_it_is(issued).revoked_at
    shown = section(alice, authorization)
    assert "Revoked" in shown and "Send a new link" in shown
    alice.post(f"/passes/{issued.pk}/revoke/")
    assert len(events("pass:revoked")) == 1
    alice.post(f"/passes/{issued.pk}/resend/")
    (second,) = post()
    assert link(second) != link(first)
    assert as_it_is(issued).revoked_at, "the old one stays revoked"


def test_a_link_revoked_before_it_went_out_does_not_go_out(
    cast: Cast, issue: Issue, alice: Client, authorization: Authorization
) -> None:
    issued = issue()
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        actions.revoke(by=cast.alice.viewer, issued=issued)
    assert post() == []
    assert "had ended before" in section(alice, authorization)


@pytest.mark.parametrize("lost", [{"is_active": False}, {"role": Role.VIEW_ONLY}])
def test_who_lost_access_sends_the_employee_their_pass_and_nobody_else_a_link(
    cast: Cast, issue: Issue, sign_in: SignIn, authorization: Authorization, lost: dict[str, Any]
) -> None:
    issue()
    sams = issue(SAMS)
    change(authorization, created_by_id=cast.victor.user.pk)
    with scope.acting_as(scope.OPERATOR):
        PortalAccess.objects.filter(user=cast.alice.user).update(**lost)
    assert [mail.to for mail in post()] == [[MARIAS.address]]
    victor = sign_in(cast.victor)
    assert "access of who sent it had ended" in section(victor, authorization)
    victor.post(f"/passes/{sams.pk}/resend/")
    run(queued()[-1])
    assert outbox()[-1].to == [SAMS.address], "the same link, as it is another's word now"


def test_a_link_to_what_was_cancelled_meanwhile_does_not_go_out(
    issue: Issue, alice: Client, authorization: Authorization
) -> None:
    issue()
    change(authorization, state=State.CANCELLED)
    assert post() == []
    assert "had ended before" in section(alice, authorization)


def test_what_has_ended_is_sent_to_nobody(
    alice: Client, issue: Issue, authorization: Authorization
) -> None:
    change(authorization, state=State.CANCELLED)
    with pytest.raises(NothingToSend):
        issue()
    path = f"/passes/of/{authorization.pk}"
    assert "extend it" in alice.get(f"{path}/employee/").content.decode()
    sent = alice.post(f"{path}/employee/", {"channel": "email", "email": "m@x.example"})
    assert sent.status_code == 422
    assert "Send to the employee" not in section(alice, authorization)
    change(authorization, state=State.ACCEPTED, expires=clock.today() - timedelta(1))
    with pytest.raises(NothingToSend):
        issue()


class Refusing(locmem.EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({})


def test_a_failed_sending_is_shown_and_can_be_sent_again(
    alice: Client, issue: Issue, authorization: Authorization, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue()
    (job,) = queued()
    with monkeypatch.context() as broken:
        broken.setattr(locmem, "EmailBackend", Refusing)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            run(job)
        shown = section(alice, authorization)
        assert "On its way" in shown and "We keep trying" in shown and "every 3s" in shown
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            run_last(job)
    shown = section(alice, authorization)
    assert "Not sent" in shown and "refused this address" in shown and "every 3s" not in shown
    alice.post(f"/passes/{issued.pk}/resend/")
    run(queued()[-1])
    assert "Sent, not opened" in section(alice, authorization)


def test_a_link_whose_worker_was_killed_is_not_said_to_be_sent(
    alice: Client, issue: Issue, authorization: Authorization
) -> None:
    """The server was answering: whether it went out nobody knows."""
    issued = issue()
    (job,) = queued()
    with scope.acting_as(scope.OPERATOR):
        Dispatch.objects.create(job_id=job.id)
    run(job)
    assert outbox() == []
    shown = section(alice, authorization)
    assert "Not sent" in shown and "may not have arrived" in shown
    alice.post(f"/passes/{issued.pk}/resend/")
    run(queued()[-1])
    assert len(outbox()) == 1 and "Sent, not opened" in section(alice, authorization)


def run_last(job: Any) -> None:
    """As the worker does when no further try follows."""
    attempts = RETRY.max_attempts

    class Context:
        class job:  # noqa: N801 - procrastinate's attribute
            id = 999_999

    Context.job.attempts = attempts  # type: ignore[attr-defined]
    function: Any = deliver.func
    function(Context, **job.args)


def at_once(cast: Cast, authorization: Authorization) -> None:
    """As the form and the bulk do: by the job's name, with ids alone."""
    ids = {"employer_id": cast.northwind.pk, "authorization_id": authorization.pk}
    ids |= {"user_id": cast.alice.user.pk}
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        job = app.configure_task("passes.send_to_employee", queue="mail")
        job.defer(**{name: str(pk) for name, pk in ids.items()})
    run(queued("passes.send_to_employee")[-1])


@pytest.mark.parametrize(
    ("record", "sent"),
    [
        ({"email": "Maria@home.example"}, ["maria@home.example"]),
        ({"phone": "214-555-0100"}, ["+12145550100"]),
        ({"email": "maria@home.example", "phone": "214-555-0100"}, ["maria@home.example"]),
        ({"phone": "extension 12"}, []),
        ({}, []),
    ],
)
def test_a_new_authorization_goes_to_the_address_on_record_by_a_job(
    cast: Cast, authorization: Authorization, record: dict[str, str], sent: list[str]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(**record)
    at_once(cast, authorization)
    at_once(cast, authorization)
    with scope.acting_as(scope.OPERATOR):
        assert [issued.address for issued in Pass.objects.all()] == sent
        assert Sending.objects.count() == len(sent), "once, however often the job runs"


@pytest.mark.parametrize("ticked", [True, False])
def test_the_form_sends_it_at_once_where_that_is_ticked(
    cast: Cast, alice: Client, ticked: bool
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(email=MARIAS.address)
    fields = order_fields(cast, **({"send_pass": "on"} if ticked else {}))
    for _ in range(2):  # pressing Submit twice
        assert alice.post("/authorizations/new/", fields).status_code == HTTPStatus.FOUND
    for job in queued("passes.send_to_employee"):
        run(job)
    sent = [mail.to for job in queued("passes.deliver") for mail in posted(job)]
    assert sent == ([[MARIAS.address]] if ticked else [])


def test_who_cannot_be_reached_is_told_on_the_next_page(cast: Cast, alice: Client) -> None:
    fields = order_fields(cast, send_pass="on")
    page = alice.post("/authorizations/new/", fields, follow=True).content.decode()
    assert "Maria Garcia has no email or mobile number on record" in page


def posted(job: Any) -> list[Any]:
    before = len(outbox())
    run(job)
    return outbox()[before:]


@pytest.mark.parametrize("meanwhile", ["access turned off", "cancelled", "another's"])
def test_nothing_goes_out_once_the_sender_may_not(
    cast: Cast, authorization: Authorization, meanwhile: str
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Employee.objects.filter(pk=cast.maria.pk).update(email=MARIAS.address)
        alices = PortalAccess.objects.filter(user=cast.alice.user)
        if meanwhile == "access turned off":
            alices.update(is_active=False)
        elif meanwhile == "another's":
            alices.update(role=Role.VIEW_ONLY)
            change(authorization, created_by_id=cast.victor.user.pk)
        else:
            change(authorization, state=State.CANCELLED)
    at_once(cast, authorization)
    with scope.acting_as(scope.OPERATOR):
        assert not Pass.objects.exists()


def test_jobs_carry_ids_alone(issue: Issue) -> None:
    issue()
    (job,) = queued()
    assert set(job.args) == {"employer_id", "sending_id", "user_id"}


def test_forty_passes_cost_as_many_queries_as_one(
    alice: Client, issue: Issue, authorization: Authorization
) -> None:
    issue()
    section(alice, authorization)  # the session is noted once
    few = _queries(alice, authorization)
    for n in range(40):
        issue(actions.Addressee(SAMS.channel, f"sam{n}@x.example", f"Sam {n}", "Agency"))
    assert _queries(alice, authorization) == few


def _queries(client: Client, authorization: Authorization) -> int:
    with scope.acting_as(scope.ANONYMOUS), CaptureQueriesContext(connection) as captured:
        section(client, authorization)
    return len(captured)


def test_another_employers_pass_is_a_missing_one(
    cast: Cast, sign_in: SignIn, issue: Issue, authorization: Authorization
) -> None:
    issued, bob = issue(), sign_in(cast.bob)
    assert bob.get(f"/passes/of/{authorization.pk}/").status_code == 404
    assert bob.get(f"/passes/{issued.pk}/revoke/").status_code == 404
    assert bob.post(f"/passes/{issued.pk}/revoke/").status_code == 404
    assert bob.post(f"/passes/{issued.pk}/resend/").status_code == 404
    assert as_it_is(issued).revoked_at is None
