"""A DOT card, and an activity status report with its visit."""

from __future__ import annotations

from tests.privacy.conftest import wrong as wrong
from tests.privacy.conftest import wrong_status as wrong_status
