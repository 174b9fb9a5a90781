"""What an employer saves: packages of services, and what new authorizations begin with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from clearwork.audit.actions import Action
from clearwork.centers import actions, queries
from clearwork.centers.actions import Defaults, Package, PackageNameTaken
from clearwork.centers.models import MedicalCenter, Service, ServicePackage
from clearwork.centers.rules import Kind, Modality, Reason
from clearwork.database import scope
from tests.cast import Cast
from tests.exchange.records import events

Network = dict[str, MedicalCenter]
Acting = Callable[[], Any]


def sent(cast: Cast, **own: Any) -> dict[str, Any]:
    services = [str(cast.dot_physical.pk), str(cast.audiogram.pk)]
    return {"name": "New driver", "services": services, "kind": "non_injury", **own}


def packages(cast: Cast) -> dict[str, list[str]]:
    """Northwind's, with the codes of their services."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        found = queries.packages(cast.alice.viewer)
        return {p.name: [service.code for service in p.services.all()] for p in found}


def test_a_package_is_saved_named_and_used_by_everyone(
    cast: Cast, alice: Client, victor: Client
) -> None:
    answer = alice.post("/packages/new/", sent(cast, name=" New  driver ", reason="pre_placement"))
    assert answer["Location"] == "/packages/"
    assert packages(cast) == {"New driver": ["AUDIO", "DOT-PHYS"]}
    page = victor.get("/packages/").content.decode()
    assert "New driver" in page and "Pre-placement" in page and "DOT physical" in page
    assert "Delete" not in page and "/packages/new/" not in page
    (event,) = events(Action.PACKAGE_CHANGED)
    assert (event.actor_id, event.detail["change"]) == (cast.alice.user.pk, "added")


def test_a_package_is_changed_and_the_record_says_from_what_to_what(
    cast: Cast, alice: Client
) -> None:
    saved = package(cast)
    assert alice.get(f"/packages/{saved.pk}/").content.decode().count("checked") == 2
    path = f"/packages/{saved.pk}/"
    shown = prepared(alice, path)
    alice.post(path, sent(cast, services=[str(cast.audiogram.pk)], shown=shown))
    assert packages(cast) == {"New driver": ["AUDIO"]}
    event = events(Action.PACKAGE_CHANGED)[-1]
    assert event.detail["before"]["services"] == ["AUDIO", "DOT-PHYS"]
    assert event.detail["after"]["services"] == ["AUDIO"]


def test_saving_what_is_there_already_is_no_change(cast: Cast, alice: Client) -> None:
    saved = package(cast)
    path = f"/packages/{saved.pk}/"
    alice.post(path, sent(cast, shown=prepared(alice, path)))
    assert len(events(Action.PACKAGE_CHANGED)) == 1


def test_of_two_who_edit_a_package_at_once_the_second_is_told(cast: Cast, alice: Client) -> None:
    path = f"/packages/{package(cast).pk}/"
    shown = prepared(alice, path)
    alice.post(path, sent(cast, name="Theirs", shown=shown))
    answer = alice.post(path, sent(cast, name="Mine", shown=shown))
    assert answer.status_code == 422
    assert "Someone else saved changes" in answer.content.decode()
    assert list(packages(cast)) == ["Theirs"]
    assert answer.content.decode().count("checked") == 2
    alice.post(path, sent(cast, name="Mine", shown=answer.context["form"]["shown"].value()))
    assert list(packages(cast)) == ["Mine"]


def test_of_two_who_set_the_defaults_at_once_the_second_is_told(
    cast: Cast, network: Network, alice: Client
) -> None:
    path = "/account/defaults/"
    shown = prepared(alice, path)
    for note, status in (("Theirs", 302), ("Mine", 422)):
        answer = alice.post(path, {"billing_note": note, "shown": shown})
        assert answer.status_code == status
    assert defaults_of(cast) == ("", "Theirs")
    again = answer.context["form"]["shown"].value()
    assert alice.post(path, {"billing_note": "Mine", "shown": again}).status_code == 302


def test_a_deleted_package_is_gone_after_asking(cast: Cast, alice: Client) -> None:
    saved = package(cast)
    assert "stay as they are" in alice.get(f"/packages/{saved.pk}/delete/").content.decode()
    assert packages(cast)
    assert alice.post(f"/packages/{saved.pk}/delete/")["Location"] == "/packages/"
    assert packages(cast) == {}
    assert events(Action.PACKAGE_CHANGED)[-1].detail["before"]["name"] == "New driver"


