from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clearwork.audit import seal
from clearwork.database import scope
from clearwork.database.roles import refuse_privileged_role


class Command(BaseCommand):
    help = "Computes the audit trail's chain anew. Fails where a sealed event was tampered with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", type=bytes.fromhex, help="of the latest logged seal: the trail must have it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        with scope.acting_as(scope.OPERATOR):
            self.stdout.write(_verified(options["digest"]))


def _verified(digest: bytes | None) -> str:
    if broken := seal.first_broken():
        raise CommandError(
            f"Broken: what was sealed at {broken.at.isoformat()} was changed, removed or added to."
        )
    seals = seal.seals()
    if digest and not seals.filter(digest=digest).exists():
        raise CommandError("Cut off: no seal has this digest.")
    last = seals.last()
    return f"Whole: {seals.count()} seals, the last at {last.at.isoformat()}." if last else "Empty."
