"""The database keeps which certificate of a driver is in force; see visits.0009."""

from __future__ import annotations

from django.db import migrations, models

_KEEP = """
    CREATE FUNCTION clearwork_keep_current_certificate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET enable_seqscan = off AS $$
    DECLARE driver record;
    BEGIN
        FOR driver IN
            SELECT DISTINCT employer_id, employee_id FROM results_dotcertificate card
            WHERE TG_TABLE_NAME = 'results_report'
                AND card.employer_id = NEW.employer_id AND card.report_id = NEW.id
            UNION
            SELECT employer_id, employee_id FROM (VALUES
                (OLD.employer_id, OLD.employee_id), (NEW.employer_id, NEW.employee_id)
            ) AS changed (employer_id, employee_id)
            WHERE employee_id IS NOT NULL AND TG_TABLE_NAME = 'results_dotcertificate'
        LOOP
            PERFORM pg_advisory_xact_lock(hashtextextended(driver.employee_id::text, 0));
            UPDATE results_dotcertificate AS card SET is_current = NOT card.is_current
            WHERE card.employer_id = driver.employer_id
                AND card.employee_id = driver.employee_id
                AND card.is_current IS DISTINCT FROM (card.id IS NOT DISTINCT FROM (
                    SELECT latest.id FROM results_dotcertificate latest
                    JOIN results_report report ON report.employer_id = latest.employer_id
                        AND report.id = latest.report_id
                    WHERE latest.employer_id = driver.employer_id
                        AND latest.employee_id = driver.employee_id
                        AND report.superseded_by_id IS NULL AND report.withdrawn_at IS NULL
                        AND report.incident_id IS NULL AND report.destroyed_at IS NULL
                    ORDER BY latest.certified_from DESC, latest.id DESC LIMIT 1
                ));
        END LOOP;
        RETURN NULL;
    END $$;
    REVOKE EXECUTE ON FUNCTION clearwork_keep_current_certificate() FROM PUBLIC;
    CREATE TRIGGER keep_current AFTER INSERT OR DELETE OR UPDATE OF employee_id, certified_from
        ON results_dotcertificate FOR EACH ROW
        EXECUTE FUNCTION clearwork_keep_current_certificate();
    CREATE TRIGGER keep_current_certificate
        AFTER UPDATE OF superseded_by_id, withdrawn_at, incident_id, destroyed_at
        ON results_report FOR EACH ROW
        WHEN (
            (OLD.superseded_by_id, OLD.withdrawn_at, OLD.incident_id, OLD.destroyed_at)
            IS DISTINCT FROM
            (NEW.superseded_by_id, NEW.withdrawn_at, NEW.incident_id, NEW.destroyed_at)
        )
        EXECUTE FUNCTION clearwork_keep_current_certificate();
    WITH latest AS MATERIALIZED (
        SELECT DISTINCT ON (card.employer_id, card.employee_id) card.id
        FROM results_dotcertificate card
        JOIN results_report report ON report.employer_id = card.employer_id
            AND report.id = card.report_id
        WHERE report.superseded_by_id IS NULL AND report.withdrawn_at IS NULL
            AND report.incident_id IS NULL AND report.destroyed_at IS NULL
        ORDER BY card.employer_id, card.employee_id, card.certified_from DESC, card.id DESC
    )
    UPDATE results_dotcertificate card SET is_current = false
    WHERE NOT EXISTS (SELECT 1 FROM latest WHERE latest.id = card.id);
"""
_DROP = """
    DROP TRIGGER keep_current_certificate ON results_report;
    DROP TRIGGER keep_current ON results_dotcertificate;
    DROP FUNCTION clearwork_keep_current_certificate();
"""


class Migration(migrations.Migration):
    dependencies = (("results", "0011_outcomes"),)
    operations = (
        migrations.AddField(
            "dotcertificate", "is_current", models.BooleanField(default=True, db_default=True)
        ),
        migrations.RemoveIndex("dotcertificate", "dot_expiring"),
        migrations.AddIndex(
            "dotcertificate",
            models.Index(
                fields=["employer", "expires", "id"],
                include=("employee", "center"),
                condition=models.Q(is_current=True),
                name="dot_expiring",
            ),
        ),
        migrations.RunSQL(_KEEP, _DROP),
    )
