"""Making one of two records of one person, and parting them again.

What points at an employee belongs to apps above this one, which it does not know: it is
found among the models' foreign keys, so that nothing that names the person stays behind.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, ManyToOneRel

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.foundation import clock
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.people.rules import NumberTaken, SameRecord


@transaction.atomic
def merge_employees(*, by: Viewer, keep: Employee, other: Employee) -> EmployeeMerge:
    """All that names `other` names `keep`, and `other` is removed. Raises SameRecord.

    The facts of `keep` stay as they are.
    """
    kept, gone = _both(keep, other)
    moved = {_name(field): _move(field, gone, kept) for field in _pointing()}
    merge = EmployeeMerge.objects.create(
        employer_id=by.employer_id,
        kept=kept,
        gone=facts_of(gone),
        moved=moved,
        merged_by_id=by.user_id,
    )
    gone.delete()
    _audit(Action.EMPLOYEES_MERGED, merge, by)
    return merge


@transaction.atomic
def part_employees(*, by: Viewer, merge: EmployeeMerge) -> Employee:
    """The removed record is back, and so is what was moved and still is there.

    Raises NumberTaken where its employee number is another's by now, SameRecord where
    someone parted them already.
    """
    fresh = EmployeeMerge.objects.select_for_update().get(pk=merge.pk)
    if fresh.undone_at is not None:
        raise SameRecord
    back = _restored(fresh)
    for field in _pointing():
        ids = fresh.moved.get(_name(field), ())
        _rows(field, fresh.kept).filter(pk__in=ids).update(**{field.name: back})
    fresh.undone_at = clock.now()
    fresh.save(update_fields=("undone_at",))
    _audit(Action.EMPLOYEES_PARTED, fresh, by)
    return back


def facts_of(employee: Employee) -> dict[str, Any]:
    """Every column of a record, as `gone` keeps them."""
    return {
        field.attname: getattr(employee, field.attname)
        for field in Employee._meta.local_concrete_fields
    }


def _both(keep: Employee, other: Employee) -> tuple[Employee, Employee]:
    """Both, locked in one order, so that two who merge them crosswise do not wait for ever."""
    rows = Employee.objects.select_for_update().filter(
        employer_id=keep.employer_id, pk__in=(keep.pk, other.pk)
    )
    found = {row.pk: row for row in rows.order_by("pk")}
    if len(found) != 2:
        raise SameRecord
    return found[keep.pk], found[other.pk]


def _pointing() -> list[ForeignKey[Any, Any]]:
    """The foreign keys to an employee, of whatever app."""
    found = Employee._meta.get_fields(include_hidden=True)
    return [each.field for each in found if isinstance(each, ManyToOneRel)]


def _rows(field: ForeignKey[Any, Any], of: Employee) -> Any:
    rows = field.model._default_manager.filter(employer_id=of.employer_id)
    return rows.filter(**{field.name: of})


def _move(field: ForeignKey[Any, Any], gone: Employee, kept: Employee) -> list[str]:
    rows = _rows(field, gone)
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    rows.update(**{field.name: kept})
    return ids


def _restored(merge: EmployeeMerge) -> Employee:
    fields = Employee._meta.local_concrete_fields
    facts = {field.attname: field.to_python(merge.gone[field.attname]) for field in fields}
    back = Employee(**facts)
    try:
        with transaction.atomic():
            back.save(force_insert=True)
    except IntegrityError as broken:
        if "employee_number_once" not in str(broken):
            raise
        raise NumberTaken from broken
    return back


def _name(field: ForeignKey[Any, Any]) -> str:
    return f"{field.model._meta.label}.{field.name}"


def _audit(action: Action, merge: EmployeeMerge, by: Viewer) -> None:
    moved = {name: len(ids) for name, ids in merge.moved.items() if ids}
    record(
        action,
        by=by.actor,
        employer_id=merge.employer_id,
        subject_id=merge.kept_id,
        merge=str(merge.pk),
        other=str(merge.gone["id"]),
        moved=moved,
    )
