from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clearwork.demo.seed import is_empty, seed


class Command(BaseCommand):
    help = "Fills an empty database with the demo network."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="times the people and results")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where data is")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("CLEARWORK_MODE=production takes no demo data.")
        if not is_empty():
            if options["if_empty"]:
                return
            raise CommandError("The database already holds data. Fix: make demo-reset.")
        started = time.monotonic()
        seed(options["scale"])
        self.stdout.write(f"Seeded in {time.monotonic() - started:.0f} s.")
