"""Whether a center was asked to treat someone, as a function rather than a subquery.

Row-level security adds a table's policies to every statement on it, whoever asks. The subquery
was planned each time, with the policies of authorizations inside it, and its cost was
reckoned for every row, so that employers' searches got worse plans. A function is called by
centers alone. It never reads the whole table: its plan is kept, perhaps from a time when the
table was small.
"""

from __future__ import annotations

from django.db import migrations

_PATIENT = """
    CREATE FUNCTION clearwork_center_treats(employer uuid, employee uuid) RETURNS boolean
    STABLE PARALLEL SAFE COST 10 LANGUAGE plpgsql SET enable_seqscan = off AS $$
    BEGIN
        RETURN EXISTS (
            SELECT 1 FROM authorizations_authorization ordered
            WHERE ordered.employer_id = employer AND ordered.employee_id = employee
        );
    END $$;
    DROP POLICY center ON people_employee;
    CREATE POLICY center ON people_employee FOR SELECT USING (
        CASE (SELECT clearwork_scope_kind())
            WHEN 'center' THEN clearwork_center_treats(employer_id, id)
            ELSE false END
    );
"""
_BY_SUBQUERY = """
    DROP POLICY center ON people_employee;
    CREATE POLICY center ON people_employee FOR SELECT USING (
        CASE (SELECT clearwork_scope_kind()) WHEN 'center' THEN EXISTS (
            SELECT 1 FROM authorizations_authorization ordered
            WHERE ordered.employee_id = people_employee.id
                AND ordered.employer_id = people_employee.employer_id
        ) ELSE false END
    );
    DROP FUNCTION clearwork_center_treats(uuid, uuid);
"""


class Migration(migrations.Migration):
    dependencies = (("authorizations", "0008_found_by_change"),)
    operations = (migrations.RunSQL(_PATIENT, _BY_SUBQUERY),)
