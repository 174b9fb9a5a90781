"""Whatever is sent: no answer of 500, none that the schema does not describe.

Schemathesis makes the requests from the OpenAPI schema, right ones and wrong ones; they go
through the real WSGI application, to the database as its unprivileged role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from clearwork.api.service import api
from tests.api.story import Integration, integration, order
from tests.cast import Cast
from tests.database.stage import northwinds

SCHEMA = "/api/v1/openapi.json"
EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
]
OPERATIONS = [
    (method.upper(), path)
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method in methods
]


class Known:
    """What is there to be found: so that not everything ends as a missing id."""

    def __init__(self, cast: Cast) -> None:
        case = northwinds(cast)
        self.order = order(cast)
        self.worksite_id = str(cast.plant.pk)
        self.of: dict[str, UUID] = {
            "authorizations": case.authorization.pk,
            "employees": cast.maria.pk,
            "results": case.report.pk,
        }

    def put_into(self, case: Any) -> None:
        if "pk" in case.path_parameters:
            _, kind, *_ = case.operation.path.removeprefix("/api/v1").split("/")
            case.path_parameters["pk"] = str(self.of[kind])
        if isinstance(case.body, dict):
            known = {**self.order, "worksite_id": self.worksite_id}
            case.body.update({name: known[name] for name in case.body.keys() & known.keys()})


@pytest.fixture
def application() -> Iterator[WSGIHandler]:
    """Which would give the test's own connection back to the pool after each request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def payroll(cast: Cast) -> Integration:
    return integration(cast.alice)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_the_schema_says(
    method: str,
    path: str,
    mode: GenerationMode,
    cast: Cast,
    payroll: Integration,
    application: WSGIHandler,
) -> None:
    known = Known(cast)
    operation = schemathesis.openapi.from_wsgi(SCHEMA, application)[path][method]
    headers = {"Authorization": f"Bearer {payroll.text}"}
    quiet = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @seed(1)
    @quiet
    @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
    def answers(case: Any, is_known: bool) -> None:
        if is_known and mode == GenerationMode.POSITIVE:
            known.put_into(case)
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers()