def package(cast: Cast, **own: Any) -> ServicePackage:
    services = [cast.dot_physical, cast.audiogram]
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        facts = {"name": "New driver", "services": services, "kind": Kind.NON_INJURY, **own}
        return actions.add_package(Package(**facts), by=cast.alice.viewer)


@pytest.mark.parametrize(
    ("own", "field", "complaint"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "NEW DRIVER"}, "name", "Another package has this name"),
        ({"services": []}, "services", "Choose at least one service."),
        ({"services": [str(uuid4())]}, "services", "not one of the available choices"),
        ({"kind": "injury"}, "services", "does not fit what you chose below: Audiogram, DOT"),
        ({"modality": "telemed"}, "services", "does not fit what you chose below"),
        ({"reason": "revenge"}, "reason", "not one of the available choices"),
    ],
)
def test_a_wrong_package_is_refused_at_its_field(
    own: dict[str, Any], field: str, complaint: str, cast: Cast, alice: Client
) -> None:
    package(cast)
    before = packages(cast)
    answer = alice.post("/packages/new/", sent(cast, **{"name": "Another", **own}))
    assert answer.status_code == 422
    assert complaint in str(answer.context["form"].errors[field])
    assert packages(cast) == before


def test_services_that_no_order_can_hold_together_are_no_package(cast: Cast, alice: Client) -> None:
    mixed = [str(cast.injury_care.pk), str(cast.audiogram.pk)]
    answer = alice.post("/packages/new/", sent(cast, services=mixed, kind=""))
    assert "No one authorization can hold" in str(answer.context["form"].errors["services"])
    with scope.acting_as(scope.OPERATOR):
        Service.objects.filter(pk=cast.audiogram.pk).update(with_injury=True)
    assert alice.post("/packages/new/", sent(cast, services=mixed, kind="")).status_code == 302


def test_each_employer_has_names_of_its_own(cast: Cast) -> None:
    package(cast)
    theirs = Package("New driver", [cast.audiogram])
    with scope.acting_as(scope.employer(cast.southport.pk)):
        actions.add_package(theirs, by=cast.bob.viewer)
    assert packages(cast) == {"New driver": ["AUDIO", "DOT-PHYS"]}


def test_anothers_package_is_a_missing_one(cast: Cast, sign_in: Any) -> None:
    pk = package(cast).pk
    bob = sign_in(cast.bob)
    for path in (f"/packages/{pk}/", f"/packages/{pk}/delete/"):
        assert bob.get(path).status_code == bob.post(path, sent(cast)).status_code == 404
    assert packages(cast)


def test_a_service_no_longer_offered_leaves_the_packages(cast: Cast) -> None:
    package(cast)
    with scope.acting_as(scope.OPERATOR):
        Service.objects.filter(pk=cast.audiogram.pk).update(is_active=False)
    assert packages(cast) == {"New driver": ["DOT-PHYS"]}


