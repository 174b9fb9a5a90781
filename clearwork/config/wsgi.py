from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from clearwork.database.roles import refuse_privileged_role
from clearwork.database.schema import refuse_older_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clearwork.config.settings")
application = get_wsgi_application()
refuse_privileged_role()
refuse_older_database()
