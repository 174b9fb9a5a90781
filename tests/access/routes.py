"""Every route of the portal, from the URL resolver: a new one cannot be forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Route:
    """A view's name and the names of its arguments, e.g. `results:report`, {"pk"}."""

    name: str
    arguments: frozenset[str]

    def path(self, pk: UUID | None = None) -> str:
        values = {"pk": pk, "number": 1, "token": "0" * 64, "uidb36": "0", "key": "none"}
        beyond = self.name == "company:release_new"  # the other types need no request
        values["report_type"] = "mer_long_form" if beyond else "audiogram"
        values["submission"] = pk  # any form's own
        values |= {"what": "authorize", "kind": "csv"}  # an example of a list
        values["code"] = "TX-DAL"  # a center of the cast
        return reverse(self.name, kwargs={name: values[name] for name in self.arguments})


def routes() -> list[Route]:
    return sorted(_below(get_resolver()), key=lambda route: route.name)


def _below(resolver: URLResolver, space: str = "") -> list[Route]:
    found = []
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} needs a name"
            arguments = frozenset(pattern.pattern.converters)
            found.append(Route(f"{space}{pattern.name}", arguments))
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            found += _below(pattern, inner)
    return found
