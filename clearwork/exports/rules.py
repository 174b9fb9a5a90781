"""What a download of many reports may hold, how long it lives, and its files' names. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from clearwork.foundation.choices import LabelledEnum

LIVES = timedelta(hours=24)
MOST_PAPERS = 10_000
# One PDF is put together in memory: its pages, and then itself.
MOST_IN_ONE_PDF = 2_000
MOST_BYTES_IN_ONE_PDF = 100 * 1024 * 1024
# So few bytes are read while one waits.
AT_ONCE_BYTES = 10 * 1024 * 1024
# Of one person's downloads, that are not made yet.
MOST_AT_A_TIME = 3
_LONGEST_STEM = 120  # file systems take 255 bytes, and a character may have four


class Of(LabelledEnum):
    """What a file holds."""

    REPORTS = "reports", "Reports"
    AUTHORIZATIONS = "authorizations", "Authorizations"


class Form(LabelledEnum):
    PDF = "pdf", "Combined PDF"
    ZIP = "zip", "ZIP with an index"


class What(LabelledEnum):
    SELECTED = "selected", "Selected"
    FOUND = "found", "All found"
    LIST = "list", "All of a list"


class ExportState(LabelledEnum):
    """`failed`: something was wrong with us, and a person was told."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Stopped"
    EXPIRED = "expired", "Expired"


UNFINISHED = (ExportState.QUEUED, ExportState.RUNNING)


class Reason(LabelledEnum):
    """Why a paper that was asked for is not in the file."""

    GONE = "gone", "It is not available to you any more."
    LINK = "link", "The laboratory keeps it: open it by its link."
    UNREADABLE = "unreadable", "Its stored file cannot be read. Support has been told."
    DAMAGED = "damaged", "Its PDF is damaged or protected, and cannot be combined. Try a ZIP."


def is_small(count: int, size: int, at_once: int) -> bool:
    """Whether it is made while one waits."""
    return count <= at_once and size <= AT_ONCE_BYTES


def problem_with(form: Form, count: int, size: int, papers: str = "reports") -> str:
    """Why so many papers of so many bytes cannot be one file; "" where they can."""
    if not count:
        return f"Select at least one of the {papers} that are still available to you."
    if count > MOST_PAPERS:
        return f"That is more than {MOST_PAPERS:,} {papers}. Narrow the search, and take parts."
    if form == Form.PDF and (count > MOST_IN_ONE_PDF or size > MOST_BYTES_IN_ONE_PDF):
        return (
            f"That is too much for one PDF, which takes {MOST_IN_ONE_PDF:,} {papers} or"
            f" {MOST_BYTES_IN_ONE_PDF // 1024**2} MB. Download a ZIP, or narrow the search."
        )
    return ""


class FileNames:
    """Readable names that every system takes, each given once.

    >>> names = FileNames()
    >>> names.of("Garcia", "Maria", "MEC DOT card", date(2026, 11, 2))
    'Garcia-Maria_MEC-DOT-card_2026-11-02.pdf'
    >>> names.of("Garcia", "Maria", "MEC DOT card", date(2026, 11, 2))
    'Garcia-Maria_MEC-DOT-card_2026-11-02_2.pdf'
    """

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def of(self, last_name: str, first_name: str, title: str, day: date) -> str:
        stem = f"{_plain(f'{last_name} {first_name}')}_{_plain(title)}"[:_LONGEST_STEM]
        stem = f"{stem.strip('-_') or 'report'}_{day:%Y-%m-%d}"
        # Some systems take names that differ in case alone for the same.
        number = self._given[stem.casefold()] = self._given.get(stem.casefold(), 0) + 1
        return f"{stem}.pdf" if number == 1 else f"{stem}_{number}.pdf"


def _plain(text: str) -> str:
    """Letters and digits of any script, parted by hyphens: no path, no dot, no control sign."""
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())
