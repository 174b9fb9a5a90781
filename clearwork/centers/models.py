"""The network's own catalogue: medical centers and the services they offer."""

from __future__ import annotations

from django.db import models

from clearwork.foundation.ids import uuid7


class MedicalCenter(models.Model):
    class OrderMessage(models.TextChoices):
        OMG_O19 = "OMG_O19", "OMG^O19 (general clinical order)"
        ORM_O01 = "ORM_O01", "ORM^O01 (order, before v2.5)"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    phone = models.CharField(max_length=40)
    hours = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    order_message = models.CharField(
        max_length=10, choices=OrderMessage.choices, default=OrderMessage.OMG_O19
    )
    hl7_application = models.CharField(max_length=180)
    hl7_facility = models.CharField(max_length=180)
    hl7_host = models.CharField(max_length=255)
    hl7_port = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hl7_application", "hl7_facility"), name="center_hl7_sender"
            ),
        )
        ordering = ("state", "city", "name")

    def __str__(self) -> str:
        return f"{self.name} ({self.city}, {self.state})"

    @property
    def address(self) -> str:
        return f"{self.street}, {self.city}, {self.state} {self.postal_code}"


class Service(models.Model):
    class Kind(models.TextChoices):
        INJURY = "injury", "Injury"
        NON_INJURY = "non_injury", "Non-injury"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
