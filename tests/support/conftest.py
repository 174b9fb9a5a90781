from __future__ import annotations

import pytest
from django.test import Client

from clearwork.accounts.models import Staff, User
from clearwork.database import scope
from tests.cast import PASSWORD, Cast


def _staff(email: str, kind: Staff) -> Client:
    with scope.acting_as(scope.OPERATOR):
        user = User.objects.create_user(email, PASSWORD, name=kind.label)
        User.objects.filter(pk=user.pk).update(staff=kind, is_demo=True)
        client = Client()
        client.force_login(User.objects.get(pk=user.pk))
    return client


@pytest.fixture
def support(cast: Cast) -> Client:
    """A browser in which one of the customer support line is signed in."""
    return _staff("sam@network.example", Staff.SUPPORT)


@pytest.fixture
def officer(cast: Cast) -> Client:
    """A browser in which the privacy officer is signed in."""
    return _staff("petra@network.example", Staff.PRIVACY_OFFICER)
