"""Text messages: what one says, and the sender a network plugs in.

CLEARWORK_SMS_SENDER names the sender: `file` and `console` are here, anything else is the
dotted path of a class of the network's own, made without arguments:

    class Carrier:
        def send(self, to: str, words: str) -> None: ...

`to` is a number in E.164, such as +12145550100. What it raises is tried again, as a mail is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, cast
from uuid import uuid4

from django.conf import settings
from django.utils.module_loading import import_string

from clearwork.foundation import clock

logger = logging.getLogger(__name__)
OFF = "off"


class TextSender(Protocol):
    def send(self, to: str, words: str) -> None:
        """Hand one message over; raise where that failed."""


class FileSender:
    """One file a message in CLEARWORK_DATA/texts, beside the demo's mails."""

    def send(self, to: str, words: str) -> None:
        folder = Path(settings.DATA) / "texts"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # there are links in them
        name = f"{clock.now():%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.txt"
        (folder / name).write_text(f"To: {to}\n\n{words}\n", encoding="utf-8")


class ConsoleSender:
    """On the worker's own output, for someone at the keyboard. Links are in it: not a log."""

    def send(self, to: str, words: str) -> None:
        print(f"Text message to {to}: {words}", flush=True)  # noqa: T201 - that is its purpose


_OWN: dict[str, type[TextSender]] = {"file": FileSender, "console": ConsoleSender}


@dataclass(frozen=True)
class Text:
    """Plain words to one mobile number, and at most one link after them."""

    to: str
    words: str
    link_path: str = ""

    def send(self) -> None:
        link = f" {settings.ENVIRONMENT.address}{self.link_path}" if self.link_path else ""
        sender().send(self.to, f"{self.words}{link}")


def can_text() -> bool:
    """Whether this network sends text messages at all."""
    return bool(settings.SMS_SENDER != OFF)


def sender() -> TextSender:
    return _loaded(settings.SMS_SENDER)


@cache
def _loaded(name: str) -> TextSender:
    """The sender of this name. ImportError where there is none."""
    made = _OWN[name]() if name in _OWN else import_string(name)()
    return cast(TextSender, made)
