"""One person's link to one authorization, and each time it was sent."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.passes.rules import LOST, TRIES, Channel, Purpose, Recipient, SendingState


class Pass(TenantModel):
    """A link for the employee, or for a named person with a business interest in it.

    Opened with the employee's date of birth, or with a code sent to the named person.
    `tries_left` counts wrong ones down and never up again; at none the link is dead.
    `times_opened` counts right ones: what a mail scanner fetches opens nothing.
    """

    authorization = TenantForeignKey("authorizations.Authorization", related_name="+")
    recipient = models.CharField(max_length=10, choices=Recipient.choices())
    name = models.CharField(max_length=120, blank=True)
    interest = models.CharField(max_length=120, blank=True)
    shows_services = models.BooleanField(default=True)
    channel = models.CharField(max_length=10, choices=Channel.choices())
    address = models.CharField(max_length=254)
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    tries_left = models.PositiveSmallIntegerField(default=TRIES)
    code_asked_at = models.DateTimeField(null=True)
    first_opened_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)
    times_opened = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "authorization", "recipient", "address"),
                condition=models.Q(revoked_at=None),
                name="pass_in_force_once",
            ),
        )
        indexes = (models.Index(fields=("employer", "authorization"), name="pass_authorization"),)


class Sending(TenantModel):
    """Sending a link, or a code, once: asked for by whoever, done by a job."""

    of = TenantForeignKey(Pass, related_name="sendings")
    purpose = models.CharField(max_length=10, choices=Purpose.choices(), default=Purpose.LINK)
    state = models.CharField(
        max_length=10, choices=SendingState.choices(), default=SendingState.QUEUED
    )
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("employer", "of", "requested_at"), name="sending_of_pass"),
            models.Index(
                fields=("employer", "-requested_at", "-id"),
                condition=models.Q(state__in=LOST),
                name="sending_lost",
            ),
        )
