"""The tenant: an employer, its worksites and its contacts."""

from __future__ import annotations

from typing import Any

from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.employers.rules import DecisionState, ReportType
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.foundation.text import search_key


class SearchKey(models.CharField):  # type: ignore[type-arg]
    """Other fields joined by foundation.text.search_key at each save: no writer can forget it."""

    def __init__(self, *sources: str, **options: Any) -> None:
        self.sources = sources
        super().__init__(**{"max_length": 210, "db_collation": "C", "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, _, options = super().deconstruct()
        return name, path, self.sources, options

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = search_key(*(getattr(model_instance, source) for source in self.sources))
        setattr(model_instance, self.attname, key)
        return key


class Employer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_number = models.CharField(max_length=20, unique=True)
    legal_name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    billing_address = models.CharField(max_length=300, blank=True)
    billing_phone = models.CharField(max_length=40, blank=True)
    drug_screen_portals = models.TextField(blank=True, default="", db_default="")  # portals.read

    def __str__(self) -> str:
        return self.legal_name


class Worksite(TenantModel):
    """The employer's own location."""

    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("employer", "name"), name="worksite_name"),)

    def __str__(self) -> str:
        return self.name


class Contact(TenantModel):
    """A person at the employer; may be a portal user. Found by the start of either name."""

    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    name_key = SearchKey("first_name", "last_name")
    name_key_reversed = SearchKey("last_name", "first_name")

    class Meta:
        indexes = (
            models.Index(fields=("employer", "name_key"), name="contact_name_key"),
            models.Index(fields=("employer", "name_key_reversed", "id"), name="contact_listed"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class ReportSubscription(TenantModel):
    """A contact receives one type of report of one worksite."""

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    report_type = models.CharField(max_length=40, choices=ReportType.choices())
    worksite = TenantForeignKey(Worksite, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "contact", "report_type", "worksite"), name="subscribed_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("employer", "report_type", "worksite"), name="subscription_reverse"
            ),
        )


class ReleaseRequest(TenantModel):
    """A documented request to receive more than the minimum necessary (45 CFR 164.502(b))."""

    contact = TenantForeignKey(Contact, related_name="+")
    report_type = models.CharField(max_length=40, choices=ReportType.choices())
    reason = models.TextField(max_length=2000)
    document = models.CharField(max_length=200)
    requested_at = models.DateTimeField(default=clock.now)
    requested_by_id = models.UUIDField()
    state = models.CharField(
        max_length=10, choices=DecisionState.choices(), default=DecisionState.WAITING
    )
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    expires = models.DateField(null=True)

    class Meta:
        indexes = (models.Index(fields=("employer", "contact", "state"), name="release_contact"),)
