"""Downloads one waits for while doing something else: every page says when one is over.

Which these are is kept in the session, so that a page of whoever waits for none asks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clearwork.access.decide import Viewer
from clearwork.exports import queries
from clearwork.exports.models import Export
from clearwork.exports.rules import ExportState

_AWAITED = "awaited_downloads"
_MOST = 10


def wait_for(request: HttpRequest, export: Export) -> None:
    awaited = request.session.get(_AWAITED, [])
    request.session[_AWAITED] = [*awaited, str(export.pk)][-_MOST:]


def note_seen(request: HttpRequest, export: Export) -> None:
    """One has looked at it, and it is over."""
    awaited = request.session.get(_AWAITED, [])
    if str(export.pk) in awaited:
        request.session[_AWAITED] = [pk for pk in awaited if pk != str(export.pk)]


def over(request: HttpRequest) -> Mapping[str, object]:
    """Context processor: `downloads_over`, those that are ready or failed and not seen yet."""
    session, viewer = getattr(request, "session", {}), getattr(request, "viewer", None)
    if viewer is None or not (awaited := session.get(_AWAITED)):
        return {}
    return {"downloads_over": SimpleLazyObject(lambda: _over(viewer, awaited))}


def _over(viewer: Viewer, awaited: list[str]) -> list[Export]:
    states = (ExportState.READY, ExportState.FAILED)
    found = queries.exports(viewer).filter(pk__in=awaited, state__in=states)
    return list(found.only("of", "form", "state").order_by("id"))
