from __future__ import annotations

from typing import Any

from django.db import migrations

from clearwork.employers.models import SearchKey


def fill(apps: Any, schema_editor: Any) -> None:
    """Give the contacts there are their keys, as each save does."""
    owner = schema_editor.connection.alias
    for contact in apps.get_model("employers", "Contact").objects.using(owner).iterator():
        # By name: the router would have it written as the application, which may not here.
        contact.save(using=owner, update_fields=("name_key", "name_key_reversed"))


class Migration(migrations.Migration):
    dependencies = (("employers", "0004_account_tenancy"),)
    operations = (
        migrations.RemoveIndex(model_name="contact", name="contact_name"),
        migrations.AddField(
            "contact", "name_key", SearchKey("first_name", "last_name", default=""), preserve_default=False
        ),
        migrations.AddField(
            "contact", "name_key_reversed", SearchKey("last_name", "first_name", default=""), preserve_default=False
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    )
