"""DOT cards: who is certified to drive, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.decide import Viewer
from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.audit.actions import Action, record
from clearwork.audit.export import to_csv
from clearwork.database.paging import Ordering
from clearwork.foundation import clock
from clearwork.people.models import Employee
from clearwork.results import dot_queries as queries
from clearwork.results.dot_forms import DotFilters
from clearwork.results.dot_models import DotCertificate
from clearwork.results.dot_queries import Show

_SOONEST = Ordering(("expires", "id"))
_WITHOUT_CARD = 200
_HEADER = (
    "Last name",
    "First name",
    "Employee number",
    "Worksite",
    "Certified from",
    "Expires",
    "Status",
    "Limitations",
    "Examiner's National Registry number",
    "To read",
)
_TO_READ = "The latest card came without its dates"


@require_GET
def card_list(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.RESULT_READ)
    form = DotFilters(request.GET, viewer=viewer)
    criteria, show = form.criteria(), form.show_only()
    listed = queries.found(viewer, criteria)
    place = _place(listed, request.GET.get("after", ""))
    _note(Action.DOT_CARDS_LISTED, viewer)
    context = {
        "form": form,
        "page": _SOONEST.page(listed.filter(queries.shown(show, clock.today())), place),
        "without_card": _without_card(viewer, form),
        "most": _WITHOUT_CARD,
        "shown": list(_choices(viewer, form)),
        "searched": bool(form.query()),
        "may_authorize": viewer.may(Permission.AUTHORIZATION_CREATE),
        "may_read": not viewer.grants.restrictions_only and "non_injury" in viewer.grants.kinds,
    }
    return render(request, "results/dot_list.html", context)


@require_GET
def card_csv(request: HttpRequest) -> HttpResponse:
    """All that the filters find, one driver a row."""
    viewer = require(request, Permission.RESULT_READ)
    form = DotFilters(request.GET, viewer=viewer)
    listed = queries.found(viewer, form.criteria())
    chosen = listed.filter(queries.shown(form.show_only(), clock.today()))
    drivers = queries.without_card(viewer, form.criteria()) if form.show_only() in _NO_CARD else []
    if form.show_only() == Show.NONE:
        chosen = chosen.none()
    _note(Action.DOT_CARDS_DOWNLOADED, viewer)
    rows = [*map(_row, chosen.order_by("expires", "id")), *map(_row_without_card, drivers)]
    response = HttpResponse(to_csv(_HEADER, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dot-cards-{clock.today()}.csv"'
    response["Cache-Control"] = "no-store"
    return response


_NO_CARD = (Show.ALL, Show.NONE)


def _note(action: Action, viewer: Viewer) -> None:
    record(action, by=viewer.actor, employer_id=viewer.employer_id)


def _place(listed: QuerySet[DotCertificate], after: str) -> DotCertificate | None:
    """The row a page goes on after; None for what makes no sense."""
    try:
        return listed.filter(pk=UUID(after)).first()
    except ValueError:
        return None


def _without_card(viewer: Viewer, form: DotFilters) -> list[Employee]:
    if form.show_only() != Show.NONE:
        return []
    return list(queries.without_card(viewer, form.criteria())[:_WITHOUT_CARD])


def _choices(viewer: Viewer, form: DotFilters) -> Iterator[Mapping[str, object]]:
    counted = queries.counts(viewer, form.criteria(), clock.today())
    for show, count in counted.items():
        chosen = show == form.show_only()
        yield {"value": show.value, "label": show.label, "count": count, "is": chosen}


def _row(card: DotCertificate) -> tuple[object, ...]:
    dates = (card.certified_from, card.expires, card.due.label)
    said = ("; ".join(card.limitations), card.registry_number)
    return (*_who(card.employee), *dates, *said, _to_read(card))


def _row_without_card(driver: Employee) -> tuple[object, ...]:
    return (*_who(driver), "", "", "No card", "", "", _to_read(driver))


def _to_read(row: DotCertificate | Employee) -> str:
    """`to_read` is dot_queries'."""
    return _TO_READ if getattr(row, "to_read", None) else ""


def _who(person: Employee) -> tuple[object, ...]:
    return (person.last_name, person.first_name, person.employee_number, person.worksite)
