"""Help: the topics, before and after sign-in, and whom to ask about one case."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clearwork.access.decide import Viewer
from clearwork.access.load import load
from clearwork.access.permissions import Permission
from clearwork.authorizations import queries as authorizations
from clearwork.centers.models import MedicalCenter
from clearwork.foundation import clock
from clearwork.help.answers import TOPICS
from clearwork.help.facts import facts
from clearwork.help.topics import Link, Topic, by_section, find
from clearwork.results import queries as results

_LONGEST = 100
_OWN = ("mfa_index",)  # of whoever is signed in


@require_GET
def topics(request: HttpRequest) -> HttpResponse:
    """All of them for who is signed in; else those about getting in and privacy."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    typed = request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST]
    shown = [topic.told(facts()) for topic in TOPICS if viewer or topic.is_public]
    found = find(shown, typed)
    rows = [
        (section, [(topic, _links(topic, viewer)) for topic in own])
        for section, own in by_section(found)
    ]
    context = {
        "base": "ui/base.html" if viewer else "ui/base_public.html",
        "typed": typed,
        "count": len(found),
        "sections": rows,
    }
    return render(request, "help/topics.html", context)


@require_GET
def authorization(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who to contact about an authorization: its center's phone and hours, or support."""
    _, found = load(request, Permission.AUTHORIZATION_READ_OWN, authorizations.in_full, pk)
    delivery, has_results = authorizations.open_delivery(found), authorizations.has_results(found)
    held = authorizations.stage_of(found, delivery, has_results=has_results)
    is_late = bool(held and held.is_late(clock.now()))
    context = {"authorization": found, "stage": held, "is_late": is_late}
    return _case(request, found.center, context)


@require_GET
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who to contact about a report: the center that made it."""
    _, found = load(request, Permission.RESULT_READ, results.in_full, pk)
    return _case(request, found.center, {"report": found})


def _case(
    request: HttpRequest, center: MedicalCenter | None, context: Mapping[str, object]
) -> HttpResponse:
    asked = {"center": center, "account_phone": settings.ENVIRONMENT.account_phone}
    return render(request, "help/case.html", {**context, **asked})


def _links(topic: Topic, viewer: Viewer | None) -> list[Link]:
    """What this person may open: before sign-in, what needs no permission."""
    return [link for link in topic.links if _may_open(link, viewer)]


def _may_open(link: Link, viewer: Viewer | None) -> bool:
    if not link.needs:
        return viewer is not None or link.url_name not in _OWN
    return viewer is not None and viewer.may(Permission(link.needs))