def test_a_change_whose_record_fails_did_not_happen(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the record")

    monkeypatch.setattr(actions, "record", broken)
    with pytest.raises(RuntimeError):
        package(cast)
    assert packages(cast) == {}


def test_two_admins_saving_one_name_at_once_make_one_package(committed_cast: Cast) -> None:
    def save(_: int) -> bool:
        try:
            package(committed_cast)
        except PackageNameTaken:
            return False
        finally:
            connections["default"].close()
        return True

    with ThreadPoolExecutor(4) as admins:
        assert sorted(admins.map(save, range(4))) == [False, False, False, True]
    assert len(packages(committed_cast)) == 1


# What new authorizations begin with


def defaults_of(cast: Cast, worksite: Any = None) -> tuple[str, str]:
    """The city of the center, and the billing note."""
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        found = queries.defaults(cast.alice.viewer, worksite.pk if worksite else None)
    return (found.center.city if found.center else "", found.billing_note)


def set_defaults(cast: Cast, chosen: Defaults) -> None:
    viewer = cast.alice.viewer
    actions.set_defaults(chosen, shown=actions.shown_defaults(viewer), by=viewer)


def prepared(client: Client, path: str) -> str:
    """What the form at this address says it shows."""
    shown: str = client.get(path).context["form"]["shown"].value()
    return shown


def test_an_admin_sets_where_and_how_new_authorizations_begin(
    cast: Cast, network: Network, alice: Client
) -> None:
    worksite = f"worksite-{cast.plant.pk}"
    chosen = {"center": network["Dallas"].pk, "billing_note": "Bill to 4100"}
    path = "/account/defaults/"
    sent = {**chosen, worksite: network["Waco"].pk, "shown": prepared(alice, path)}
    answer = alice.post(path, sent)
    assert answer["Location"] == "/account/defaults/"
    assert defaults_of(cast) == ("Dallas", "Bill to 4100")
    assert defaults_of(cast, cast.plant) == ("Waco", "Bill to 4100")
    form = alice.get(path).context["form"]
    assert form[worksite].initial == network["Waco"].pk
    alice.post(path, {**chosen, "shown": prepared(alice, path)})
    assert defaults_of(cast, cast.plant) == ("Dallas", "Bill to 4100")
    first, second = events(Action.DEFAULTS_CHANGED)
    assert first.detail["after"]["worksites"] == {str(cast.plant.pk): "TX-WAC"}
    assert second.detail["before"]["worksites"] == {str(cast.plant.pk): "TX-WAC"}


def test_without_defaults_one_begins_with_none(cast: Cast) -> None:
    assert defaults_of(cast) == defaults_of(cast, cast.plant) == ("", "")


def test_a_center_that_closed_is_nobodys_default(cast: Cast, network: Network) -> None:
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        of_plant = {cast.plant.pk: network["Waco"]}
        set_defaults(cast, Defaults(network["Dallas"], "", of_plant))
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(city="Waco").update(is_active=False)
    assert defaults_of(cast, cast.plant) == ("Dallas", "")
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.update(is_active=False)
    assert defaults_of(cast) == ("", "")


def test_a_closed_center_cannot_be_made_the_default(
    cast: Cast, network: Network, alice: Client
) -> None:
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(city="Waco").update(is_active=False)
    answer = alice.post("/account/defaults/", {"center": network["Waco"].pk})
    assert answer.status_code == 422
    assert "not one of the available choices" in str(answer.context["form"].errors["center"])


def test_another_employer_begins_with_its_own(cast: Cast, network: Network) -> None:
    """As the operator: without the database's help."""
    alice, bob = cast.alice.viewer, cast.bob.viewer
    with scope.acting_as(scope.OPERATOR):
        set_defaults(cast, Defaults(network["Dallas"], "Ours", {cast.plant.pk: network["Waco"]}))
        assert queries.defaults(bob, cast.yard.pk) == queries.Defaults()
        theirs = Defaults(network["Mesa"], "Theirs", {cast.yard.pk: network["Tempe"]})
        for _ in range(2):  # again changes nothing
            actions.set_defaults(theirs, shown=actions.shown_defaults(bob), by=bob)
        assert queries.worksite_centers(alice) == {cast.plant.pk: network["Waco"]}
        assert queries.worksite_centers(bob) == {cast.yard.pk: network["Tempe"]}
        assert not queries.package_named(bob, package(cast).name)
    assert defaults_of(cast) == ("Dallas", "Ours")
    told = [event.detail["before"]["worksites"] for event in events(Action.DEFAULTS_CHANGED)]
    assert told == [{}, {}]


# Which services fit which way of care


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("modality", Modality)
def test_what_fits_is_the_same_asked_of_one_service_or_of_the_catalogue(
    kind: Kind, modality: Modality, cast: Cast
) -> None:
    with scope.acting_as(scope.OPERATOR):
        ways = (["in_center"], ["telemed", "center_telemedicine"], ["telerehab"])
        every = enumerate(product(Kind, ways, (True, False)))
        made = [
            Service(code=str(number), name="x", kind=own, modalities=fit, with_injury=both)
            for number, (own, fit, both) in every
        ]
        Service.objects.bulk_create(made)
        found = set(queries.services_fitting(kind, modality))
    fitting = {service for service in made if service.fits(kind, modality)}
    assert fitting and found & set(made) == fitting


def test_a_reason_is_kept_with_the_package(cast: Cast) -> None:
    saved = package(cast, reason=Reason.RANDOM, modality=Modality.IN_CENTER)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        again = queries.packages(cast.alice.viewer).get(pk=saved.pk)
    assert (again.reason, again.modality) == ("random", "in_center")
