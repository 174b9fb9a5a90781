"""What is reported about privacy, and how it ends. Pure."""

from __future__ import annotations

from clearwork.foundation.choices import LabelledEnum

WORDS_LENGTH = 2000
REASON_LENGTH = 500


class Kind(LabelledEnum):
    """`unreadable`: nobody's report, but a loss of what should be at hand (45 CFR 164.304)."""

    RECEIVED_IN_ERROR = "received_in_error", "Received in error"
    CONCERN = "concern", "Privacy concern"
    UNREADABLE = "unreadable", "Stored file cannot be read"


class State(LabelledEnum):
    OPEN = "open", "To decide"
    DECIDED = "decided", "Decided"


class Decision(LabelledEnum):
    """How an incident ended."""

    RELEASED = "released", "Released to the right employer"
    RESTORED = "restored", "Put back: it was theirs"
    DESTROYED = "destroyed", "Destroyed"
    ANSWERED = "answered", "Answered"
    SETTLED = "settled", "Settled"


class HoldOf(LabelledEnum):
    """What a legal hold keeps."""

    EMPLOYER = "employer", "Everything of an employer"
    EMPLOYEE = "employee", "Everything of one employee"
    REPORT = "report", "One report"


class AlreadyDecided(Exception):
    """Someone else was quicker."""
