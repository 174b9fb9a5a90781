"""The network's own catalogue, loaded from a folder of TOML files; docs/operations.md shows one.

`services/<category>.toml` holds `[[service]]` tables, `centers.toml` holds `[[center]]` tables,
with the models' own field names. Loading again changes what changed, found by its code, and
removes nothing: what is no longer offered says `is_active = false`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from clearwork.audit.actions import SYSTEM, Action, record
from clearwork.centers.models import MedicalCenter, Service
from clearwork.centers.zips import UnknownZip, place

_SERVICES, _CENTERS = "services", "centers.toml"


class BadCatalogue(ValueError):
    """Nothing was loaded. `problems` say where and what."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


type _Known = dict[str, UUID]


@transaction.atomic
def load(folder: Path) -> tuple[int, int]:
    """How many services and centers there were. Runs as the operator. Raises BadCatalogue."""
    if not (folder / _SERVICES).is_dir() and not (folder / _CENTERS).is_file():
        raise BadCatalogue([f"{folder} has neither a folder {_SERVICES} nor a file {_CENTERS}."])
    services = load_services(folder / _SERVICES)
    centers = _load_centers(folder / _CENTERS)
    record(Action.CATALOGUE_LOADED, by=SYSTEM, services=len(services), centers=len(centers))
    return len(services), len(centers)


@transaction.atomic
def load_services(folder: Path) -> list[Service]:
    """Raises BadCatalogue."""
    problems: list[str] = []
    known: _Known = dict(Service.objects.values_list("code", "pk"))
    paths = sorted(folder.glob("*.toml"))
    found = [service for path in paths for service in _services(path, known, problems)]
    _refuse(problems)
    return found


def _services(path: Path, known: _Known, problems: list[str]) -> Iterator[Service]:
    facts = _read(path, problems)
    shelf = {"category": path.stem, "kind": facts.get("kind", "")}
    for own in _tables(facts, "service"):
        with _noting(problems, path, own):
            yield _saved(Service(**shelf, **own), known)


def _load_centers(path: Path) -> list[MedicalCenter]:
    problems: list[str] = []
    found = list(_centers(path, problems)) if path.is_file() else []
    _refuse(problems)
    return found


def _centers(path: Path, problems: list[str]) -> Iterator[MedicalCenter]:
    services = {service.code: service for service in Service.objects.all()}
    known: _Known = dict(MedicalCenter.objects.values_list("code", "pk"))
    for own in _tables(_read(path, problems), "center"):
        with _noting(problems, path, own):
            codes = own.pop("services", [])
            if missing := [code for code in codes if code not in services]:
                raise ValidationError({"services": f"There is no {', '.join(missing)}."})
            center = MedicalCenter(**{**_where(own.get("postal_code", "")), **own})
            _saved(center, known).services.set([services[code] for code in codes])
            yield center


def _saved[M: Service | MedicalCenter](row: M, known: _Known) -> M:
    """The row of this code, as it is now. Raises ValidationError."""
    if row.code in known:
        row.pk, row._state.adding = known[row.code], False
    row.full_clean()
    row.save()
    return row


def _where(postal_code: str) -> dict[str, Any]:
    """What a center need not say of itself: its ZIP code tells."""
    try:
        known = place(postal_code)
    except UnknownZip as error:
        raise ValidationError({"postal_code": str(error)}) from error
    names = ("latitude", "longitude", "time_zone")
    return {name: getattr(known, name) for name in names}


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: {error}")
        return {}


def _tables(facts: dict[str, Any], name: str) -> Iterable[dict[str, Any]]:
    found = facts.get(name, [])
    return [own for own in found if isinstance(own, dict)] if isinstance(found, list) else []


@contextmanager
def _noting(problems: list[str], path: Path, own: dict[str, Any]) -> Iterator[None]:
    where = f"{path.name}, {own.get('code', 'without a code')}"
    try:
        yield
    except ValidationError as error:
        for field, texts in error.message_dict.items():
            problems.append(f"{where}, {field}: {' '.join(texts)}")
    except TypeError as error:  # Django names the field that its model does not have
        problems.append(f"{where}: {error}")


def _refuse(problems: list[str]) -> None:
    if problems:
        raise BadCatalogue(problems)
