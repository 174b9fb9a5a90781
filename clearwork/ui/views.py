"""Pages of the look itself."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

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


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """413 where the request's body is over the limit, else 400.

    Beside Django's own, which looks at the form once more: that may be what is wrong.
    """
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
