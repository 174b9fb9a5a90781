"""Statistics by which PostgreSQL knows how many people work at one worksite.

Without them it takes employer and worksite for independent, and expects next to nobody at the
worksite of a large employer.
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("people", "0005_merge_tenancy"),)
    operations = (
        migrations.RunSQL(
            "CREATE STATISTICS people_employee_worksites (dependencies)"
            " ON employer_id, worksite_id FROM people_employee;",
            "DROP STATISTICS people_employee_worksites;",
        ),
    )
