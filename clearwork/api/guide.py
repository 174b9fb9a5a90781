"""The API's schema, read for people: by group, each operation with what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clearwork.api.service import api

_REF = "#/components/schemas/"


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    what: str
    is_required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    scope: str
    text: str
    parameters: list[Parameter]

    @property
    def id(self) -> str:
        return f"{self.method}{self.path}".lower().replace("/", "-").strip("{}")


def groups() -> dict[str, list[Operation]]:
    """Each group's operations, in the order of the schema."""
    schema = api.get_openapi_schema()
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            of_group = found.setdefault(said["tags"][0], [])
            of_group.append(_operation(method, path, said, schema["components"]["schemas"]))
    return found


def _operation(method: str, path: str, said: Any, schemas: Mapping[str, Any]) -> Operation:
    ((scope,),) = [names for one in said["security"] for names in one.values()]
    beside = [
        Parameter(
            one["name"],
            f"in the {one['in']}",
            _what(one["schema"], schemas),
            one["required"],
            one["schema"].get("description", ""),
        )
        for one in said["parameters"]
    ]
    text = said.get("description", "")
    return Operation(method.upper(), path, scope, text, [*beside, *_body(said, schemas)])


def _body(said: Any, schemas: Mapping[str, Any]) -> Iterator[Parameter]:
    content = said.get("requestBody", {}).get("content", {})
    for kind in content.values():
        schema = _resolved(kind["schema"], schemas)
        needed = schema.get("required", ())
        for name, field in schema["properties"].items():
            what, text = _what(field, schemas), field.get("description", "")
            yield Parameter(name, "in the body", what, name in needed, text)


def _resolved(schema: Any, schemas: Mapping[str, Any]) -> Any:
    """What a reference leads to; one with a default is wrapped in a list of one."""
    (found,) = schema.get("allOf", [schema])
    return schemas[found["$ref"].removeprefix(_REF)] if "$ref" in found else found


def _what(field: Any, schemas: Mapping[str, Any]) -> str:
    """In a few words: a type, or the values to choose from."""
    if "anyOf" in field:
        return " or ".join(_what(one, schemas) for one in field["anyOf"] if one != _NULL)
    found = _resolved(field, schemas)
    if "enum" in found:
        return " | ".join(found["enum"])
    if found.get("type") == "array":
        return f"list of {_what(found['items'], schemas)}"
    if "properties" in found:
        return f"{found['title']}: {', '.join(found['properties'])}"
    return str(found.get("format") or found.get("type", ""))


_NULL = {"type": "null"}
