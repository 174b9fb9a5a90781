from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("employers", "0007_drug_screen_portals"),)
    operations = (
        drop_employer_index("employers", "contact"),
        drop_employer_index("employers", "releaserequest"),
        drop_employer_index("employers", "reportsubscription"),
        drop_employer_index("employers", "worksite"),
    )
