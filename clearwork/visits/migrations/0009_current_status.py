"""The database keeps which work status of a person is in force.

See docs/adr/0020-kept-current.md: by triggers, as the owner, since a center does not see what
another one said.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

_IS_CURRENT = Q(is_current=True)
_KEEP = """
    CREATE FUNCTION clearwork_keep_current_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET enable_seqscan = off AS $$
    DECLARE person record;
    BEGIN
        FOR person IN
            SELECT DISTINCT employer_id, employee_id, kind FROM (VALUES
                (OLD.employer_id, OLD.employee_id, OLD.kind),
                (NEW.employer_id, NEW.employee_id, NEW.kind)
            ) AS changed (employer_id, employee_id, kind)
            WHERE employee_id IS NOT NULL
        LOOP
            PERFORM pg_advisory_xact_lock(hashtextextended(person.employee_id::text, 0));
            UPDATE visits_workstatus AS status SET is_current = NOT status.is_current
            WHERE status.employer_id = person.employer_id
                AND status.employee_id = person.employee_id
                AND status.kind = person.kind
                AND status.is_current IS DISTINCT FROM (status.id IS NOT DISTINCT FROM (
                    SELECT latest.id FROM visits_workstatus latest
                    WHERE latest.employer_id = person.employer_id
                        AND latest.employee_id = person.employee_id
                        AND latest.kind = person.kind
                        AND latest.incident_id IS NULL AND latest.withdrawn_at IS NULL
                    ORDER BY latest.issued_at DESC, latest.id DESC LIMIT 1
                ));
        END LOOP;
        RETURN NULL;
    END $$;
    REVOKE EXECUTE ON FUNCTION clearwork_keep_current_status() FROM PUBLIC;
    CREATE TRIGGER keep_current AFTER INSERT OR DELETE
        OR UPDATE OF employee_id, kind, issued_at, incident_id, withdrawn_at
        ON visits_workstatus FOR EACH ROW EXECUTE FUNCTION clearwork_keep_current_status();
    WITH latest AS MATERIALIZED (
        SELECT DISTINCT ON (employer_id, employee_id, kind) id FROM visits_workstatus
        WHERE incident_id IS NULL AND withdrawn_at IS NULL
        ORDER BY employer_id, employee_id, kind, issued_at DESC, id DESC
    )
    UPDATE visits_workstatus status SET is_current = false
    WHERE NOT EXISTS (SELECT 1 FROM latest WHERE latest.id = status.id);
"""
_DROP = """
    DROP TRIGGER keep_current ON visits_workstatus;
    DROP FUNCTION clearwork_keep_current_status();
"""


class Migration(migrations.Migration):
    dependencies = (("visits", "0008_told_that_late"),)
    operations = (
        migrations.AddField(
            "workstatus", "is_current", models.BooleanField(default=True, db_default=True)
        ),
        migrations.RemoveIndex("workstatus", "work_status_until"),
        migrations.RemoveIndex("workstatus", "work_status_starts"),
        migrations.AddIndex(
            "workstatus",
            models.Index(
                fields=["employer", "duty", "until"],
                condition=_IS_CURRENT,
                name="work_status_until",
            ),
        ),
        migrations.AddIndex(
            "workstatus",
            models.Index(
                fields=["employer", "duty", "starts"],
                condition=_IS_CURRENT,
                name="work_status_starts",
            ),
        ),
        migrations.AddIndex(
            "workstatus", models.Index(fields=["employer", "visit"], name="work_status_of_visit")
        ),
        migrations.RunSQL(_KEEP, _DROP),
    )
