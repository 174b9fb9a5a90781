"""A stored file that cannot be read: support hears of it once, and settles it."""

from __future__ import annotations

import pytest
from django.test import Client

from clearwork.accounts.models import User
from clearwork.database import scope
from clearwork.documents.storage import delete_document
from clearwork.exports import actions, making, parts
from clearwork.exports.models import Export, ExportPart
from clearwork.foundation import clock
from clearwork.privacy.models import PrivacyIncident
from clearwork.results.models import Report
from clearwork.support.incidents import facts
from tests.cast import Cast
from tests.conftest import SignIn
from tests.exports.files import ask, content, latest
from tests.messaging import postman
from tests.privacy.conftest import work
from tests.results.reports import report


def stored_as(found: Report, document: str) -> None:
    with scope.acting_as(scope.OPERATOR):
        Report.objects.filter(pk=found.pk).update(document=document)


@pytest.fixture
def broken(wrong: Report) -> Report:
    stored_as(wrong, "gone")
    return wrong


def stored_parts() -> list[str]:
    with scope.acting_as(scope.OPERATOR):
        found = ExportPart.objects.order_by("number")
        return list(found.values_list("document", flat=True))


def incidents() -> list[PrivacyIncident]:
    with scope.acting_as(scope.OPERATOR):
        return list(PrivacyIncident.objects.order_by("reported_at"))


def test_it_is_told_once_by_ids_alone(
    cast: Cast, sign_in: SignIn, broken: Report, support: Client
) -> None:
    alice = sign_in(cast.alice)
    for _ in range(2):  # seen, downloaded, and put into a file
        assert "cannot be read" in alice.get(f"/results/{broken.pk}/").content.decode()
        assert alice.get(f"/results/{broken.pk}/download.pdf").status_code == 404
    ask(alice, [broken])
    assert dict(latest().left_out) == {str(broken.pk): "unreadable"}
    (incident,) = incidents()
    assert (incident.kind, incident.report_id) == ("unreadable", broken.pk)
    work()
    (mail,) = postman.outbox()
    with scope.acting_as(scope.OPERATOR):
        assert mail.to == [User.objects.get(staff="support").email]
    assert f"/support/incidents/{incident.pk}/" in mail.body
    for private in (str(cast.maria), broken.title, cast.northwind.legal_name):
        assert private not in f"{mail.subject} {mail.body}"
    another = report(cast.maria, cast.dallas)
    stored_as(another, "gone, too")
    alice.get(f"/results/{another.pk}/")
    assert [each.report_id for each in incidents()] == [broken.pk, another.pk]


def test_support_sees_whether_it_is_whole_again_and_settles_it(
    cast: Cast, sign_in: SignIn, wrong: Report, support: Client
) -> None:
    sound, alice = wrong.document, sign_in(cast.alice)
    stored_as(wrong, "gone")
    alice.get(f"/results/{wrong.pk}/")
    assert "Stored file cannot be read" in support.get("/support/incidents/").content.decode()
    page = f"/support/incidents/{incidents()[0].pk}/"
    assert "The file cannot be read: it is missing" in support.get(page).content.decode()
    stored_as(wrong, sound)
    assert "The file can be read now." in support.get(page).content.decode()
    assert support.post(page, {"reason": "Restored from the backup."}).status_code == 302
    assert incidents()[0].decision == "settled"
    work()
    told = {address for mail in postman.outbox() for address in mail.to}
    assert cast.alice.user.email not in told, "the employer is not told of a decision"
    stored_as(wrong, "gone")
    alice.get(f"/results/{wrong.pk}/")
    assert len(incidents()) == 2, "what breaks again is told again"


def test_a_download_s_file_is_told_once_too_and_made_again(
    cast: Cast,
    sign_in: SignIn,
    wrong: Report,
    support: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1_000)
    alice = sign_in(cast.alice)
    content(ask(alice, [wrong]))
    made = latest()
    page, file = f"/downloads/{made.pk}/", f"/downloads/{made.pk}/file/"
    first, *_, last = stored_parts()
    delete_document(last)
    with pytest.raises(FileNotFoundError):  # found out when most of it is sent
        content(alice.get(file))
    delete_document(first)
    assert "Support has been told" in alice.get(file, follow=True).content.decode()
    (incident,) = incidents()
    assert (incident.kind, incident.export_id) == ("unreadable", made.pk)
    told = f"/support/incidents/{incident.pk}/"
    with scope.acting_as(scope.OPERATOR):
        elsewhere = PrivacyIncident(employer=cast.southport, export_id=made.pk)
        assert facts(elsewhere).download is None, "of another employer"
    assert "The file of a download cannot be read" in support.get(told).content.decode()
    alice.post(f"{page}again/")
    making.make(cast.northwind.pk, made.pk, tell=False)
    assert content(alice.get(file))
    assert "The file can be read now." in support.get(told).content.decode()
    assert support.post(told, {"reason": "A disk was changed."}).status_code == 302
    sending = alice.get(file)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        Export.objects.update(expires_at=clock.now())
        actions.expire(made)
    with pytest.raises(FileNotFoundError):
        content(sending)
    assert len(incidents()) == 1, "what was destroyed in time is no loss"
    assert "The file is not kept any more." in support.get(told).content.decode()
