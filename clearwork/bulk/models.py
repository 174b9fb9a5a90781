"""Many rows of one order, checked first and then done one by one in the background."""

from __future__ import annotations

from django.db import models

from clearwork.bulk.rules import BatchState, RowState, What
from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.employers.rules import fingerprint
from clearwork.foundation import clock


class AuthorizationBatch(TenantModel):
    """What a file, pasted rows or a selection of the list is to do; also a roster's import.

    `order` holds what all its authorizations say, or the new last day; `headers` the names of
    the file's columns, `columns` what each holds ("" for nothing).
    """

    what = models.CharField(max_length=10, choices=What.choices())
    state = models.CharField(max_length=10, choices=BatchState.choices())
    title = models.CharField(max_length=120)
    order = models.JSONField(default=dict)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Why it ended before its time, for whoever comes back to it.
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("employer", "-created_at", "-id"), name="batch_newest"),
            models.Index(
                fields=("employer", "created_by", "-created_at", "-id"), name="batch_newest_own"
            ),
        )


class BatchRow(TenantModel):
    """One row. `cells` are the file's texts, `fixes` what was typed instead, by field.

    `problems` are pairs of a field and what is wrong, `notes` what was assumed.
    `key` tells people of the batch apart: two rows with the same one speak of the same person.
    `answer` is what was chosen where several people fit: an employee's id, or "new".
    `subject` is what an extension or a cancellation is about, `made` what the row became.
    """

    batch = TenantForeignKey(AuthorizationBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RowState.choices())
    cells = models.JSONField(default=list)
    fixes = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    key = models.CharField(max_length=260, blank=True, db_collation="C")
    answer = models.CharField(max_length=40, blank=True)
    # "Authorize anyway": what is doubtful about the row was seen.
    accepted = models.BooleanField(default=False)
    employee = TenantForeignKey("people.Employee", null=True, related_name="+")
    subject = TenantForeignKey("authorizations.Authorization", null=True, related_name="+")
    made = TenantForeignKey("authorizations.Authorization", null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "batch", "line"), name="batch_row_once"),
            models.UniqueConstraint(fields=("employer", "made"), name="batch_row_makes_one"),
        )
        indexes = (
            models.Index(fields=("employer", "batch", "state", "line"), name="batch_row_state"),
            models.Index(fields=("employer", "batch", "key"), name="batch_row_key"),
        )

    @property
    def seen(self) -> str:
        """What its editor shows of it: changes with every word somebody says on the row."""
        said = (self.fixes, self.answer, self.accepted, self.state == RowState.LEFT_OUT)
        return fingerprint((self.batch.columns, *said))
