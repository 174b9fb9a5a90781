"""The base of every table that belongs to an employer."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Self

from django.db import models

from clearwork.foundation.ids import uuid7


class PeersManager[M: models.Model](models.Manager[M]):
    """Related rows of a list are fetched for all its members at once: no N+1."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key inside the tenant.

    The database holds it as (employer_id, column) → (employer_id, id), which
    policies.tenant_key adds in the table's migration; a catalogue test sees to it.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        options["db_constraint"] = False
        super().__init__(to, on_delete, **options)


class TenantModel(models.Model):
    """A row of one employer. Its migration adds policies.tenant_table and tenant_key.

    The employer has no index of its own: the key (employer, id) begins with it, and so do others.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    employer = models.ForeignKey(
        "employers.Employer", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects: ClassVar[PeersManager[Self]] = PeersManager()

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: models.Field[Any, Any]) -> str:  # noqa: N802 - Django's
        """What get_…_display() gives; Django's own makes a dictionary of all choices each time."""
        value = getattr(self, field.attname)
        return _words(field).get(value, str(value))


@cache
def _words(field: models.Field[Any, Any]) -> dict[object, str]:
    return {value: str(words) for value, words in field.flatchoices}
