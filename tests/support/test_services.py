"""Support keeps the catalogue; what was ordered stays what it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from clearwork.audit.models import AuditEvent
from clearwork.authorizations.actions import authorize
from clearwork.centers.models import MedicalCenter, PackagedService, Service, ServicePackage
from clearwork.database import scope
from tests.cast import Cast
from tests.conftest import SignIn

LIST = "/support/services/"
SAID = {
    "code": "HEAT-1",
    "name": "Heat  stress screening",
    "name_es": "Evaluación de estrés térmico",
    "category": "surveillance",
    "kind": "non_injury",
    "modalities": ["in_center"],
    "where": "all",
    "bring": "Work boots",
    "bring_es": "Botas de trabajo",
}


def only(**wanted: Any) -> Service:
    with scope.acting_as(scope.OPERATOR):
        return Service.objects.prefetch_related("centers").get(**wanted)


def trail() -> list[tuple[str, Any]]:
    with scope.acting_as(scope.OPERATOR):
        found = AuditEvent.objects.filter(action__startswith="service:").order_by("at", "id")
        return list(found.values_list("action", "detail"))


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return dict(answer.context["form"].errors)


def test_a_new_service_can_be_ordered_at_every_open_center(
    support: Client, cast: Cast, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=cast.mesa.pk).update(is_active=False)
    assert support.post(f"{LIST}new/", SAID)["Location"] == LIST
    added = only(code="HEAT-1")
    assert (added.name, list(added.centers.all())) == ("Heat stress screening", [cast.dallas])
    assert "Heat stress screening" in support.get(LIST).content.decode()
    form = sign_in(cast.alice).get("/authorizations/new/").content.decode()
    assert "Heat stress screening" in form
    assert [action for action, _ in trail()] == ["service:added"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "heat 1"}, "code"),
        ({"code": "A" * 21}, "code"),
        ({"name_es": ""}, "name_es"),
        ({"modalities": []}, "modalities"),
        ({"category": "massage"}, "category"),
        ({"where": "some"}, "centers"),
        ({"where": "some", "centers": ["01a20000-0000-7000-8000-000000000000"]}, "centers"),
        ({"dot_test": "drug", "modalities": ["in_center", "telemed"]}, "modalities"),
        ({"bring_es": ""}, "bring_es"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    support: Client, wrong: dict[str, Any], field: str
) -> None:
    assert list(errors(support.post(f"{LIST}new/", SAID | wrong))) == [field]
    with scope.acting_as(scope.OPERATOR):
        assert not Service.objects.filter(code__startswith="HEAT").exists()


def test_codes_and_names_tell_services_apart(support: Client, cast: Cast) -> None:
    taken = {"code": cast.audiogram.code, "name": cast.dot_physical.name.upper()}
    assert set(errors(support.post(f"{LIST}new/", SAID | taken))) == {"code", "name"}


def test_what_orders_of_the_past_say_is_settled(support: Client, cast: Cast) -> None:
    page = f"{LIST}{cast.audiogram.pk}/"
    form = support.get(page).context["form"]
    assert form["where"].value() == "all"
    shown = form["shown"].value()
    typed = SAID | {"dot_test": "drug", "kind": "injury", "shown": shown}
    support.post(page, typed | {"where": "some", "centers": [str(cast.mesa.pk)]})
    now = only(pk=cast.audiogram.pk)
    assert (now.code, now.kind, now.dot_test) == (cast.audiogram.code, "non_injury", "")
    assert now.name == "Heat stress screening" and list(now.centers.all()) == [cast.mesa]
    form = support.get(page).context["form"]
    assert (form["where"].value(), list(form["centers"].value())) == ("some", [cast.mesa.pk])
    ((action, detail),) = trail()
    assert action == "service:changed" and detail["changed"]["centers"][1] == [cast.mesa.code]
    late = support.post(page, typed | {"name": "Earlier words"})
    assert "Someone else saved changes" in errors(late)["__all__"][0]
    assert only(pk=cast.audiogram.pk).name == "Heat stress screening"


def test_a_retired_one_is_not_ordered_and_what_was_stays(
    support: Client, cast: Cast, sign_in: SignIn
) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        made = authorize(cast.order(), by=cast.alice.viewer)
        package = ServicePackage.objects.create(employer=cast.northwind, name="Drivers")
        PackagedService.objects.create(
            employer=cast.northwind, package=package, service=cast.dot_physical
        )
    url, alice = f"{LIST}{cast.dot_physical.pk}/offer/", sign_in(cast.alice)
    form = f"/authorizations/new/?package={package.pk}"
    box = f'value="{cast.dot_physical.pk}"'
    for _ in range(2):
        support.post(url, {"offered": "0"})
    assert box not in alice.get(form).content.decode()
    assert cast.dot_physical.name in alice.get(f"/authorizations/{made.pk}/").content.decode()
    for show, is_told in (("retired", True), ("", False)):
        listed = support.get(f"{LIST}?show={show}").content.decode()
        assert (url.removesuffix("offer/") in listed) is is_told
    support.post(url, {"offered": "1"})
    assert box in alice.get(form).content.decode()
    assert [action for action, _ in trail()] == ["service:retired", "service:offered"]
