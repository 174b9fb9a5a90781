from __future__ import annotations

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("results", "0003_kept_and_found"),)
    operations = (
        policies.tenant_key("results_report", "superseded_by_id", "results_report"),
        TrigramExtension(),  # PostgreSQL's contrib: names that are nearly as typed
    )
