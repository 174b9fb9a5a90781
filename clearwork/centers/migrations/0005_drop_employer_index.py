from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("centers", "0004_packages_tenancy"),)
    operations = (
        drop_employer_index("centers", "employerdefaults"),
        drop_employer_index("centers", "favouritecenter"),
        drop_employer_index("centers", "packagedservice"),
        drop_employer_index("centers", "servicepackage"),
        drop_employer_index("centers", "worksitedefaults"),
    )
