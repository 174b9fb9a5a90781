"""The API itself: its endpoints, its errors, its schema."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from clearwork.api.endpoints import authorizations, catalogue, people, results, visits
from clearwork.api.entry import unknown
from clearwork.api.problems import CONTENT_TYPE, Problem, of_pydantic

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "Of the body (RFC 6901)."},
                    "query": {"type": "string"},
                    "path": {"type": "string"},
                    "header": {"type": "string"},
                },
            },
        },
    },
}
_REFUSED = {
    "description": "What was wrong (RFC 9457)",
    "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PDF = {
    "description": "The file",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """With what django-ninja does not say: the scopes, and how errors look."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["schemas"]["Problem"] = _PROBLEM
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                _complete(path, operation)
        return schema


def _complete(path: str, operation: dict[str, Any]) -> None:
    operation["security"] = [{"Token": [operation.pop("x-scope")]}]
    operation["responses"]["4XX"] = _REFUSED
    if path.endswith("/file"):
        operation["responses"][200] = _PDF


api = Api(
    title="Clearwork API",
    version="1",
    description="Authorize care, follow it, and fetch results from an employer's own systems.",
    docs_url=None,
    urls_namespace="api",
)
for endpoints in (authorizations, people, visits, results, catalogue):
    api.add_router("", endpoints.router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.answer()


@api.exception_handler(AuthenticationError)
def _without_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return unknown().answer()


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return of_pydantic(error.errors).answer()


@api.exception_handler(HttpError)
def _not_understood(request: HttpRequest, error: HttpError) -> HttpResponse:
    """django-ninja's own: a body that is no JSON."""
    return Problem(error.status_code, "The body is not JSON.").answer()


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem(HTTPStatus.NOT_FOUND, "There is no such thing here.").answer()
