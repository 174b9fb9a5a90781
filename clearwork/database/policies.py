"""Row-level security, as migration operations.

One policy a table: `operator` sees all rows, `employer:<id>` its own, `center:<id>`
what the table says a center may see, anyone else none. FORCE makes the table's
owner obey too; only BYPASSRLS roles (migrations, backup) pass.
"""

from __future__ import annotations

from django.db.migrations import RunSQL

FUNCTIONS = RunSQL(
    """
    CREATE FUNCTION clearwork_scope_kind() RETURNS text STABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
    DECLARE scope text := nullif(current_setting('clearwork.scope', true), '');
    BEGIN
        IF scope IS NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'clearwork: SQL without a scope';
        END IF;
        RETURN split_part(scope, ':', 1);
    END $$;
    CREATE FUNCTION clearwork_scope_id() RETURNS uuid STABLE PARALLEL SAFE LANGUAGE sql AS $$
        SELECT nullif(split_part(current_setting('clearwork.scope', true), ':', 2), '')::uuid
    $$;
    """,
    "DROP FUNCTION clearwork_scope_id(); DROP FUNCTION clearwork_scope_kind();",
)

SCOPE_ID = "(SELECT clearwork_scope_id())"
NOBODY = "false"


def visible_parent(table: str, column: str) -> str:
    """A row is visible to a center exactly when its parent row is."""
    return f"EXISTS (SELECT 1 FROM {table} parent WHERE parent.id = {column})"


def own_center(column: str = "center_id") -> str:
    return f"{column} = {SCOPE_ID}"


def tenant_table(
    table: str,
    *,
    employer: str = "employer_id",
    center_reads: str = NOBODY,
    center_writes: str = NOBODY,
    user_reads: str = NOBODY,
    invitation_reads: str = NOBODY,
    pass_uses: str = NOBODY,
) -> RunSQL:
    """Put `table` under row-level security and make (employer, id) a key to point at."""
    unique = (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_key UNIQUE (employer_id, id);"
        if employer == "employer_id"
        else ""
    )
    return RunSQL(
        f"""
        {unique}
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY scope ON {table}
            USING ({_rule(employer, center_reads, user_reads, invitation_reads, pass_uses)})
            WITH CHECK ({_rule(employer, center_writes, pass_uses=pass_uses)});
        """,
        f"DROP POLICY scope ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_tenant_key;",
    )


def center_table(table: str) -> RunSQL:
    """A table that belongs to a center before any employer is known (the inbound side)."""
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY scope ON {table}
            USING ({_rule(NOBODY, own_center())})
            WITH CHECK ({_rule(NOBODY, own_center())});
        """,
        f"DROP POLICY scope ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;",
    )


def catalogue_table(table: str) -> RunSQL:
    """The network's own data: everyone reads it, operators change it."""
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY reads ON {table} FOR SELECT USING (true);
        CREATE POLICY changes ON {table} FOR ALL USING (clearwork_scope_kind() = 'operator');
        """,
        f"DROP POLICY reads ON {table}; DROP POLICY changes ON {table};"
        f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;",
    )


def center_may_read(table: str, which: str) -> RunSQL:
    """Widen `table` for centers by a rule that speaks of a table of a higher app."""
    return RunSQL(
        f"""
        CREATE POLICY center ON {table} FOR SELECT USING (
            CASE (SELECT clearwork_scope_kind()) WHEN 'center' THEN {which} ELSE false END);
        """,
        f"DROP POLICY center ON {table};",
    )


def pass_may_read(table: str, which: str) -> RunSQL:
    """Widen `table` for whoever opened a pass's link, by a rule that holds in no other scope.

    A CASE on the scope, as in center_may_read, would cost every plan some 0.2 ms.
    """
    return RunSQL(
        f"CREATE POLICY pass ON {table} FOR SELECT USING ({which});",
        f"DROP POLICY pass ON {table};",
    )


def token_may_read(table: str, which: str) -> RunSQL:
    """Widen `table` for an integration that shows an API token, until its secret is checked."""
    return RunSQL(
        f"""
        CREATE POLICY token ON {table} FOR SELECT USING (
            CASE (SELECT clearwork_scope_kind()) WHEN 'token' THEN {which} ELSE false END);
        """,
        f"DROP POLICY token ON {table};",
    )


def tenant_key(table: str, column: str, target: str) -> RunSQL:
    """A foreign key that cannot leave the employer: (employer, column) → target (employer, id)."""
    name = f"{table}_{column}_tenant"
    return RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (employer_id, {column})"
        f" REFERENCES {target} (employer_id, id) DEFERRABLE INITIALLY DEFERRED;",
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


def append_only(table: str) -> RunSQL:
    """The application may add rows, never change or remove them."""
    return RunSQL(
        f"REVOKE UPDATE, DELETE ON {table} FROM clearwork_app;",
        f"GRANT UPDATE, DELETE ON {table} TO clearwork_app;",
    )


def _rule(
    employer: str,
    center: str,
    user: str = NOBODY,
    invitation: str = NOBODY,
    pass_uses: str = NOBODY,
) -> str:
    own = employer if employer == NOBODY else f"{employer} = {SCOPE_ID}"
    return f"""CASE (SELECT clearwork_scope_kind())
        WHEN 'operator' THEN true
        WHEN 'employer' THEN {own}
        WHEN 'center' THEN {center}
        WHEN 'user' THEN {user}
        WHEN 'invitation' THEN {invitation}
        WHEN 'pass' THEN {pass_uses}
        ELSE false END"""
