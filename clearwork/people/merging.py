"""Making one of two records of one person, and parting them again.

What points at an employee belongs to apps above this one, which it does not know: it is
found among the models' foreign keys, so that nothing that names the person stays behind. A legal
hold names them without a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, ManyToOneRel, Model, UniqueConstraint

from clearwork.access.decide import Viewer
from clearwork.audit.actions import Action, record
from clearwork.foundation import clock
from clearwork.people.models import Employee, EmployeeMerge
from clearwork.people.rules import NumberTaken, SameRecord
from clearwork.privacy.actions import move_holds

_HOLDS = "privacy.LegalHold"


@transaction.atomic
def merge_employees(*, by: Viewer, keep: Employee, other: Employee) -> EmployeeMerge:
    """All that names `other` names `keep`, and `other` is removed. Raises SameRecord.

    The facts of `keep` stay as they are.
    """
    kept, gone = _both(keep, other)
    folded = [each for field in _pointing(Employee) for each in _fold(field, gone, kept)]
    moved = {_name(field): _move(field, gone, kept) for field in _pointing(Employee)}
    moved[_HOLDS] = move_holds(employer_id=by.employer_id, of=gone.pk, to=kept.pk)
    merge = EmployeeMerge.objects.create(
        employer_id=by.employer_id,
        kept=kept,
        gone=facts_of(gone),
        moved=moved,
        folded=folded,
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
    for field in _pointing(Employee):
        _give_back(field, fresh.moved, fresh.kept_id, back)
    for each in fresh.folded:
        _unfold(each)
    held = {"employer_id": fresh.employer_id, "only": fresh.moved.get(_HOLDS, ())}
    move_holds(of=fresh.kept_id, to=back.pk, **held)
    fresh.undone_at = clock.now()
    fresh.save(update_fields=("undone_at",))
    _audit(Action.EMPLOYEES_PARTED, fresh, by)
    return back


def facts_of(row: Model) -> dict[str, Any]:
    """Every column of a record, as `gone` keeps them."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.local_concrete_fields}


def _both(keep: Employee, other: Employee) -> tuple[Employee, Employee]:
    """Both, locked in one order, so that two who merge them crosswise do not wait for ever."""
    rows = Employee.objects.select_for_update().filter(
        employer_id=keep.employer_id, pk__in=(keep.pk, other.pk)
    )
    found = {row.pk: row for row in rows.order_by("pk")}
    if len(found) != 2:
        raise SameRecord
    return found[keep.pk], found[other.pk]


def _pointing(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    """The foreign keys to an employee (or a visit), of whatever app."""
    found = model._meta.get_fields(include_hidden=True)
    return [each.field for each in found if isinstance(each, ManyToOneRel)]


def _rows(field: ForeignKey[Any, Any], of: Any) -> Any:
    rows = field.model._default_manager.filter(employer_id=of.employer_id)
    return rows.filter(**{field.name: of})


def _fold(field: ForeignKey[Any, Any], gone: Employee, kept: Employee) -> Iterator[dict[str, Any]]:
    """Of what there can be but one and both have, such as a visit of one day: that of `gone` is
    removed, and what points at it points at that of `kept`. As `folded` keeps it."""
    for names in _once(field):
        for row in _rows(field, gone):
            same = {name: getattr(row, name) for name in names}
            twin = _rows(field, kept).filter(**same).first()
            if twin is not None:
                moved = {_name(each): _move(each, row, twin) for each in _pointing(field.model)}
                yield {
                    "model": field.model._meta.label,
                    "facts": facts_of(row),
                    "into": twin.pk,
                    "moved": moved,
                }
                row.delete()


def _once(field: ForeignKey[Any, Any]) -> list[list[str]]:
    """The other columns of each rule by which there is but one of an employee."""
    options = field.model._meta
    columns = {each.name: each.attname for each in options.local_concrete_fields}
    rules = [each.fields for each in options.constraints if isinstance(each, UniqueConstraint)]
    return [
        [columns[name] for name in rule if name != field.name]
        for rule in rules
        if field.name in rule
    ]


def _unfold(folded: Mapping[str, Any]) -> None:
    model = apps.get_model(folded["model"])
    row = _made(model, folded["facts"])
    row.save(force_insert=True)
    for field in _pointing(model):
        _give_back(field, folded["moved"], folded["into"], row)


def _give_back(field: ForeignKey[Any, Any], moved: Mapping[str, Any], kept: Any, back: Any) -> None:
    """What was moved, and still is there."""
    there = field.model._default_manager.filter(employer_id=back.employer_id)
    ids = moved.get(_name(field), ())
    there.filter(**{field.attname: kept}, pk__in=ids).update(**{field.name: back})


def _move(field: ForeignKey[Any, Any], gone: Any, kept: Any) -> list[str]:
    rows = _rows(field, gone)
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    rows.update(**{field.name: kept})
    return ids


def _restored(merge: EmployeeMerge) -> Employee:
    back = _made(Employee, merge.gone)
    try:
        with transaction.atomic():
            back.save(force_insert=True)
    except IntegrityError as broken:
        if "employee_number_once" not in str(broken):
            raise
        raise NumberTaken from broken
    return back


def _made[M: Model](model: type[M], facts: Mapping[str, Any]) -> M:
    """From facts_of(), by way of JSON."""
    fields = model._meta.local_concrete_fields
    return model(**{field.attname: field.to_python(facts[field.attname]) for field in fields})


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
