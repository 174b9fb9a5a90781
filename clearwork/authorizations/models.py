"""An employer's order for care, its history, and its way to the medical center."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from clearwork.authorizations.dot import Agency, Specimen
from clearwork.authorizations.rules import (
    OPEN,
    WAITING,
    Change,
    Control,
    DeliveryState,
    Kind,
    Modality,
    Reason,
    State,
)
from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7


class Authorization(TenantModel):
    number = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=12, choices=State.choices(), default=State.SUBMITTED)
    state_since = models.DateTimeField(default=clock.now)
    # Without an index of their own: those below begin with the employer.
    worksite = TenantForeignKey("employers.Worksite", related_name="+", db_index=False)
    employee = TenantForeignKey("people.Employee", related_name="+", db_index=False)
    modality = models.CharField(max_length=20, choices=Modality.choices())
    center = models.ForeignKey(
        "centers.MedicalCenter",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
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
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # One for each form opened: pressing Submit twice makes one authorization.
    submission = models.UUIDField(default=uuid7)
    # Goes up with each change of the order: whoever edits says which one they saw.
    revision = models.PositiveIntegerField(default=0)
    # The last day of which its creator was reminded: an extension brings a new reminder.
    reminded_of = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "submission"), name="submitted_once"),
        )
        indexes = (
            models.Index(fields=("employer", "-created_at", "-id"), name="authorization_newest"),
            models.Index(fields=("employer", "state_since", "id"), name="authorization_changed"),
            # What waits, the longest first: few rows of many.
            models.Index(
                fields=("employer", "state_since", "id"),
                condition=models.Q(state__in=sorted(OPEN)),
                name="authorization_open",
            ),
            models.Index(fields=("center", "state"), name="authorization_center"),
            # One for each filter of the list, newest first.
            *(
                models.Index(
                    fields=("employer", filtered, "-created_at", "-id"),
                    name=f"authorization_by_{filtered}",
                )
                for filtered in ("employee", "worksite", "center", "created_by")
            ),
            # What row-level security asks of a row is in it: counting reads the index alone.
            models.Index(
                fields=("employer", "state", "-created_at", "-id"),
                include=("center",),
                name="authorization_by_state",
            ),
            models.Index(
                fields=("employer", "created_by", "state"),
                include=("center", "id"),
                name="authorization_own_by_state",
            ),
            models.Index(
                fields=("expires",),
                condition=models.Q(state__in=sorted(WAITING)),
                name="authorization_ending",
            ),
        )

    def __str__(self) -> str:
        return self.number


class AuthorizedService(TenantModel):
    authorization = TenantForeignKey(Authorization, related_name="authorized")
    service = models.ForeignKey(
        "centers.Service", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "authorization", "service"), name="service_authorized_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("employer", "service", "authorization"), name="authorized_by_service"
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
    """One change, with its time and actor: a line of the timeline. `state` is the one after it."""

    authorization = TenantForeignKey(Authorization, related_name="events")
    state = models.CharField(max_length=12, choices=State.choices())
    change = models.CharField(
        max_length=12, choices=Change.choices(), blank=True, default="", db_default=""
    )
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

    @property
    def label(self) -> str:
        """What the timeline calls it; "" for the state's own word."""
        return Change(self.change).label if self.change else ""

    @property
    def icon(self) -> str:
        icons = {
            Change.EXTENDED: "calendar-plus",
            Change.CHANGED: "pencil",
            Change.CANCEL_REFUSED: "alert-triangle",
            Change.CHANGE_REFUSED: "alert-triangle",
        }
        return icons.get(Change(self.change), "circle-check") if self.change else ""


class Delivery(TenantModel):
    """Telling one center of one authorization. Each retry keeps the control id and the message.

    `message` is what is sent, from the first try until the delivery is over: a retry is
    the same to the byte, whatever was renamed meanwhile. `trying_since` is set while a
    worker waits for the center's answer, and stays where that worker was killed.
    """

    authorization = TenantForeignKey(Authorization, related_name="deliveries")
    center = models.ForeignKey("centers.MedicalCenter", on_delete=models.PROTECT, related_name="+")
    control = models.CharField(
        max_length=2, choices=Control.choices(), default=Control.NEW, db_default=Control.NEW.value
    )
    control_id = models.CharField(max_length=20, unique=True)
    state = models.CharField(
        max_length=12, choices=DeliveryState.choices(), default=DeliveryState.QUEUED
    )
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    message = models.BinaryField(null=True)
    trying_since = models.DateTimeField(null=True)

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

    @property
    def was_tried(self) -> bool:
        """Whether the center may have it, though nobody knows."""
        return self.attempts > 0 or self.trying_since is not None

    @property
    def unsent_since(self) -> datetime | None:
        """When sending an order was given up; None where it was not, or for other news."""
        is_unsent = self.state == DeliveryState.FAILED and self.control == Control.NEW
        return self.finished_at if is_unsent else None


class SavedView(TenantModel):
    """A person's own filters of a list, by a name. `query` is a query string: "state=expired".

    `page` names the list: see saved_views.SavedViews.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=30, default="authorizations", db_default="authorizations")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "user", "page", "name"), name="view_named_once"
            ),
            models.UniqueConstraint(
                fields=("employer", "user", "page"),
                condition=models.Q(is_default=True),
                name="view_one_default",
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
