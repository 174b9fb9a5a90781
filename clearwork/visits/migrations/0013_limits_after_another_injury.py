"""Of two injuries, what was said of the one does not lift the limits after the other.

See docs/adr/0023-limits-after-another-injury.md. Two orders are of different injuries where their
dates and body parts both differ, and their claims are not the same. Limits outlast a later
status of another injury where they held when it was given.
"""

from __future__ import annotations

from django.db import migrations

_OTHER_INJURY = """
    CREATE OR REPLACE FUNCTION clearwork_other_injury(employer uuid, one uuid, other uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
        SELECT EXISTS (
            SELECT FROM visits_visit here
            JOIN authorizations_authorization mine
                ON mine.employer_id = here.employer_id AND mine.id = here.authorization_id
            JOIN visits_visit there ON there.employer_id = here.employer_id AND there.id = other
            JOIN authorizations_authorization theirs
                ON theirs.employer_id = there.employer_id AND theirs.id = there.authorization_id
            WHERE here.employer_id = employer AND here.id = one
                AND mine.injury_date <> theirs.injury_date
                AND lower(btrim(mine.body_part)) <> lower(btrim(theirs.body_part))
                AND NOT (mine.claim_number <> '' AND mine.claim_number = theirs.claim_number)
        )
    $$;
"""
_IN_FORCE = """
    status.incident_id IS NULL AND status.withdrawn_at IS NULL AND NOT EXISTS (
        SELECT FROM visits_workstatus later
        WHERE later.employer_id = status.employer_id
            AND later.employee_id = status.employee_id AND later.kind = status.kind
            AND later.incident_id IS NULL AND later.withdrawn_at IS NULL
            AND (later.issued_at, later.id) > (status.issued_at, status.id)
            AND CASE WHEN status.duty <> 'full_duty' AND status.kind = 'injury'
                AND (status.until IS NULL OR status.until >= later.issued_at::date)
            THEN NOT clearwork_other_injury(status.employer_id, status.visit_id, later.visit_id)
            ELSE true END
    )
"""
_KEEP = f"""
    CREATE OR REPLACE FUNCTION clearwork_keep_current_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_seqscan = off AS $$
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
                AND status.is_current IS DISTINCT FROM ({_IN_FORCE});
        END LOOP;
        RETURN NULL;
    END $$;
    UPDATE visits_workstatus AS status SET is_current = true
    WHERE NOT status.is_current AND status.duty <> 'full_duty' AND {_IN_FORCE};
"""


class Migration(migrations.Migration):
    dependencies = (
        ("authorizations", "0012_drop_employer_index"),
        ("visits", "0012_lent_rights_see_no_temporary_table"),
    )
    operations = (
        migrations.RunSQL(_OTHER_INJURY, migrations.RunSQL.noop),
        migrations.RunSQL(_KEEP, migrations.RunSQL.noop),
    )
