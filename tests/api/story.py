"""An integration of Northwind's, as the tests use it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from clearwork.api import actions
from clearwork.api.models import ApiToken
from clearwork.api.rules import Scope
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.foundation import clock
from tests.cast import Cast, Person

ROOT = "/api/v1"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Integration:
    """A system that holds a token, and what it sends with it."""

    token: ApiToken
    text: str
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"{ROOT}{path}", headers=self._with(headers))

    def post(self, path: str, sent: Any, **headers: str) -> Any:
        return self._send("post", path, sent, headers)

    def patch(self, path: str, sent: Any, **headers: str) -> Any:
        return self._send("patch", path, sent, headers)

    def _send(self, method: str, path: str, sent: Any, headers: dict[str, str]) -> Any:
        send = getattr(self.client, method)
        body = sent if isinstance(sent, bytes) else json.dumps(sent)
        return send(f"{ROOT}{path}", body, "application/json", headers=self._with(headers))

    def _with(self, headers: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.text}", **named}


def integration(person: Person, scopes: Sequence[Scope] = tuple(Scope)) -> Integration:
    """Made by an Admin User, for a year."""
    viewer = person.viewer
    with scope.acting_as(scope.employer(viewer.employer_id)):
        token, text = actions.create_token(
            by=viewer,
            name="Payroll",
            scopes=list(scopes),
            expires=clock.today() + timedelta(days=365),
        )
    return Integration(token, text, Client())


def change(token: ApiToken, **facts: Any) -> None:
    with scope.acting_as(scope.OPERATOR):
        ApiToken.objects.filter(pk=token.pk).update(**facts)


def order(cast: Cast, **changes: Any) -> dict[str, Any]:
    """A DOT physical for Maria in Dallas."""
    usual = {
        "employee_id": str(cast.maria.pk),
        "reason": "pre_placement",
        "center": cast.dallas.code,
        "services": [cast.dot_physical.code],
    }
    return {**usual, **changes}


def events(action: str) -> list[AuditEvent]:
    with scope.acting_as(scope.OPERATOR):
        return list(AuditEvent.objects.filter(action=action).order_by("at", "id"))
