"""Where a request comes from: the network address, behind the proxies an operator trusts."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

type Address = IPv4Address | IPv6Address
_IPV6_HOME = 64  # bits of an IPv6 address that name a network; its owner chooses the rest


def client_address(request: HttpRequest) -> str:
    """The nearest hop that is no trusted proxy; "" where there is none, as on a Unix socket.

    X-Forwarded-For is whatever the client wrote, but for what trusted proxies added at its
    end: without CLEARWORK_TRUSTED_PROXIES it is not looked at.
    """
    nearest = ""
    for hop in _hops(request):
        if hop is None:
            break
        nearest = str(hop)
        if not any(hop in network for network in settings.ENVIRONMENT.trusted_proxies):
            break
    return nearest


def network_of(address: str) -> str:
    """Whom tries from an address are counted for: the address, of IPv6 its /64."""
    found = _parse(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _IPV6_HOME), strict=False))
    return address


def _hops(request: HttpRequest) -> Iterator[Address | None]:
    """The nearest first; None for what is no address."""
    yield _parse(request.META.get("REMOTE_ADDR", ""))
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        yield _parse(hop)


def _parse(hop: str) -> Address | None:
    try:
        found = ip_address(hop.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
