from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clearwork.audit.actions import SYSTEM
from clearwork.database import scope
from clearwork.database.roles import refuse_privileged_role
from clearwork.employers import actions


class Command(BaseCommand):
    help = "Adds an employer. Its people then request access by the account number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account_number")
        parser.add_argument("legal_name")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        given = {name: options[name] for name in ("account_number", "legal_name")}
        try:
            with scope.acting_as(scope.OPERATOR):
                actions.add_employer(by=SYSTEM, **given)
        except ValidationError as error:
            said = (f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise CommandError("; ".join(said)) from error
        except actions.AccountTaken as error:
            raise CommandError("Another employer has this account number.") from error
        self.stdout.write("Added. Its first Admin User requests access on the sign-in page.")
