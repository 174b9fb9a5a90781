"""Uploads are held in memory alone: Django's own way would spool them to disk unencrypted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class InMemoryAlone(MemoryFileUploadHandler):
    """Refuses a request over FILE_UPLOAD_MAX_MEMORY_SIZE before reading it: 413."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        super().handle_raw_input(*args, **kwargs)
        if not self.activated:
            raise RequestDataTooBig("The upload exceeds FILE_UPLOAD_MAX_MEMORY_SIZE.")
