"""What every page knows: the network, its phones, and the viewer's navigation."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


class NavItem(NamedTuple):
    """One entry of the navigation. `url_name` is a route's name, `icon` a Tabler icon."""

    label: str
    url_name: str
    icon: str
    active: bool = False


NAVIGATION = (
    NavItem("Home", "home", "home"),
    NavItem("Authorizations", "authorizations:list", "clipboard-list"),
    NavItem("Results and Reports", "results:list", "report-medical"),
)


def network(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `network_facts()`, `viewer` (None if signed out), `navigation`."""
    viewer = getattr(request, "viewer", None)
    items = navigation(request) if viewer else []
    return {**network_facts(), "viewer": viewer, "navigation": items}


def network_facts() -> dict[str, Any]:
    """The network's own words: name, support phone and hours, privacy phone, portals."""
    environment = settings.ENVIRONMENT
    return {
        "network_name": environment.network_name,
        "support_phone": environment.support_phone,
        "support_hours": environment.support_hours,
        "privacy_phone": environment.privacy_phone,
        "drug_screen_portals": environment.drug_screen_portals,
    }


def navigation(request: HttpRequest) -> list[NavItem]:
    """The navigation, without routes that do not exist, the current section marked."""
    here = _section(getattr(request.resolver_match, "view_name", "") or "")
    return [
        item._replace(active=_section(item.url_name) == here)
        for item in NAVIGATION
        if _resolves(item.url_name)
    ]


def _section(view_name: str) -> str:
    return view_name.split(":", maxsplit=1)[0]


def _resolves(url_name: str) -> bool:
    try:
        reverse(url_name)
    except NoReverseMatch:
        return False
    return True
