from __future__ import annotations

from django.db import migrations, models

_ASKED = ("center", "superseded_by", "incident_id")


class Migration(migrations.Migration):
    dependencies = (("results", "0009_order_of_versions"),)
    operations = (
        migrations.RemoveIndex("report", "report_newest"),
        migrations.RemoveIndex("report", "report_visited"),
        migrations.RemoveIndex("report", "report_employee"),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["employer", "-posted_at", "-id"],
                include=("employee", "kind", "visit_date", *_ASKED),
                name="report_newest",
            ),
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["employer", "-visit_date", "-id", "posted_at"],
                include=_ASKED,
                name="report_visited",
            ),
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                fields=["employer", "employee", "-posted_at", "-id"],
                include=_ASKED,
                name="report_employee",
            ),
        ),
    )
