from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clearwork.database import scope
from clearwork.database.roles import refuse_privileged_role
from clearwork.messaging import bounces
from clearwork.passes import actions

_MOST_BYTES = 1024 * 1024  # what was sent may come back whole; the report stands before it


class Command(BaseCommand):
    help = "Reads one report of an undeliverable mail (RFC 3464) from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", help="where it came to; else its headers say")

    def handle(self, *args: Any, **options: Any) -> None:
        """Never an error: a mail server would send a report of the report."""
        refuse_privileged_role()
        report = bounces.read(sys.stdin.buffer.read(_MOST_BYTES))
        came_to = [options["recipient"]] if options["recipient"] else bounces.addresses(report)
        sent = next(filter(None, map(bounces.returned, came_to)), None)
        why = bounces.why_undeliverable(report)
        if sent is None or not why:
            self.stdout.write("Passed over: no report of a mail sent from here.")
            return
        with scope.acting_as(scope.OPERATOR):
            noted = actions.came_back(sent, why=why)
        self.stdout.write("Noted." if noted else "Known already, or opened since.")
