"""An employer's order for care, its history, and its way to the medical center."""

from __future__ import annotations

from django.db import models

from clearwork.authorizations.dot import Agency, Specimen
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
    # One for each form opened: pressing Submit twice makes one authorization.
    submission = models.UUIDField(default=uuid7)
    # Goes up with each change of the order: whoever edits says which one they saw.
    revision = models.PositiveIntegerField(default=0)

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


class DotTestOrder(TenantModel):
    """What a collector must know of a DOT drug or alcohol test (49 CFR 40.14; see dot.DotTest)."""

    authorization = TenantForeignKey(Authorization, related_name="dot_tests")
    donor_id = models.CharField(max_length=40)
    agency = models.CharField(max_length=8, choices=Agency.choices())
    specimen = models.CharField(max_length=12, choices=Specimen.choices(), blank=True)
    observed = models.BooleanField(null=True)
    der_name = models.CharField(max_length=120)
    der_phone = models.CharField(max_length=40)
    laboratory_name = models.CharField(max_length=120, blank=True)
    laboratory_address = models.CharField(max_length=200, blank=True)
    mro_name = models.CharField(max_length=120, blank=True)
    mro_address = models.CharField(max_length=200, blank=True)
    mro_phone = models.CharField(max_length=40, blank=True)
    mro_fax = models.CharField(max_length=40, blank=True)
    ctpa_name = models.CharField(max_length=120, blank=True)
    ctpa_address = models.CharField(max_length=200, blank=True)
    ctpa_phone = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "authorization"), name="dot_test_of_authorization"
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


class Draft(TenantModel):
    """A form somebody has begun and not sent: what was typed, by the names of its fields."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    submission = models.UUIDField()
    typed = models.JSONField()
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "user", "submission"), name="draft_of_submission"
            ),
        )
