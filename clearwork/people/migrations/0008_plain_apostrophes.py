"""The keys there are as foundation.text.search_key makes them now: O'Brien with a plain apostrophe.

Also without a soft hyphen, a zero-width space or a byte-order mark, as pasted names have them.
"""

from __future__ import annotations

from django.db import migrations

_PLAIN = r"""
    UPDATE people_employee
    SET name_key = translate(name_key, E'\u2018\u2019\u02bc\u2010\u2013\u00ad\u200b\ufeff', $$'''--$$),
        name_key_reversed =
            translate(name_key_reversed, E'\u2018\u2019\u02bc\u2010\u2013\u00ad\u200b\ufeff', $$'''--$$)
    WHERE name_key ~ E'[\u2018\u2019\u02bc\u2010\u2013\u00ad\u200b\ufeff]'
"""


class Migration(migrations.Migration):
    dependencies = (("people", "0007_drop_employer_index"),)
    operations = (migrations.RunSQL(_PLAIN, migrations.RunSQL.noop),)
