"""The mails the worker sent, as the demo keeps them: in files."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

from tests.environment import DATA
from tests.journeys.processes import Portal, wait_for

_FOLDER = Path(DATA) / "mail"


def empty() -> None:
    for file in _FOLDER.glob("*"):
        file.unlink()


def link_to(address: str, path: str, portal: Portal) -> str:
    """The link below `path` in a mail to `address`, once it has arrived."""
    return words_to(address, rf"http://\S+{re.escape(path)}\S+", portal)


def words_to(address: str, pattern: str, portal: Portal) -> str:
    """What fits the pattern in a mail to `address`, once it has arrived."""
    found: list[str] = []

    def arrived() -> bool:
        fitting = (re.search(pattern, _words(mail)) for mail in _mails(address))
        found.extend(match[0] for match in fitting if match)
        return bool(found)

    wait_for(arrived, 60, portal.said)
    return found[0]


def _mails(address: str) -> list[EmailMessage]:
    """Django separates them by a line of dashes."""
    files = sorted(_FOLDER.glob("*"))
    raw = [part for file in files for part in file.read_bytes().split(b"-" * 79 + b"\n")]
    found = [email.message_from_bytes(one, policy=email.policy.default) for one in raw]
    return [mail for mail in found if mail["To"] == address]


def _words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""
