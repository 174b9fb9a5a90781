from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("authorizations", "0011_open_by_age"),)
    operations = (
        drop_employer_index("authorizations", "authorization"),
        drop_employer_index("authorizations", "authorizationevent"),
        drop_employer_index("authorizations", "authorizedservice"),
        drop_employer_index("authorizations", "delivery"),
        drop_employer_index("authorizations", "dottestorder"),
        drop_employer_index("authorizations", "draft"),
        drop_employer_index("authorizations", "savedview"),
    )
