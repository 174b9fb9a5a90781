from __future__ import annotations


class Refusal(Exception):
    """The demo cannot start; the message is one line that a person can act on."""
