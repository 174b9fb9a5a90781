"""A network loads its services and centers from files; a mistake is named, nothing half-loaded."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clearwork.audit.actions import Action
from clearwork.centers.models import MedicalCenter, Service
from clearwork.database import scope
from clearwork.demo import seed
from tests.exchange.records import events

DEMO = Path(seed.__file__).parent / "services"
SERVICES = """
kind = "non_injury"
[[service]]
code = "AUDIO"
name = "Audiogram"
name_es = "Audiograma"
bring = "Your hearing protection"
"""
CENTERS = """
[[center]]
code = "TX-DAL"
name = "Dallas Medical Center"
street = "100 Mill Road"
city = "Dallas"
state = "TX"
postal_code = "75201"
phone = "214-555-0100"
opening_hours = "Mo-Fr 08:00-17:00"
services = ["AUDIO"]
hl7_application = "EHR"
hl7_facility = "C-TX-DAL"
hl7_host = "ehr.example.com"
hl7_port = 2575
"""
pytestmark = pytest.mark.django_db
Load = Callable[..., str]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """`load(services, centers)` writes the files and loads them; gives what the command says."""

    def go(
        services: str = SERVICES, centers: str = CENTERS, shelf: str = "hearing_and_vision"
    ) -> str:
        (tmp_path / "services").mkdir(exist_ok=True)
        (tmp_path / f"services/{shelf}.toml").write_text(services, encoding="utf-8")
        (tmp_path / "centers.toml").write_text(centers, encoding="utf-8")
        said = StringIO()
        call_command("load_catalogue", tmp_path, stdout=said)
        return said.getvalue()

    return go


def loaded() -> tuple[dict[str, Service], dict[str, MedicalCenter]]:
    with scope.acting_as(scope.OPERATOR):
        services = {service.code: service for service in Service.objects.all()}
        found = MedicalCenter.objects.prefetch_related("services")
        return services, {center.code: center for center in found}


def test_services_and_centers_are_there_afterwards(load: Load) -> None:
    assert load() == "Loaded 1 services and 1 medical centers.\n"
    services, centers = loaded()
    audio, dallas = services["AUDIO"], centers["TX-DAL"]
    assert (audio.category, audio.kind, audio.name_es) == (
        "hearing_and_vision",
        "non_injury",
        "Audiograma",
    )
    assert list(dallas.services.all()) == [audio]
    assert dallas.time_zone == "America/Chicago" and dallas.latitude == pytest.approx(
        32.79, abs=0.1
    )
    (event,) = events(Action.CATALOGUE_LOADED)
    assert event.detail == {"services": 1, "centers": 1}


def test_loading_again_changes_what_changed_and_keeps_the_rest(load: Load) -> None:
    load()
    before = loaded()
    load(SERVICES.replace('Audiogram"', 'Hearing test"'), CENTERS + "is_active = false\n")
    services, centers = loaded()
    assert services["AUDIO"].name == "Hearing test"
    assert not centers["TX-DAL"].is_active
    assert services["AUDIO"].pk == before[0]["AUDIO"].pk
    assert centers["TX-DAL"].pk == before[1]["TX-DAL"].pk
    load("", "")
    assert set(loaded()[0]) == {"AUDIO"}


@pytest.mark.parametrize(
    ("services", "centers", "complaint"),
    [
        ("[[service]\n", CENTERS, "hearing_and_vision.toml: "),
        (SERVICES + 'color = "red"\n', CENTERS, "hearing_and_vision.toml, AUDIO: "),
        (SERVICES + 'modalities = ["by_mail"]\n', CENTERS, "AUDIO, modalities: "),
        (SERVICES + SERVICES.partition("\n[[")[2].join(("\n[[", "")), CENTERS, "AUDIO, code: "),
        (SERVICES.replace("non_injury", "other"), CENTERS, "AUDIO, kind: "),
        (SERVICES, CENTERS.replace("Mo-Fr 08", "Monday 8"), "TX-DAL, opening_hours: “Monday”"),
        (SERVICES, CENTERS.replace("75201", "00000"), "TX-DAL, postal_code: There is no ZIP"),
        (SERVICES, CENTERS.replace('["AUDIO"]', '["AUDIOS"]'), "services: There is no AUDIOS."),
        (SERVICES, CENTERS + 'time_zone = "Texas"\n', "TX-DAL, time_zone: "),
        (SERVICES, CENTERS + CENTERS.replace("TX-DAL", "TX-2", 1), "TX-2, "),
        (SERVICES, CENTERS.replace('name = "Dallas Medical Center"', ""), "TX-DAL, name: "),
        (SERVICES, CENTERS.replace('code = "TX-DAL"', ""), "centers.toml, without a code, code: "),
    ],
)
def test_a_mistake_is_named_and_nothing_is_loaded(
    services: str, centers: str, complaint: str, load: Load
) -> None:
    with pytest.raises(CommandError, match="Nothing was loaded") as refused:
        load(services, centers)
    assert complaint in str(refused.value)
    assert loaded() == ({}, {})
    assert events(Action.CATALOGUE_LOADED) == []


def test_a_file_of_no_category_is_named(load: Load) -> None:
    with pytest.raises(CommandError, match=r"hats\.toml, AUDIO, category: Value 'hats'"):
        load(shelf="hats")


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="neither a folder services nor a file centers"):
        call_command("load_catalogue", tmp_path)


def test_the_demos_catalogue_says_everything_in_spanish_too(tmp_path: Path) -> None:
    (tmp_path / "services").symlink_to(DEMO)
    call_command("load_catalogue", tmp_path, stdout=StringIO())
    services, _ = loaded()
    assert len(services) >= 60
    for service in services.values():
        assert service.name_es and service.description
        assert len(service.bring.splitlines()) == len(service.bring_es.splitlines())
        assert bool(service.prepare) == bool(service.prepare_es)
