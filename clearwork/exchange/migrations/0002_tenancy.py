from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("exchange", "0001_initial"),
        ("results", "0002_tenancy"),
    )
    operations = (
        policies.center_table("exchange_inboundmessage"),
        policies.center_table("exchange_heldresult"),
    )
