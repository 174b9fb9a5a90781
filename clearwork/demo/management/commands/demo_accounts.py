from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from clearwork.accounts.models import Role
from clearwork.demo import network
from clearwork.demo.seed import ACCOUNTS
from clearwork.demo.support_desk import STAFF


class Command(BaseCommand):
    help = "Prints the demo's ready accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [(account.email, Role(account.role).label, account.employer) for account in ACCOUNTS]
        rows += [(email, kind.label, settings.ENVIRONMENT.network_name) for kind, email, _ in STAFF]
        width = max(len(email) for email, _, _ in rows)
        for email, role, whose in rows:
            self.stdout.write(f"{email:<{width}}  {role:<15}  {whose}")
        self.stdout.write(f"Password of each: {network.PASSWORD}")
