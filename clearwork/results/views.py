from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from clearwork.access.decide import Viewer
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.rules import State, has_ended
from clearwork.database.paging import newest_page
from clearwork.documents.inspect import NotAPdf
from clearwork.documents.preview import render_page
from clearwork.documents.storage import read_document
from clearwork.results import actions, queries
from clearwork.results.forms import SearchForm
from clearwork.results.models import Report

# A page's picture belongs to one audited view by one person, for as long as one stays signed in.
_VIEW_SECONDS = 15 * 60
_LONGEST_NAME = 120  # file systems take 255 bytes
_signer = TimestampSigner(salt="clearwork.results.view")


@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.RESULT_READ)
    form = SearchForm(request.GET)
    found = queries.search(viewer, form.criteria())
    page = newest_page(found, "posted_at", request.GET.get("after", ""))
    searched = any(value for key, value in request.GET.items() if key != "after")
    context = {"form": form, "page": page, "searched": searched}
    return render(request, "results/list.html", context)


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
        "polls": not has_ended(State(authorization.state)),
    }
    return render(request, "results/_of_authorization.html", context)


@require_GET
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.in_full, pk)
    actions.note_view(found, by=viewer)
    context = {
        "report": found,
        "view": _signer.sign(_view_of(viewer, found)),
        "pages": range(1, found.pages + 1),
    }
    return render(request, "results/report.html", context)


@require_GET
def page_image(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page as a picture: nothing a document contains can run. Only from a viewed page."""
    viewer, found = load(request, Permission.RESULT_READ, queries.reports, pk)
    if not _is_view_of(request.GET.get("view", ""), viewer, found):
        raise Http404
    try:
        image = render_page(read_document(found.document), number - 1)
    except (IndexError, NotAPdf) as error:  # the page says so where its picture would be
        raise Http404 from error
    return HttpResponse(image, content_type="image/png", headers={"Cache-Control": "no-store"})


@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, found = load(request, Permission.RESULT_READ, queries.in_full, pk)
    actions.note_download(found, by=viewer)
    response = HttpResponse(read_document(found.document), content_type="application/pdf")
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
