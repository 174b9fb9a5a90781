"""A supervisor's link to one person's card."""

from __future__ import annotations

from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock

TRIES = 5


class SupervisorLink(TenantModel):
    """For someone who plans a person's work and has no account: opened with a code that is
    sent to the address the link went to.

    `tries_left` counts wrong codes down and never up again; at none the link is dead.
    """

    employee = TenantForeignKey("people.Employee", related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    address = models.EmailField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    tries_left = models.PositiveSmallIntegerField(default=TRIES)
    codes_left = models.PositiveSmallIntegerField(default=0)
    code_asked_at = models.DateTimeField(null=True)
    times_opened = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "visits"
        indexes = (
            models.Index(fields=("employer", "employee", "-made_at"), name="link_of_employee"),
        )

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and self.tries_left > 0 and clock.now() < self.expires_at

    @property
    def standing(self) -> str:
        """As ui_tags shows the state of a link."""
        if self.revoked_at:
            return "pass_revoked"
        if self.tries_left == 0:
            return "pass_locked"
        if not self.is_usable:
            return "invitation_expired"
        return "pass_opened" if self.times_opened else "pass_sent"
