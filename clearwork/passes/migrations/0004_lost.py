from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("passes", "0003_bounced"),)
    operations = (
        migrations.AddIndex(
            "sending",
            models.Index(
                fields=("employer", "-requested_at", "-id"),
                condition=models.Q(state__in=("bounced", "failed")),
                name="sending_lost",
            ),
        ),
    )
