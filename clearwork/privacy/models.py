"""Privacy incidents: information received in error, and concerns (45 CFR 164.530(d))."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantModel
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from clearwork.privacy.rules import (
    REASON_LENGTH,
    WORDS_LENGTH,
    Decision,
    HoldOf,
    Kind,
    State,
)


class Reported(models.Model):
    """What someone reported, and how it was decided."""

    words = models.TextField(max_length=WORDS_LENGTH, blank=True)
    reported_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, choices=State.choices(), default=State.OPEN)
    decision = models.CharField(max_length=12, choices=Decision.choices(), blank=True)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        abstract = True


class PrivacyIncident(TenantModel, Reported):
    """Reported by one of an employer's own people. `report_id` is none of a mere concern.

    Of a stored file that cannot be read it is the report, or `export_id` the download, whose file
    it is. Ids of what lies in higher apps, without a key: the record outlives what it speaks of.
    """

    kind = models.CharField(max_length=20, choices=Kind.choices())
    report_id = models.UUIDField(null=True)
    export_id = models.UUIDField(null=True)
    reported_by_id = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=("state", "reported_at"), name="incident_waiting"),)


class PrivacyConcern(Reported):
    """Reported by someone who is not signed in: whoever they say they are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = (models.Index(fields=("state", "reported_at"), name="concern_waiting"),)


class LegalHold(TenantModel):
    """The privacy officer's word that something is kept, whatever its retention says.

    `subject_id` is the report's or the employee's; None where all of the employer's is kept.
    An employer's own Admin Users hold single reports besides: see results.Report.held_at.
    """

    of = models.CharField(max_length=10, choices=HoldOf.choices())
    subject_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=REASON_LENGTH)
    placed_at = models.DateTimeField(default=clock.now)
    placed_by_id = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by_id = models.UUIDField(null=True)
    lifted_why = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("employer", "subject_id"),
                condition=models.Q(lifted_at__isnull=True),
                name="hold_in_force",
            ),
        )
