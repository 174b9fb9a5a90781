from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clearwork.centers import catalogue
from clearwork.database import scope
from clearwork.database.roles import refuse_privileged_role


class Command(BaseCommand):
    help = "Loads the network's services and medical centers from a folder of TOML files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        try:
            with scope.acting_as(scope.OPERATOR):
                services, centers = catalogue.load(options["folder"])
        except catalogue.BadCatalogue as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        self.stdout.write(f"Loaded {services} services and {centers} medical centers.")
