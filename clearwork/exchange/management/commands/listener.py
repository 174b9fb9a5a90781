from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from clearwork.database.roles import refuse_privileged_role
from clearwork.database.schema import refuse_older_database
from clearwork.exchange.listener import Listener


class Command(BaseCommand):
    help = "Listens for HL7 messages of medical centers (MLLP)."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        refuse_older_database()
        environment = settings.ENVIRONMENT
        listener = Listener(
            "127.0.0.1", environment.mllp_port, max_bytes=environment.mllp_max_bytes
        )
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(listener.serve())
