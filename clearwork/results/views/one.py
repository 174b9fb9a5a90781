"""One report: its pages, its file, its versions, and who at the employer opened it."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from clearwork.access.decide import Viewer
from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.filtered_list import ALL
from clearwork.authorizations.rules import State, has_ended
from clearwork.centers.rules import Category
from clearwork.documents.crypto import SealBroken
from clearwork.documents.inspect import NotAPdf
from clearwork.documents.preview import render_page
from clearwork.documents.storage import read_document
from clearwork.employers.rules import ReportType
from clearwork.foundation import clock
from clearwork.privacy.queries import is_held
from clearwork.results import actions, minimum, queries
from clearwork.results.models import Report
from clearwork.results.retention import retention
from clearwork.results.rules import is_archived
from clearwork.results.views.lists import search_form

# A page's picture belongs to one audited view by one person, for as long as one stays signed in.
_VIEW_SECONDS = 15 * 60
_LONGEST_NAME = 120  # file systems take 255 bytes
_signer = TimestampSigner(salt="clearwork.results.view")


@require_GET
def of_authorization(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reports of one authorization, for its page."""
    viewer, authorization = load(
        request, Permission.AUTHORIZATION_READ_OWN, authorizations.authorizations, pk
    )
    context = {
        "authorization": authorization,
        "reports": queries.of_authorization(viewer, authorization),
        "may_read": viewer.may(Permission.RESULT_READ),
        "tests_drugs": authorization.services.filter(category=Category.DRUG_AND_ALCOHOL).exists(),
        "polls": not has_ended(State(authorization.state)),
    }
    return render(request, "results/_of_authorization.html", context)


@require_GET
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """With the filters of a list in the address: also the reports beside it in that list."""
    viewer, found = load(request, Permission.RESULT_READ, queries.in_full, pk)
    is_withheld = found.is_readable and minimum.is_withheld(viewer, found)
    is_whole = found.is_readable and not is_withheld and _is_whole(found, viewer)
    if is_whole:
        actions.note_view(found, by=viewer)
    may_hold = viewer.may(Permission.RESULT_HOLD)
    context = {
        "report": found,
        "is_whole": is_whole,
        "is_withheld": is_withheld,
        "may_request": viewer.may(Permission.SUBSCRIPTION_EDIT) and viewer.contact_id,
        "view": _signer.sign(_view_of(viewer, found)),
        "pages": range(1, found.pages + 1),
        "versions": queries.earlier_versions(viewer, found),
        "openers": queries.openers(viewer, found) if viewer.may(Permission.AUDIT_READ) else None,
        "is_archived": is_archived(found.posted_at, found.restored_until, clock.now()),
        "may_restore": viewer.may(Permission.RESULT_RESTORE),
        "may_open_order": authorizations.may_open(viewer, found.authorization),
        "retention": retention(ReportType(found.report_type)),
        "may_hold": may_hold,
        "held_by_network": may_hold and _is_held(found),
        **_place_in_list(request, viewer, found),
    }
    return render(request, "results/report.html", context)


def _place_in_list(request: HttpRequest, viewer: Viewer, found: Report) -> dict[str, object]:
    if not request.GET:
        return {"query": "", "beside": queries.Neighbours()}
    form = search_form(request.GET, request, viewer)
    beside = queries.neighbours(viewer, form.criteria(), found)
    return {"query": form.query() or f"{ALL}=1", "beside": beside}


def _is_held(found: Report) -> bool:
    return is_held(employer_id=found.employer_id, employee_id=found.employee_id, report_id=found.pk)


def _is_whole(found: Report, viewer: Viewer) -> bool:
    """Whether its document can be read; where not, it is on record and somebody is told."""
    if found.link or _document(found) is not None:
        return True
    actions.note_unreadable(found, by=viewer)
    return False


def _document(found: Report) -> bytes | None:
    """None where what is stored is missing or damaged."""
    try:
        return read_document(found.document)
    except (OSError, SealBroken):
        return None


@require_GET
def page_image(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page as a picture: nothing a document contains can run. Only from a viewed page."""
    viewer, found = load(request, Permission.RESULT_READ, queries.readable, pk)
    is_viewed = _is_view_of(request.GET.get("view", ""), viewer, found)
    if not is_viewed or minimum.is_withheld(viewer, found):
        raise Http404
    try:
        image = render_page(_document(found) or b"", number - 1)
    except (IndexError, NotAPdf) as error:  # the page says so where its picture would be
        raise Http404 from error
    return HttpResponse(image, content_type="image/png", headers={"Cache-Control": "no-store"})


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.readable, pk)
    if found.link or minimum.is_withheld(viewer, found):
        raise Http404
    document = _document(found)
    if document is None:
        actions.note_unreadable(found, by=viewer)
        return render(request, "results/unreadable.html", {"report": found}, status=404)
    actions.note_download(found, by=viewer)
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(found)}"'
    response["Cache-Control"] = "no-store"
    return response


def _view_of(viewer: Viewer, found: Report) -> str:
    return f"{viewer.actor.id}/{found.pk}"  # in a preview, the Admin User's


def _is_view_of(signed: str, viewer: Viewer, found: Report) -> bool:
    try:
        return _signer.unsign(signed, max_age=_VIEW_SECONDS) == _view_of(viewer, found)
    except BadSignature:
        return False


def _file_name(found: Report) -> str:
    about = slugify(f"{found.employee.last_name} {found.employee.first_name} {found.title}")
    return f"{about[:_LONGEST_NAME].strip('-') or 'report'}-{found.visit_date:%Y-%m-%d}.pdf"
