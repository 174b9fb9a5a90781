from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.accounts.last_here import last_here
from clearwork.home import queries, trends
from clearwork.home.rules import HEIGHT, WIDTH

_NONE_MADE = "No authorization was made in these weeks."
_NONE_COMPLETED = "None of these visits is completed yet."


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    context = {
        "overview": queries.overview(viewer, last_here(request)),
        "may_read_results": viewer.may(Permission.RESULT_READ),
        "is_admin": viewer.may(Permission.ACCESS_MANAGE),
    }
    return render(request, "home/home.html", context)


@require_GET
def last_weeks(request: HttpRequest) -> HttpResponse:
    """Volume and turnaround: a part of Home that is fetched after it, or a page of its own."""
    viewer = require(request, Permission.AUTHORIZATION_READ_OWN)
    found = trends.weeks(viewer)
    context = {
        "weeks": found,
        "volume": trends.volume(found),
        "turnaround": trends.turnaround(found),
        "no_volume": "" if any(week.made for week in found) else _NONE_MADE,
        "no_turnaround": "" if any(week.completed for week in found) else _NONE_COMPLETED,
        "width": WIDTH,
        "height": HEIGHT,
    }
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "home/_weeks.html" if is_part else "home/weeks.html", context)


@require_GET
def healthz(_request: HttpRequest) -> HttpResponse:
    """The web process answers and reaches the database (its transaction is open)."""
    return HttpResponse("ok", content_type="text/plain")
