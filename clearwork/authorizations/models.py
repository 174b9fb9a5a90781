"""An employer's order for care, its history, and its way to the medical center."""

from __future__ import annotations

from django.db import models

from clearwork.authorizations.rules import DeliveryState, Kind, Modality, Reason, State
from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7


class Authorization(TenantModel):
    number = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=12, choices=State.choices(), default=State.SUBMITTED)
    state_since = models.DateTimeField(default=clock.now)
    worksite = TenantForeignKey("employers.Worksite", related_name="+")
    employee = TenantForeignKey("people.Employee", related_name="+")
    modality = models.CharField(max_length=20, choices=Modality.choices())
    center = models.ForeignKey(
        "centers.MedicalCenter", on_delete=models.PROTECT, null=True, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices())
    reason = models.CharField(max_length=20, choices=Reason.choices())
    services = models.ManyToManyField(
        "centers.Service", through="AuthorizedService", related_name="+"
    )
    injury_date = models.DateField(null=True)
    injury_time = models.TimeField(null=True)
    body_part = models.CharField(max_length=120, blank=True)
    what_happened = models.TextField(blank=True)
    claim_number = models.CharField(max_length=60, blank=True)
    insurer = models.CharField(max_length=120, blank=True)
    billing_note = models.CharField(max_length=500, blank=True)
    center_note = models.CharField(max_length=500, blank=True)
    valid_from = models.DateField()
    expires = models.DateField()
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    document = models.CharField(max_length=200)
    # One for each form opened: pressing Submit twice makes one authorization.
    submission = models.UUIDField(default=uuid7)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "submission"), name="submitted_once"),
        )
        indexes = (
            models.Index(
                fields=(
                    "employer",
                    "-created_at",
                    "-id",
                ),
                name="authorization_newest",
            ),
            models.Index(
                fields=(
                    "employer",
                    "employee",
                ),
                name="authorization_employee",
            ),
            models.Index(
                fields=(
                    "center",
                    "state",
                ),
                name="authorization_center",
            ),
        )

    def __str__(self) -> str:
        return self.number


class AuthorizedService(TenantModel):
    authorization = TenantForeignKey(Authorization, related_name="+")
    service = models.ForeignKey("centers.Service", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "authorization", "service"), name="service_authorized_once"
            ),
        )


class AuthorizationEvent(TenantModel):
    """One change of state, with its time and actor: a line of the timeline."""

    authorization = TenantForeignKey(Authorization, related_name="events")
    state = models.CharField(max_length=12, choices=State.choices())
    at = models.DateTimeField(default=clock.now)
    actor = models.CharField(max_length=200)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=(
                    "employer",
                    "authorization",
                    "at",
                ),
                name="authorization_timeline",
            ),
        )


class Delivery(TenantModel):
    """Handing one authorization to one center. Each retry keeps the control id."""

    authorization = TenantForeignKey(Authorization, related_name="deliveries")
    center = models.ForeignKey("centers.MedicalCenter", on_delete=models.PROTECT, related_name="+")
    control_id = models.CharField(max_length=20, unique=True)
    state = models.CharField(
        max_length=12, choices=DeliveryState.choices(), default=DeliveryState.QUEUED
    )
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=(
                    "employer",
                    "authorization",
                ),
                name="delivery_authorization",
            ),
        )
