from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> Iterator[None]:
    """Sign-in limits count in the cache; each test starts from none."""
    cache.clear()
    yield
    cache.clear()
