"""The tenant: an employer, its worksites and its contacts."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantModel
from clearwork.foundation.ids import uuid7


class Employer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_number = models.CharField(max_length=20, unique=True)
    legal_name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.legal_name


class Worksite(TenantModel):
    """The employer's own location."""

    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("employer", "name"), name="worksite_name"),)

    def __str__(self) -> str:
        return self.name


class Contact(TenantModel):
    """A person at the employer; may be a portal user."""

    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
