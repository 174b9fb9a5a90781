from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clearwork.accounts import staff
from clearwork.accounts.models import Staff
from clearwork.audit.actions import SYSTEM
from clearwork.database import scope
from clearwork.database.roles import refuse_privileged_role


class Command(BaseCommand):
    help = "Adds or removes one of the network's own people: support, the privacy officer."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        add = what.add_parser("add")
        add.add_argument("email")
        add.add_argument("name")
        add.add_argument("kind", choices=Staff.values)
        what.add_parser("remove").add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_privileged_role()
        try:
            with scope.acting_as(scope.OPERATOR):
                self.stdout.write(_add(options) if options["what"] == "add" else _remove(options))
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except staff.IsPortalUser as error:
            raise CommandError("An employer's portal user has this address.") from error
        except staff.NotStaff as error:
            raise CommandError("Nobody of the network signs in by this address.") from error


def _add(options: dict[str, Any]) -> str:
    kind = Staff(options["kind"])
    staff.add(by=SYSTEM, email=options["email"], name=options["name"], kind=kind)
    return "Added. Forgot password, on the sign-in page, sets the password."


def _remove(options: dict[str, Any]) -> str:
    staff.remove(by=SYSTEM, email=options["email"])
    return "Removed, and signed out everywhere."
