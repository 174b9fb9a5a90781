"""More than the minimum necessary takes a documented request, support's yes, and ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clearwork.audit.actions import Actor
from clearwork.audit.models import AuditEvent
from clearwork.company import forms
from clearwork.database import scope
from clearwork.documents.storage import delete_document, read_document
from clearwork.employers import account_actions, queries
from clearwork.employers.account_actions import Choice
from clearwork.employers.models import Contact, ReleaseRequest, ReportSubscription, Worksite
from clearwork.employers.rules import AlreadyDecided, BadDecision
from clearwork.foundation import clock
from clearwork.support import queries as support
from tests.cast import Cast
from tests.conftest import SignIn

Acting = Callable[[], Any]
Decide = Callable[..., None]
SUPPORT = Actor("staff", uuid4())


def upload(data: bytes, name: str = "request.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/pdf")


@pytest.fixture
def path(ann: Contact) -> str:
    return f"/account/reports/{ann.pk}/mer_long_form/request/"


@pytest.fixture
def request_for_ann(alice: Client, path: str, pdf: bytes, as_northwind: Acting) -> ReleaseRequest:
    alice.post(path, {"reason": "Runs the DOT program.", "document": upload(pdf)})
    with as_northwind():
        return ReleaseRequest.objects.get()


@pytest.fixture
def decide(request_for_ann: ReleaseRequest) -> Decide:
    def act(**decision: Any) -> None:
        with scope.acting_as(scope.OPERATOR):
            account_actions.decide_release(by=SUPPORT, request=request_for_ann, **decision)

    return act


@pytest.fixture
def approve(decide: Decide) -> Callable[[int], None]:
    return lambda days: decide(approve=True, expires=clock.today() + timedelta(days=days))


def expire(request: ReleaseRequest) -> None:
    with scope.acting_as(scope.OPERATOR):
        yesterday = clock.today() - timedelta(days=1)
        ReleaseRequest.objects.filter(pk=request.pk).update(expires=yesterday)


def subscribe(cast: Cast, *contacts: Contact) -> Any:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        return account_actions.subscribe(
            by=cast.alice.viewer.actor,
            employer_id=cast.northwind.pk,
            choice=Choice([c.pk for c in contacts], ["mer_long_form"], [cast.plant.pk]),
        )


def cell_text(client: Client, contact: Contact) -> str:
    rows = client.get("/account/reports/?type=mer_long_form").context["rows"]
    (text,) = (row.cells[0].text for row in rows if row.contact == contact)
    return str(text)


def test_a_locked_cell_leads_to_the_request(alice: Client, ann: Contact, path: str) -> None:
    assert cell_text(alice, ann) == "Needs a request"
    assert alice.get(f"/account/reports/{ann.pk}/mer_long_form/")["Location"] == path


def test_no_way_of_choosing_passes_the_lock(
    alice: Client, cast: Cast, ann: Contact, ben: Contact, as_northwind: Acting
) -> None:
    cell = f"/account/reports/{ann.pk}/mer_long_form/"
    shown = account_actions.shown_worksites([])
    alice.post(cell, {"worksites": [cast.plant.pk], "shown": shown})
    plan = subscribe(cast, ann)
    assert plan.is_empty
    assert plan.left_out == {(ann.pk, "mer_long_form")}
    with as_northwind():
        account_actions.set_worksites(
            by=cast.alice.viewer.actor,
            contact=ann,
            report_type="mer_long_form",
            worksites=[cast.plant.pk],
            shown=shown,
        )
        assert not ReportSubscription.objects.exists()
    page = alice.post(
        "/account/reports/change/",
        {
            "what": "add",
            "contacts": [ann.pk],
            "types": ["mer_long_form"],
            "worksites": [cast.plant.pk],
        },
    )
    assert "This changes nothing." in page.content.decode()
    assert "needs an approved request for this person" in page.content.decode()


def test_a_request_waits_with_its_document_sealed(
    alice: Client, ann: Contact, request_for_ann: ReleaseRequest, pdf: bytes, as_northwind: Acting
) -> None:
    assert cell_text(alice, ann) == "Waiting"
    assert read_document(request_for_ann.document) == pdf
    cell = alice.get(f"/account/reports/{ann.pk}/mer_long_form/")
    assert cell["Location"] == f"/account/releases/{request_for_ann.pk}/"
    with as_northwind():
        event = AuditEvent.objects.get(action="release:requested")
    assert event.subject_id == ann.pk
    assert "DOT program" not in str(event.detail)
    with scope.acting_as(scope.OPERATOR):
        assert [(r.pk, r.state) for r in support.releases()] == [(request_for_ann.pk, "waiting")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"GIF89a not a pdf", "not a PDF"),
        (b"%PDF-1.7 but nothing more", "damaged"),
    ],
)
def test_a_file_that_is_no_pdf_is_refused_in_plain_words(
    data: bytes, says: str, alice: Client, path: str, as_northwind: Acting
) -> None:
    answer = alice.post(path, {"reason": "Needed.", "document": upload(data)})
    assert answer.status_code == 422
    assert says in " ".join(answer.context["form"].errors["document"])
    with as_northwind():
        assert not ReleaseRequest.objects.exists()


@pytest.mark.parametrize("password", ["secret", ""])
def test_a_protected_pdf_is_refused(password: str, alice: Client, path: str) -> None:
    written = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(written, encryption=pikepdf.Encryption(owner="owner", user=password))
    answer = alice.post(path, {"reason": "Needed.", "document": upload(written.getvalue())})
    assert "protected" in answer.context["form"].errors["document"][0]


def test_a_file_beyond_ten_megabytes_is_refused(
    alice: Client, path: str, pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forms.MAX_PDF_BYTES == 10 * 1024 * 1024
    too_much = upload(pdf + b"\0" * forms.MAX_PDF_BYTES)
    answer = alice.post(path, {"reason": "Needed.", "document": too_much})
    assert "at most 10 MB" in answer.context["form"].errors["document"][0]


@pytest.mark.parametrize("missing", ["reason", "document"])
def test_both_reason_and_document_are_needed(
    missing: str, alice: Client, path: str, pdf: bytes
) -> None:
    data: dict[str, Any] = {"reason": "Needed.", "document": upload(pdf)}
    del data[missing]
    assert missing in alice.post(path, data).context["form"].errors


def test_one_request_at_a_time(
    alice: Client, path: str, request_for_ann: ReleaseRequest, pdf: bytes, as_northwind: Acting
) -> None:
    answer = alice.post(path, {"reason": "Again.", "document": upload(pdf)})
    assert answer.status_code == 422
    assert "waiting or approved" in answer.content.decode()
    with as_northwind():
        assert ReleaseRequest.objects.count() == 1


def test_approved_it_may_be_chosen_and_is_sent(
    alice: Client,
    cast: Cast,
    ann: Contact,
    ben: Contact,
    approve: Callable[[int], None],
    as_northwind: Acting,
) -> None:
    approve(365)
    assert alice.get(f"/account/reports/{ann.pk}/mer_long_form/").status_code == 200
    plan = subscribe(cast, ann, ben)
    assert {row[0] for row in plan.adds} == {ann.pk}
    assert plan.left_out == {(ben.pk, "mer_long_form")}, "each person needs their own"
    with as_northwind():
        assert ann in queries.recipients(cast.northwind.pk, "mer_long_form", cast.plant.pk)
    assert cell_text(alice, ann) == "All sites"


def test_the_day_after_it_expires_it_is_no_longer_sent_and_says_so(
    alice: Client,
    cast: Cast,
    ann: Contact,
    path: str,
    pdf: bytes,
    approve: Callable[[int], None],
    request_for_ann: ReleaseRequest,
    as_northwind: Acting,
) -> None:
    approve(0)
    subscribe(cast, ann)
    with as_northwind():
        assert ann in queries.recipients(cast.northwind.pk, "mer_long_form", cast.plant.pk)
    expire(request_for_ann)
    with as_northwind():
        assert ann not in queries.recipients(cast.northwind.pk, "mer_long_form", cast.plant.pk)
        assert ReportSubscription.objects.count() == 1, "kept for when it is approved again"
    assert cell_text(alice, ann) == "Expired"
    who = f"/account/reports/who/?type=mer_long_form&worksite={cast.plant.pk}"
    asked = alice.get(who).context
    assert (asked["receiving"], asked["lapsed"]) == ([], [ann])
    detail = f"/account/releases/{request_for_ann.pk}/"
    assert "Request again" in alice.get(detail).content.decode()
    again = alice.post(path, {"reason": "Still needed.", "document": upload(pdf)})
    assert again.status_code == 302
    assert "Request again" not in alice.get(detail).content.decode()


def test_declined_with_a_reason_one_reads_it_and_may_ask_again(
    alice: Client, ann: Contact, decide: Decide, request_for_ann: ReleaseRequest
) -> None:
    decide(approve=False, reason="The form is not signed.")
    assert cell_text(alice, ann) == "Declined"
    page = alice.get(f"/account/releases/{request_for_ann.pk}/").content.decode()
    assert "The form is not signed." in page
    assert "Request again" in page


def test_the_contacts_page_tells_of_the_request_and_the_decision(
    alice: Client, ann: Contact, approve: Callable[[int], None]
) -> None:
    approve(30)
    told = alice.get(f"/account/reports/{ann.pk}/").context["history"]
    assert [(t.what, t.before, t.after, t.by) for t in told] == [
        (
            "Documented request decided",
            "MER long form: waiting for support",
            "MER long form: approved",
            "Support",
        ),
        ("Documented request sent", "", "", "Alice Example"),
    ]


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        ({"approve": False}, "why"),
        ({"approve": False, "reason": "  "}, "why"),
        ({"approve": True}, "last day"),
        ({"approve": True, "expires": timedelta(days=-1)}, "one year"),
        ({"approve": True, "expires": timedelta(days=366)}, "one year"),
    ],
)
def test_a_decision_without_what_it_needs_is_none(
    decision: dict[str, Any], says: str, decide: Decide, as_northwind: Acting
) -> None:
    if "expires" in decision:
        decision = {**decision, "expires": clock.today() + decision["expires"]}
    with pytest.raises(BadDecision, match=says):
        decide(**decision)
    with as_northwind():
        assert ReleaseRequest.objects.get().state == "waiting"


def test_of_two_decisions_the_first_holds(
    decide: Decide, approve: Callable[[int], None], as_northwind: Acting
) -> None:
    approve(30)
    with pytest.raises(AlreadyDecided):
        decide(approve=False, reason="Too late.")
    with as_northwind():
        assert ReleaseRequest.objects.get().state == "approved"
        event = AuditEvent.objects.get(action="release:decided")
    assert (event.actor_kind, event.detail["before"], event.detail["after"]) == (
        "staff",
        "waiting",
        "approved",
    )


def test_the_document_is_downloaded_by_admins_and_that_is_noted(
    alice: Client, cast: Cast, request_for_ann: ReleaseRequest, pdf: bytes, as_northwind: Acting
) -> None:
    answer = alice.get(f"/account/releases/{request_for_ann.pk}/document.pdf")
    assert answer.content == pdf
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    with as_northwind():
        event = AuditEvent.objects.get(action="release:downloaded")
    assert event.actor_id == cast.alice.user.pk


def test_a_document_that_is_lost_is_said_so_and_nobody_has_read_it(
    alice: Client, request_for_ann: ReleaseRequest, as_northwind: Acting
) -> None:
    delete_document(request_for_ann.document)
    page = f"/account/releases/{request_for_ann.pk}/"
    answer = alice.get(f"{page}document.pdf", follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "missing or damaged" in answer.content.decode()
    with as_northwind():
        assert not AuditEvent.objects.filter(action="release:downloaded").exists()


def test_support_reads_the_document_and_that_is_noted(
    request_for_ann: ReleaseRequest, pdf: bytes
) -> None:
    with scope.acting_as(scope.OPERATOR):
        read = account_actions.read_release_document(by=SUPPORT, request=request_for_ann)
        event = AuditEvent.objects.get(action="release:downloaded")
    assert read == pdf
    assert event.actor_kind == "staff"


@pytest.mark.parametrize("page", ["", "document.pdf"])
def test_a_request_is_its_employers_own(
    page: str, cast: Cast, sign_in: SignIn, request_for_ann: ReleaseRequest
) -> None:
    path = f"/account/releases/{request_for_ann.pk}/{page}"
    assert sign_in(cast.bob).get(path).status_code == 404
    assert sign_in(cast.victor).get(path).status_code == 403
    assert b"Ann Lee" not in sign_in(cast.bob).get("/account/releases/").content


def test_copying_leaves_out_what_the_colleague_alone_was_approved_for(
    alice: Client, cast: Cast, ann: Contact, ben: Contact, approve: Callable[[int], None]
) -> None:
    approve(30)
    subscribe(cast, ann)
    preview = alice.post(f"/account/reports/{ben.pk}/copy/", {"source": ann.pk, "how": "add"})
    assert preview.context["plan"].left_out == {(ben.pk, "mer_long_form")}
    assert preview.context["plan"].is_empty


def test_a_new_worksite_like_another_leaves_out_what_has_expired(
    cast: Cast,
    ann: Contact,
    approve: Callable[[int], None],
    request_for_ann: ReleaseRequest,
    as_northwind: Acting,
) -> None:
    approve(30)
    subscribe(cast, ann)
    expire(request_for_ann)
    with as_northwind():
        account_actions.add_worksite(
            by=cast.alice.viewer.actor,
            employer_id=cast.northwind.pk,
            values={"name": "Dock 2"},
            like=cast.plant,
        )
        assert not ReportSubscription.objects.filter(
            worksite__in=Worksite.objects.filter(name="Dock 2")
        ).exists()
