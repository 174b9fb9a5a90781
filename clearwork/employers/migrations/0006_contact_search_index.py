from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the rows' filling: PostgreSQL does not index a table with changes pending."""

    dependencies = (("employers", "0005_contact_search"),)
    operations = (
        migrations.AddIndex(
            "contact", models.Index(fields=["employer", "name_key"], name="contact_name_key")
        ),
        migrations.AddIndex(
            "contact",
            models.Index(fields=["employer", "name_key_reversed", "id"], name="contact_listed"),
        ),
    )
