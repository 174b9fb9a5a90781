"""A file to begin with, made from the fields of today."""

from __future__ import annotations

from clearwork.bulk.rules import fields_of

_SECOND = {
    "employee_number": "1043",
    "last_name": "Nguyen",
    "first_name": "Linh",
    "date_of_birth": "11/02/1975",
    "phone": "214-555-0177",
    "email": "linh.nguyen@example.com",
}


def rows(what: str, worksite: str) -> list[list[str]]:
    """The columns' names and two people, at a worksite the viewer has."""
    columns = [field for field in fields_of(what) if field.key != "name"]
    first = {field.key: field.example for field in columns} | {"worksite": worksite}
    second = _SECOND | {"worksite": worksite}
    return [
        [field.label for field in columns],
        [first[field.key] for field in columns],
        [second.get(field.key, "") for field in columns],
    ]
