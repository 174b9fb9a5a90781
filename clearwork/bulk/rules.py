"""What a batch is for, what its columns may hold, and what can be wrong with a row. Pure."""

from __future__ import annotations

from clearwork.foundation.choices import LabelledEnum
from clearwork.sheets.headers import Field

CHUNK = 1_000
KEPT_DAYS = 90  # a list and what its file said; not what it made
MOST_SELECTED = 10_000
ROWS_SHOWN = 50
WITH_PASSES = "send_passes"  # of a batch's order: whether its people get their passes


class What(LabelledEnum):
    """What submitting a batch does with each of its rows."""

    AUTHORIZE = "authorize", "Authorize many"
    EXTEND = "extend", "Extend many"
    CANCEL = "cancel", "Cancel many"
    ROSTER = "roster", "Import employees"


class BatchState(LabelledEnum):
    """`draft`: its columns are not known yet. `cancelled`: stopped half-way or never begun."""

    DRAFT = "draft", "Columns to match"
    CHECKED = "checked", "Checked, not submitted"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Stopped"


class RowState(LabelledEnum):
    """`skipped`: was in order when submitted, and no longer when its turn came."""

    GOOD = "good", "Ready"
    WRONG = "wrong", "Needs attention"
    LEFT_OUT = "left_out", "Left out"
    MADE = "made", "Done"
    SKIPPED = "skipped", "Not done"


# Problems that may be left as they are, once somebody has seen them.
DOUBTS = frozenset({"duplicate", "open"})
OPEN_ROWS = frozenset({RowState.GOOD, RowState.WRONG, RowState.LEFT_OUT})

_PERSON = (
    Field(
        "employee_number",
        "Employee number",
        (
            "Employee no", "Emp no", "Emp number", "Employee ID", "Emp ID", "Number", "Badge",
            "Badge number", "Payroll number", "Payroll ID", "Personnel number", "File number",
            "Número de empleado", "ID", "ID number",
        ),
        "1042",
    ),
    Field(
        "last_name",
        "Last name",
        ("Surname", "Family name", "Last", "Apellido", "Apellidos", "Lname"),
        "Rivera",
    ),
    Field(
        "first_name",
        "First name",
        ("Given name", "First", "Forename", "Nombre", "Nombres", "Fname"),
        "Sam",
    ),
    Field(
        "name",
        "Full name",
        (
            "Name", "Employee", "Last name, first name", "Payroll name", "Nombre completo",
            "Driver",
        ),
    ),
    Field(
        "date_of_birth",
        "Date of birth",
        ("DOB", "Birth date", "Birthdate", "Birthday", "Born", "D.O.B.", "Fecha de nacimiento"),
        "05/21/1990",
    ),
    Field(
        "worksite",
        "Worksite",
        (
            "Location", "Location name", "Site", "Work location", "Plant", "Facility", "Branch",
            "Lugar de trabajo",
        ),
    ),
    Field(
        "phone",
        "Mobile phone",
        (
            "Phone", "Mobile", "Cell", "Cell phone", "Cell number", "Mobile number",
            "Phone number", "Telephone", "Teléfono",
        ),
        "214-555-0142",
    ),
    Field(
        "email",
        "Email",
        ("Email", "Email address", "Mail", "Correo electrónico", "Correo"),
        "sam.rivera@example.com",
    ),
    Field("job_title", "Job title", ("Title", "Job", "Position", "Puesto", "Occupation")),
)  # fmt: skip
ORDER_FIELDS = (
    *_PERSON,
    Field(
        "center_note",
        "Note to the center",
        ("Note", "Notes", "Comment", "Comments", "Remarks", "Nota"),
    ),
    Field(
        "billing_note",
        "Billing note",
        ("PO", "PO number", "Purchase order", "Cost center", "Billing"),
    ),
)
ROSTER_FIELDS = (
    *_PERSON,
    Field("hire_date", "Hire date", ("Hired", "Date of hire", "Start date", "Fecha de ingreso")),
    Field("is_dot_driver", "DOT driver", ("Driver?", "DOT", "CDL", "CDL driver", "DOT covered")),
    Field("language", "Language", ("Idioma", "Preferred language"), "English"),
)


def fields_of(what: str) -> tuple[Field, ...]:
    """What a file for this kind of batch may hold."""
    return {What.AUTHORIZE: ORDER_FIELDS, What.ROSTER: ROSTER_FIELDS}.get(What(what), ())


def missing_columns(keys: set[str]) -> str:
    """What the columns lack to tell who is meant, in words; "" where nothing."""
    named = "name" in keys or {"first_name", "last_name"} <= keys
    if "employee_number" in keys or (named and "date_of_birth" in keys):
        return ""
    if named:
        return "Say which column holds the date of birth, or the employee number."
    return "Say which columns hold the names, or which holds the employee number."
