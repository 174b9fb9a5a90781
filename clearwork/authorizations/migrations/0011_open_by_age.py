from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("authorizations", "0010_center_answers"),)
    operations = (
        migrations.AddIndex(
            "authorization",
            models.Index(
                fields=["employer", "state_since", "id"],
                condition=models.Q(state__in=["accepted", "checked_in", "delivered", "submitted"]),
                name="authorization_open",
            ),
        ),
    )
