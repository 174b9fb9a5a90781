from __future__ import annotations

from django.db import migrations, models

from clearwork.passes.rules import SendingState


class Migration(migrations.Migration):
    dependencies = (("passes", "0002_tenancy"),)
    operations = (
        migrations.AlterField(
            "sending",
            "state",
            models.CharField(
                max_length=10, choices=SendingState.choices(), default=SendingState.QUEUED
            ),
        ),
    )
