"""Mails as files, where no mail server is set: to be read by a person as they are."""

from __future__ import annotations

from email import policy

from django.core.mail.backends import filebased
from django.core.mail.message import EmailMessage

# Letters beyond ASCII would else have every long line, and so a link, broken in two.
_READABLE = policy.default.clone(cte_type="8bit", max_line_length=998)


class EmailBackend(filebased.EmailBackend):
    def write_message(self, message: EmailMessage) -> None:
        raw = message.message(policy=_READABLE).as_bytes() + b"\n" + b"-" * 79 + b"\n"
        self.stream.write(raw)  # type: ignore[arg-type]  # a binary file, whatever the stubs say
