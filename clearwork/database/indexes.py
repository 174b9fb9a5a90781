"""Indexes, as migration operations."""

from __future__ import annotations

from django.db.migrations import AlterField, RunSQL, SeparateDatabaseAndState
from django.db.models import PROTECT, ForeignKey


def drop_employer_index(app: str, model: str) -> SeparateDatabaseAndState:
    """The employer of a table has no index of its own any more: (employer, id) is enough.

    AlterField alone would make the foreign key anew, too, and check every row of the table.
    """
    table = f"{app}_{model}"
    drop = f"""
        DO $$ BEGIN
            EXECUTE (
                SELECT 'DROP INDEX ' || indexrelid::regclass FROM pg_index
                WHERE indrelid = '{table}'::regclass AND NOT indisunique
                    AND pg_get_indexdef(indexrelid) LIKE '%(employer_id)'
            );
        END $$
    """  # noqa: S608 - names of our own
    employer = ForeignKey("employers.Employer", on_delete=PROTECT, related_name="+", db_index=False)
    return SeparateDatabaseAndState(
        (RunSQL(drop, f"CREATE INDEX ON {table} (employer_id)"),),
        (AlterField(model, "employer", employer),),
    )
