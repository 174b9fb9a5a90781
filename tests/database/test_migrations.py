"""Data migrations change rows that an older version wrote: an empty database proves nothing."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connections

from clearwork.database import scope
from clearwork.employers.models import Contact
from tests.cast import Cast


def test_contacts_of_before_get_their_keys(committed_cast: Cast) -> None:
    """As the owner: the router would have them written as the application, which needs a scope."""
    with scope.acting_as(scope.OPERATOR):
        assert Contact.objects.update(name_key="", name_key_reversed="")
    search = import_module("clearwork.employers.migrations.0005_contact_search")
    try:
        search.fill(apps, SimpleNamespace(connection=connections["owner"]))
    finally:
        connections["owner"].close()
    with scope.acting_as(scope.OPERATOR):
        assert not Contact.objects.filter(name_key="").exists()
        assert not Contact.objects.filter(name_key_reversed="").exists()
