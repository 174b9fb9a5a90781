from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from clearwork.accounts.models import Role
from clearwork.demo import network
from clearwork.demo.seed import ACCOUNTS


class Command(BaseCommand):
    help = "Prints the demo's ready accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        width = max(len(account.email) for account in ACCOUNTS)
        for account in ACCOUNTS:
            role = Role(account.role).label
            self.stdout.write(f"{account.email:<{width}}  {role:<14}  {account.employer}")
        self.stdout.write(f"Password of each: {network.PASSWORD}")
