from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache

from clearwork.database import scope
from tests.accounts.people import Guarded
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _no_code_used_yet() -> Iterator[None]:
    """allauth remembers used codes in the cache, too."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def guarded(cast: Cast) -> Guarded:
    """Alice, with an authenticator app and recovery codes."""
    secret = generate_totp_secret()
    with scope.acting_as(scope.user(cast.alice.user.pk)):
        TOTP.activate(cast.alice.user, secret)
        codes = RecoveryCodes.activate(cast.alice.user).generate_codes()
    return Guarded(cast.alice.user, secret, codes)
