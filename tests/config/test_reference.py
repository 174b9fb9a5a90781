"""docs/operations.md says what the code does."""

from __future__ import annotations

import re

from clearwork.config.env import Environment, variable
from clearwork.config.reference import PAGE, with_table
from clearwork.database.embedded import GRANTS, ROLES

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_of_settings_is_current() -> None:
    assert with_table(TEXT) == TEXT, "run: python -m clearwork.config.reference"
    for name in Environment.model_fields:
        assert f"| `{variable(name)}` |" in TEXT


def test_no_other_setting_is_spoken_of() -> None:
    known = {variable(name) for name in Environment.model_fields}
    assert set(re.findall(r"CLEARWORK_[A-Z0-9_]+[A-Z]", TEXT)) <= known


def test_the_roles_and_grants_are_those_of_the_embedded_server() -> None:
    section = TEXT.partition("<!-- roles -->")[2].partition("<!-- /roles -->")[0]
    told = " ".join(section.split())
    for statement in GRANTS:
        assert f"{statement.as_string()};" in told
    for statement in ROLES:
        role = statement.as_string().partition("BEGIN ")[2].partition(";")[0]
        assert f"{role} PASSWORD" in told
