"""What every page knows: the network, its phones, and the viewer's navigation."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest


class NavItem(NamedTuple):
    """One entry of the navigation. `url_name` is a route's name, `icon` a Tabler icon.

    Shown to those who may do `needs` (not to those who may do `hides`), marked on the
    pages of its route's section and of `sections`.
    """

    label: str
    url_name: str
    icon: str
    needs: str = ""
    hides: str = ""
    sections: tuple[str, ...] = ()
    active: bool = False


NAVIGATION = (
    NavItem("Home", "home", "home"),
    NavItem(
        "Authorizations",
        "authorizations:list",
        "clipboard-list",
        sections=("centers", "bulk", "passes"),
    ),
    NavItem("Employees", "roster:list", "users", needs="employee:read"),
    NavItem("Results and Reports", "results:list", "report-medical", needs="result:read"),
    NavItem("Visits", "visits:board", "stethoscope", needs="result:read", sections=("dot",)),
    NavItem(
        "Account Information",
        "company:home",
        "building",
        needs="company:read",
        sections=("access", "defaults", "integrations"),
    ),
    NavItem("My account", "access:mine", "user-circle", hides="company:read"),
)
# Pages that stand in another section than their routes.
_STANDS_IN = {
    "bulk:roster_import": "roster",
    "help:authorization": "authorizations",
    "help:report": "results",
}
# The support console's, for the network's own people.
SUPPORT = (
    NavItem("Access requests", "support:requests", "user-plus", needs="request:decide"),
    NavItem("Sign-in help", "support:users", "user-shield", needs="second_factor:reset"),
    NavItem("Held results", "support:held_results", "inbox", needs="held_result:settle"),
    NavItem("Release requests", "support:releases", "file-check", needs="release:decide"),
    NavItem(
        "Privacy incidents",
        "support:incidents",
        "shield-exclamation",
        needs="incident:decide",
        sections=("support:concern",),
    ),
    NavItem("Services", "support:services", "stethoscope", needs="catalogue:edit"),
    NavItem("Legal holds", "support:holds", "lock", needs="hold:manage"),
    NavItem("Retention", "support:retention", "clock-x", needs="retention:read"),
)


def network(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `network_facts()`, who is signed in, and their `navigation`."""
    viewer, staff = getattr(request, "viewer", None), getattr(request, "staff", None)
    items = navigation(request, viewer) if viewer else ()
    if staff:
        items = support_navigation(request, staff)
    return {**network_facts(), "viewer": viewer, "staff": staff, "navigation": items}


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


def navigation(request: HttpRequest, viewer: Any) -> tuple[NavItem, ...]:
    """What this viewer may open, the current section marked."""
    name = getattr(request.resolver_match, "view_name", "") or ""
    here = _STANDS_IN.get(name, _section(name))
    return tuple(
        item._replace(active=here in (_section(item.url_name), *item.sections))
        for item in NAVIGATION
        if _is_for(viewer, item)
    )


def support_navigation(request: HttpRequest, staff: Any) -> tuple[NavItem, ...]:
    """The console's sections this person works in; `support:request` is in `support:requests`."""
    here = getattr(request.resolver_match, "view_name", "") or ""
    return tuple(
        item._replace(active=here.startswith((item.url_name.removesuffix("s"), *item.sections)))
        for item in SUPPORT
        if _is_for(staff, item)
    )


def _is_for(viewer: Any, item: NavItem) -> bool:
    needed = not item.needs or viewer.may(item.needs)
    return needed and not (item.hides and viewer.may(item.hides))


def _section(view_name: str) -> str:
    return view_name.split(":", maxsplit=1)[0]
