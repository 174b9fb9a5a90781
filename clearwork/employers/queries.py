"""Reading the employer's own data."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from clearwork.employers.models import Worksite


def worksites(employer_id: UUID) -> QuerySet[Worksite]:
    return Worksite.objects.filter(employer_id=employer_id).order_by("name")
