from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("visits", "0009_current_status"),)
    operations = (
        migrations.AlterField(
            "visit",
            "employer",
            models.ForeignKey(
                "employers.Employer",
                on_delete=models.PROTECT,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AlterField(
            "workstatus",
            "employer",
            models.ForeignKey(
                "employers.Employer",
                on_delete=models.PROTECT,
                related_name="+",
                db_index=False,
            ),
        ),
    )
