"""Where an employer's drug screens are reported: laboratories' own portals. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_PORTALS = 10
_LONGEST_NAME = 80
_LONGEST_ADDRESS = 500
_HOW = "give its name, then its address, such as: Acme Lab https://results.acmelab.example"


class BadPortals(ValueError):
    """What is typed names no portals; the message says which line, and why."""


@dataclass(frozen=True)
class Portal:
    name: str
    url: str

    @property
    def host(self) -> str:
        """Where the link leads, such as results.lab.example."""
        return urlsplit(self.url).hostname or ""


def read(text: str) -> tuple[Portal, ...]:
    """The portals of a text, one a line: a name, then an https address. Raises BadPortals."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    found = tuple(_portal(n, line) for n, line in enumerate(lines, start=1) if line)
    if len(found) > MOST_PORTALS:
        raise BadPortals(f"At most {MOST_PORTALS} portals.")
    if len({portal.url for portal in found}) < len(found):
        raise BadPortals("The same address is there twice.")
    return found


def listed(text: str) -> tuple[Portal, ...]:
    """The sound ones of what was kept, for a page that only shows them."""
    lines = (line.rpartition(" ") for line in text.splitlines())
    return tuple(Portal(name, url) for name, _, url in lines if not any(_problems(name, url)))


def written(portals: tuple[Portal, ...]) -> str:
    """What read() reads."""
    return "\n".join(f"{portal.name} {portal.url}" for portal in portals)


def _portal(number: int, line: str) -> Portal:
    name, _, url = line.rpartition(" ")
    for problem in _problems(name, url):
        raise BadPortals(f"Line {number}: {problem}.")
    return Portal(name, url)


def _problems(name: str, url: str) -> Iterator[str]:
    if not name:
        yield _HOW
    if len(name) > _LONGEST_NAME:
        yield f"the name has at most {_LONGEST_NAME} characters"
    if not is_sound(url):
        yield "the address begins with https://, and holds no password"


def is_sound(url: str) -> bool:
    """Whether it may be offered as a link: https, a host, nobody's password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_plain = url.isprintable() and " " not in url and len(url) <= _LONGEST_ADDRESS
    return parts.scheme == "https" and "." in host and "@" not in parts.netloc and is_plain
