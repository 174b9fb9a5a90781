"""The employer's people."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.people.rules import Language


class Employee(TenantModel):
    """Someone care is authorized for. Holds no account. Not `is_active`: left the employer.

    `name_key` is "first last" and `name_key_reversed` "last first", both made by
    foundation.text.search_key, so that a prefix of either finds the person.
    """

    employee_number = models.CharField(max_length=40, blank=True)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    date_of_birth = models.DateField()
    phone = models.CharField(max_length=40, blank=True)  # where text messages reach them
    email = models.EmailField(blank=True)
    job_title = models.CharField(max_length=100, blank=True)
    is_dot_driver = models.BooleanField(default=False)
    hire_date = models.DateField(null=True)
    language = models.CharField(max_length=2, choices=Language.choices(), default=Language.ENGLISH)
    is_active = models.BooleanField(default=True)
    worksite = TenantForeignKey("employers.Worksite", related_name="+")
    name_key = models.CharField(max_length=210, db_collation="C")
    name_key_reversed = models.CharField(max_length=210, db_collation="C")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "employee_number"),
                condition=~models.Q(employee_number=""),
                name="employee_number_once",
            ),
        )
        indexes = (
            models.Index(fields=("employer", "name_key"), name="employee_name"),
            models.Index(fields=("employer", "name_key_reversed", "id"), name="employee_listed"),
            models.Index(
                fields=("employer", "is_active", "name_key_reversed", "id"), name="employee_active"
            ),
            models.Index(
                fields=("employer", "worksite", "name_key_reversed", "id"),
                name="employee_of_worksite",
            ),
            models.Index(
                fields=("employer", "name_key_reversed", "id"),
                condition=models.Q(is_dot_driver=True),
                name="employee_drives",
            ),
            models.Index(fields=("employer", "date_of_birth"), name="employee_birth"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class EmployeeMerge(TenantModel):
    """Two records of one person made one; enough is kept to part them again.

    `gone` is what the removed record held, `moved` the ids of the rows that went to `kept`,
    by model; `folded` what both had of which there can be but one: see people.merging.
    """

    kept = TenantForeignKey(Employee, related_name="+")
    gone = models.JSONField(encoder=DjangoJSONEncoder)
    moved = models.JSONField()
    folded = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    at = models.DateTimeField(default=clock.now)
    merged_by_id = models.UUIDField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("employer", "kept"), name="merge_kept"),)
