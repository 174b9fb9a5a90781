from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("centers", "0001_initial"),
        ("database", "0001_scope"),
    )
    operations = (
        policies.catalogue_table("centers_medicalcenter"),
        policies.catalogue_table("centers_service"),
    )
