"""What the database itself says of its tables, keys and roles, read from its own catalogue.

A new table fails here until it is under a policy or on the reviewed list below,
so nobody has to remember.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from clearwork.database import scope
from clearwork.database.models import TenantForeignKey

_LIBRARY = "a library's own bookkeeping; no row is an employer's"
_BEFORE_EMPLOYER = "read to find out who asks, before any employer is known"
# Tables without row-level security, each with the reason it needs none.
OPEN_TABLES = {
    "accounts_emailchange": "one's own, of no employer; confirmed by links before sign-in",
    "accounts_signintries": "keyed hashes and counts; whose they are cannot be told",
    "accounts_failedsignin": "keyed hashes and times; whose they are cannot be told",
    "accounts_user": _BEFORE_EMPLOYER,
    "account_emailaddress": _BEFORE_EMPLOYER,
    "account_emailconfirmation": _BEFORE_EMPLOYER,
    "mfa_authenticator": _BEFORE_EMPLOYER,
    "usersessions_usersession": _BEFORE_EMPLOYER,
    "django_session": "found by an unguessable key; holds no employer's data",
    "auth_group": _LIBRARY,
    "auth_group_permissions": _LIBRARY,
    "auth_permission": _LIBRARY,
    "django_content_type": _LIBRARY,
    "django_migrations": _LIBRARY,
    "procrastinate_events": "jobs carry ids alone; each job chooses its own scope",
    "procrastinate_jobs": "jobs carry ids alone; each job chooses its own scope",
    "procrastinate_periodic_defers": _LIBRARY,
    "procrastinate_workers": _LIBRARY,
}
# Unique across employers on purpose: nothing else may be.
NETWORK_WIDE_KEYS = {
    "accounts_invitation_token_hash_key": "a hash of 256 bits nobody can choose",
    "authorizations_authorization_number_key": "spoken on the phone and sent to centers",
    "authorizations_delivery_control_id_key": "HL7 MSH-10, told apart by the receiving center",
    "passes_pass_token_hash_key": "a hash of 256 bits nobody can choose",
    "visits_supervisorlink_token_hash_key": "a hash of 256 bits nobody can choose",
}
AUDIT_EVENT = "audit_auditevent"  # an event before sign-in has no employer yet


@pytest.fixture(autouse=True)
def _asking(db: None) -> Iterator[None]:
    """The catalogue is open to every scope."""
    with scope.acting_as(scope.ANONYMOUS):
        yield


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def names(sql: str, *params: Any) -> set[str]:
    return {row[0] for row in rows(sql, *params)}


TABLES = """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')
            AND relnamespace = 'public'::regnamespace"""


def tenant_tables() -> set[str]:
    return names(
        """SELECT table_name::text FROM information_schema.columns
           WHERE table_schema = 'public' AND column_name = 'employer_id'"""
    )


def test_every_table_is_under_a_forced_policy_or_on_the_reviewed_list() -> None:
    guarded = names(
        TABLES
        + """ AND relrowsecurity AND relforcerowsecurity
            AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid)"""
    )
    assert names(TABLES) - guarded == set(OPEN_TABLES)
    assert tenant_tables() <= guarded


def test_no_two_permissive_policies_widen_each_other_unreviewed() -> None:
    """Permissive policies OR together: a second one for the same command opens the first."""
    shared = rows(
        """SELECT polrelid::regclass::text, array_agg(polname::text ORDER BY polname)
           FROM pg_policy WHERE polpermissive AND polcmd IN ('r', '*')
           GROUP BY polrelid HAVING count(*) > 1 ORDER BY 1"""
    )
    assert shared == [
        ("api_apitoken", ["scope", "token"]),
        ("authorizations_authorization", ["pass", "scope"]),
        ("authorizations_authorizedservice", ["pass", "scope"]),
        ("centers_medicalcenter", ["changes", "reads"]),
        ("centers_medicalcenter_services", ["changes", "reads"]),
        ("centers_service", ["changes", "reads"]),
        ("employers_employer", ["pass", "scope"]),
        ("employers_worksite", ["pass", "scope"]),
        ("people_employee", ["center", "pass", "scope"]),
    ]


def test_a_policy_that_reads_everything_stands_on_the_catalogue_alone() -> None:
    everything = names(
        """SELECT DISTINCT polrelid::regclass::text FROM pg_policy
           WHERE pg_get_expr(polqual, polrelid) = 'true'"""
    )
    assert everything == {
        "centers_medicalcenter",
        "centers_medicalcenter_services",
        "centers_service",
    }


def test_an_employer_is_named_in_every_row_of_a_tenant_table() -> None:
    optional = names(
        """SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public'
           AND column_name = 'employer_id' AND is_nullable = 'YES'"""
    )
    assert optional == {AUDIT_EVENT}


def test_every_tenant_table_can_be_pointed_at_within_its_employer() -> None:
    keyed = names(
        """SELECT conrelid::regclass::text FROM pg_constraint
           WHERE contype = 'u' AND pg_get_constraintdef(oid) = 'UNIQUE (employer_id, id)'"""
    )
    assert keyed == tenant_tables() - {AUDIT_EVENT}


INDEXED = """SELECT indrelid::regclass::text FROM pg_index WHERE indpred IS NULL
             AND indrelid::regclass::text = ANY(%s) AND pg_get_indexdef(indexrelid) LIKE %s"""


def test_no_index_is_of_the_employer_alone_since_others_begin_with_it() -> None:
    tables = sorted(tenant_tables())
    assert names(INDEXED, tables, "%(employer_id, %") == set(tables)
    assert names(INDEXED + " AND NOT indisunique", tables, "%(employer_id)") == set()


def tenant_keys() -> list[tuple[type[Model], TenantForeignKey]]:
    return [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey)
    ]


def composite_key(field: TenantForeignKey) -> str:
    target = field.related_model._meta.db_table
    columns = f"(employer_id, {field.column}) REFERENCES {target}(employer_id, id)"
    return f"FOREIGN KEY {columns} DEFERRABLE INITIALLY DEFERRED"


def test_every_tenant_foreign_key_is_a_composite_one_in_the_database() -> None:
    declared = {(model._meta.db_table, composite_key(field)) for model, field in tenant_keys()}
    composite = rows(
        """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE contype = 'f' AND array_length(conkey, 1) = 2 AND convalidated"""
    )
    assert declared
    assert set(composite) == declared


def test_no_single_column_key_joins_two_tenant_tables() -> None:
    plain = rows(
        """SELECT conname FROM pg_constraint WHERE contype = 'f' AND array_length(conkey, 1) = 1
           AND conrelid::regclass::text = ANY(%s) AND confrelid::regclass::text = ANY(%s)""",
        sorted(tenant_tables()),
        sorted(tenant_tables()),
    )
    assert plain == []


def test_uniqueness_never_reaches_across_employers() -> None:
    """Else one employer learns from an error that another has such a row."""
    wide = names(
        """SELECT index.relname FROM pg_index JOIN pg_class index ON index.oid = indexrelid
           WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text = ANY(%s)
           AND (SELECT attname FROM pg_attribute
                WHERE attrelid = indrelid AND attnum = indkey[0]) IS DISTINCT FROM 'employer_id'""",
        sorted(tenant_tables()),
    )
    assert wide == set(NETWORK_WIDE_KEYS)


def test_the_applications_role_is_an_ordinary_one() -> None:
    roles = rows(
        """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
           FROM pg_roles WHERE rolname LIKE 'clearwork%%' ORDER BY 1"""
    )
    assert roles == [
        ("clearwork_app", False, False, False, False, False),
        ("clearwork_backup", False, True, False, False, False),
        ("clearwork_owner", False, True, False, False, False),
    ]
    assert names("SELECT current_user::text") == {"clearwork_app"}
    assert rows("SELECT 1 FROM pg_auth_members WHERE member = 'clearwork_app'::regrole") == []


def test_the_applications_role_owns_nothing() -> None:
    owned = names(
        """SELECT relname FROM pg_class WHERE relowner = 'clearwork_app'::regrole
           AND relpersistence = 'p' UNION ALL
           SELECT proname FROM pg_proc WHERE proowner = 'clearwork_app'::regrole UNION ALL
           SELECT nspname FROM pg_namespace WHERE nspowner = 'clearwork_app'::regrole"""
    )
    assert owned == set()


def may(role: str, privilege: str) -> set[str]:
    return names(TABLES + " AND has_table_privilege(%s, oid, %s)", role, privilege)


def test_the_applications_role_can_empty_no_table_and_make_none() -> None:
    for privilege in ("TRUNCATE", "TRIGGER", "REFERENCES", "MAINTAIN"):
        assert may("clearwork_app", privilege) == set(), privilege
    creating = rows("SELECT has_schema_privilege('clearwork_app', 'public', 'CREATE')")
    assert creating == [(False,)]


def test_the_audit_trail_is_only_ever_added_to() -> None:
    trail = {"audit_auditevent", "audit_auditseal"}
    assert not trail & (may("clearwork_app", "UPDATE") | may("clearwork_app", "DELETE"))
    assert trail <= may("clearwork_app", "INSERT")
    columns = rows(
        """SELECT table_name, column_name FROM information_schema.column_privileges
           WHERE grantee IN ('clearwork_app', 'PUBLIC') AND privilege_type = 'UPDATE'
           AND table_name = ANY(%s)""",
        sorted(trail),
    )
    assert columns == []


def test_the_backup_role_reads_everything_and_changes_nothing() -> None:
    assert may("clearwork_backup", "SELECT") == names(TABLES)
    for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert may("clearwork_backup", privilege) == set(), privilege


def test_nothing_is_open_to_every_role() -> None:
    public = names(
        """SELECT DISTINCT table_name::text FROM information_schema.table_privileges
           WHERE table_schema = 'public' AND grantee = 'PUBLIC'"""
    )
    assert public == set()


def test_only_triggers_that_keep_what_is_in_force_lend_their_owners_rights() -> None:
    """Nobody can call them: docs/adr/0020-kept-current.md says why they need to see more."""
    lending = rows(
        """SELECT proname::text, prorettype::regtype::text,
               has_function_privilege('clearwork_app', oid, 'EXECUTE'), proconfig[1]
           FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
           ORDER BY 1"""
    )
    # A temporary table, which anyone may make, would else stand in for one of these names.
    path = "search_path=public, pg_temp"
    kept = ("clearwork_keep_current_certificate", "clearwork_keep_current_status")
    assert lending == [(name, "trigger", False, path) for name in kept]


def test_no_view_looks_past_the_policies() -> None:
    past = names(
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
           AND (relkind = 'm' OR relkind = 'v'
                AND NOT coalesce('security_invoker=true' = ANY(reloptions), false))"""
    )
    assert past == set()
