"""What a log line may say."""

from __future__ import annotations

import logging
import re

# PostgreSQL quotes the row it refuses below the first line of its error. It keeps to itself those
# under row-level security; others, such as a person's email, would stand in the log.
_QUOTED_ROWS = re.compile(
    r"^(?:DETAIL|CONTEXT|LINE \d+): .*?(?=^\n(?:The above exception|During handling)|\Z)",
    re.DOTALL | re.MULTILINE,
)
# A page's address may hold the secret of a mailed link; whoever reads the log could open it.
# The shortest is a reset link's, of 39 characters; an id has 36.
_SECRETS = re.compile(r"(?<=/)[\w-]{39,}")


class DiscreetFormatter(logging.Formatter):
    """Leaves out what the database quotes of the rows it refuses, and links' secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRETS.sub("…", _QUOTED_ROWS.sub("", super().format(record)))
