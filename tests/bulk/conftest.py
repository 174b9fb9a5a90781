from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.conftest import SignIn


@pytest.fixture
def alice(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.alice)


@pytest.fixture
def victor(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.victor)
