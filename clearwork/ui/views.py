"""Pages of the look itself."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clearwork.ui import samples


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with sample data, for development and tests only."""
    context = {
        "form": samples.SampleForm(),
        "wrong_form": samples.SampleForm(samples.WRONG_INPUT),
        "rows": samples.ROWS,
        "events": samples.EVENTS,
        "clocks": samples.CLOCKS,
        "page": Paginator(range(57), 5).page(3),
    }
    return render(request, "ui/styleguide.html", context)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: the request's body is over the limit."""
    return render(request, "413.html", status=413)
