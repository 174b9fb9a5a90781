from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
    )
    operations = (
        policies.FUNCTIONS,
    )
