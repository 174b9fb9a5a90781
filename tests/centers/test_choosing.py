"""Choosing a center: favorites first, then the nearest; closed ones are not there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.audit.actions import Action
from clearwork.authorizations.actions import authorize
from clearwork.centers import actions, queries
from clearwork.centers.models import FavouriteCenter, MedicalCenter
from clearwork.centers.queries import Wanted
from clearwork.centers.zips import place
from clearwork.database import scope
from clearwork.employers.models import Worksite
from tests.cast import Cast
from tests.exchange.records import events

Network = dict[str, MedicalCenter]
Acting = Callable[[], Any]
PHOENIX = "85004"


@pytest.fixture
def cities(cast: Cast, network: Network, as_northwind: Acting) -> Callable[..., list[str]]:
    """The cities of the centers Alice would choose from."""

    def asked(**wanted: Any) -> list[str]:
        with as_northwind():
            found = queries.choices(cast.alice.viewer, Wanted(**wanted))
        return [choice.center.city for choice in found]

    return asked


Cities = Callable[..., list[str]]


def test_all_are_listed_by_state_and_city(cities: Cities) -> None:
    assert cities() == ["Mesa", "Tempe", "Dallas", "Waco"]


def test_the_nearest_comes_first_and_far_ones_are_left_out(cities: Cities) -> None:
    assert cities(near=place(PHOENIX)) == ["Tempe", "Mesa", "Waco", "Dallas"]
    assert cities(near=place(PHOENIX), miles=25) == ["Tempe", "Mesa"]
    assert cities(near=place(PHOENIX), miles=10) == ["Tempe"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "TX"}, ["Dallas", "Waco"]),
        ({"city": "da"}, ["Dallas"]),
        ({"city": "%"}, []),
        ({"telemedicine": True}, ["Mesa"]),
        ({"state": "TX", "telemedicine": True}, []),
    ],
)
def test_each_filter_narrows_down(wanted: dict[str, Any], found: list[str], cities: Cities) -> None:
    assert cities(**wanted) == found


def test_only_centers_that_offer_every_service(cast: Cast, cities: Cities) -> None:
    assert cities(services=[cast.audiogram.pk]) == ["Mesa", "Dallas"]
    assert cities(services=[cast.audiogram.pk, cast.dot_physical.pk]) == ["Dallas"]


@pytest.mark.usefixtures("late_monday")
def test_open_now_is_told_by_each_centers_own_clock(cities: Cities) -> None:
    """5:30 p.m. in Dallas, which closed at 5; 4:30 p.m. in Mesa, which closes at 5, too."""
    assert cities(open_now=True) == ["Mesa", "Tempe", "Waco"]


def test_a_center_whose_place_is_not_known_comes_last(network: Network, cities: Cities) -> None:
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=network["Tempe"].pk).update(latitude=None, longitude=None)
    assert cities(near=place(PHOENIX)) == ["Mesa", "Waco", "Dallas", "Tempe"]
    assert cities(near=place(PHOENIX), miles=250) == ["Mesa"]


def test_half_a_place_is_refused(network: Network) -> None:
    with pytest.raises(DatabaseError, match="center_place"), scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=network["Tempe"].pk).update(latitude=None)


def test_ones_own_favourites_come_first(
    cast: Cast, network: Network, cities: Cities, as_northwind: Acting
) -> None:
    with as_northwind():
        actions.set_favourite(network["Waco"], wanted=True, by=cast.alice.viewer)
        actions.set_favourite(network["Dallas"], wanted=True, by=cast.victor.viewer)
    assert cities() == ["Waco", "Mesa", "Tempe", "Dallas"]
    assert cities(near=place(PHOENIX)) == ["Waco", "Tempe", "Mesa", "Dallas"]


def test_a_star_is_set_once_and_taken_away_once(
    cast: Cast, network: Network, as_northwind: Acting
) -> None:
    with as_northwind():
        for wanted in (True, True, False, False):
            actions.set_favourite(network["Waco"], wanted=wanted, by=cast.alice.viewer)
        assert not FavouriteCenter.objects.exists()
    assert [e.detail["starred"] for e in events(Action.FAVOURITE_CHANGED)] == [True, False]


@pytest.mark.usefixtures("late_monday")
def test_choosing_takes_one_query_however_many_centers(
    cast: Cast, network: Network, as_northwind: Acting
) -> None:
    wanted = Wanted(near=place(PHOENIX), open_now=True, services=[cast.audiogram.pk])
    with as_northwind(), CaptureQueriesContext(connection) as captured:
        found = queries.choices(cast.alice.viewer, wanted)
        assert [choice.center.open_now for choice in found]
    assert len(captured) == 1


def test_a_closed_center_can_be_seen_but_not_chosen(
    network: Network, cities: Cities, alice: Client
) -> None:
    close(network["Waco"])
    assert cities() == ["Mesa", "Tempe", "Dallas"]
    page = alice.get("/centers/TX-WAC/")
    assert page.status_code == 200
    assert "This center has closed" in page.content.decode()
    assert "Authorize care here" not in page.content.decode()


def close(center: MedicalCenter) -> None:
    with scope.acting_as(scope.OPERATOR):
        MedicalCenter.objects.filter(pk=center.pk).update(is_active=False)


# The part of the authorization's form.


def test_the_form_offers_radio_buttons_nearest_first(network: Network, alice: Client) -> None:
    asked = {"center-zip": PHOENIX, "center-miles": "25"}
    answer = alice.get("/centers/choose/", asked)
    html = answer.content.decode()
    assert html.index("Tempe Medical Center") < html.index("Mesa Medical Center")
    assert "Waco" not in html and "8.5&nbsp;miles" in html
    assert html.count('type="radio"') == 2 and "checked" not in html


def test_the_center_chosen_before_stays_chosen(network: Network, alice: Client) -> None:
    """Though the filters leave it out now: a choice is never lost unseen."""
    asked = {"center-state": "TX", "center": str(network["Mesa"].pk)}
    html = alice.get("/centers/choose/", asked).content.decode()
    assert "the filters leave it out" in html
    assert html.count("checked") == 1
    close(network["Mesa"])
    html = alice.get("/centers/choose/", asked).content.decode()
    assert "Mesa" not in html and "checked" not in html


def test_another_worksites_usual_center_is_chosen_unless_one_was_by_hand(
    cast: Cast, network: Network, alice: Client
) -> None:
    with scope.acting_as(scope.OPERATOR):
        depot = Worksite.objects.create(employer=cast.northwind, name="Depot")
    sites = {depot.pk: network["Waco"]}
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        chosen_by = cast.alice.viewer
        defaults = actions.Defaults(
            center=network["Dallas"], billing_note="", worksite_centers=sites
        )
        actions.set_defaults(defaults, shown=actions.shown_defaults(chosen_by), by=chosen_by)
    asked = {"center-site": str(cast.plant.pk), "worksite": str(depot.pk)}

    def chosen(**more: Any) -> list[str]:
        html = alice.get("/centers/choose/", {**asked, **more}).content.decode()
        assert ("usual center of" in html) == ("Depot</strong> is chosen now" in html)
        return re.findall(r'value="([0-9a-f-]{36})"\s+checked', html) + ["usual"] * (
            "usual" in html
        )

    waco, mesa, dallas = (str(network[city].pk) for city in ("Waco", "Mesa", "Dallas"))
    assert chosen(center=dallas) == [waco, "usual"] == chosen()
    assert chosen(center=mesa) == [mesa] and chosen(center=waco) == [waco]
    assert chosen(**{"center": dallas, "center-site": str(depot.pk)}) == [dallas], "did not move"
    assert chosen(center=dallas, modality="center_telemedicine") == [dallas], "Waco offers none"


def test_what_the_chosen_center_does_not_offer_is_named(
    cast: Cast, network: Network, alice: Client
) -> None:
    services = [str(cast.dot_physical.pk), str(cast.audiogram.pk)]
    asked = {"center": str(network["Mesa"].pk), "services": services}
    html = alice.get("/centers/choose/", asked).content.decode()
    assert "Does not offer: DOT physical." in html and html.count("checked") == 1


def test_the_authorizations_own_choices_narrow_down_too(
    cast: Cast, network: Network, alice: Client
) -> None:
    services = {"services": [str(cast.dot_physical.pk), "no id"]}
    html = alice.get("/centers/choose/", services).content.decode()
    assert "Dallas Medical Center" in html and "Mesa Medical Center" not in html
    html = alice.get("/centers/choose/", {"modality": "center_telemedicine"}).content.decode()
    assert "Mesa Medical Center" in html and "Dallas Medical Center" not in html


def test_the_way_is_measured_from_the_worksite_until_a_zip_code_is_given(
    cast: Cast, network: Network, alice: Client
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=cast.plant.pk).update(postal_code="85201")
    asked = {"worksite": str(cast.plant.pk), "center-miles": "50"}
    html = alice.get("/centers/choose/", asked).content.decode()
    assert "The nearest to Plant 4 first" in html
    assert html.index("Mesa Medical Center") < html.index("Tempe Medical Center")
    assert "Waco" not in html
    html = alice.get("/centers/choose/", {**asked, "center-zip": "76701"}).content.decode()
    assert "The nearest to 76701 first" in html and "Mesa" not in html


@pytest.mark.parametrize("postal_code", ["", "1", "00000"])
def test_a_worksite_without_a_place_measures_nothing(
    postal_code: str, cast: Cast, network: Network, alice: Client
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=cast.plant.pk).update(postal_code=postal_code)
    html = alice.get("/centers/choose/", {"worksite": str(cast.plant.pk)}).content.decode()
    assert "Waco Medical Center" in html and "miles" not in html and "nearest" not in html


@pytest.mark.parametrize("path", ["/centers/", "/centers/choose/"])
@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"zip": "00000"}, "There is no ZIP code 00000"),
        ({"zip": "Dallas"}, "five digits"),
        ({"state": "XX"}, "not one of the available choices"),
        ({"miles": "7"}, "not one of the available choices"),
        ({"miles": "50"}, "Give the ZIP code to measure from."),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_so(
    path: str, asked: dict[str, str], complaint: str, network: Network, alice: Client
) -> None:
    prefix = "center-" if "choose" in path else ""
    answer = alice.get(path, {f"{prefix}{name}": value for name, value in asked.items()})
    assert answer.status_code == 422
    assert complaint in answer.content.decode()
    assert "Waco Medical Center" not in answer.content.decode()


def test_no_fit_says_what_to_do(network: Network, alice: Client) -> None:
    html = alice.get("/centers/choose/", {"center-city": "Nowhere"}).content.decode()
    assert "No center matches. Try a larger distance" in html
    html = alice.get("/centers/", {"city": "Nowhere"}).content.decode()
    assert "No center matches" in html and "Show all centers" in html


def test_an_authorization_begins_with_the_center_one_comes_from(
    network: Network, alice: Client
) -> None:
    path = f"/authorizations/new/?center={network['Tempe'].pk}"
    assert str(network["Tempe"].pk) in alice.get("/centers/AZ-TEM/").content.decode()
    assert alice.get(path).context["form"]["center"].value() == network["Tempe"].pk
    close(network["Tempe"])
    assert alice.get(path).context["form"]["center"].value() is None


def test_an_authorization_still_names_its_center_after_that_closed(
    cast: Cast, network: Network, alice: Client, as_northwind: Acting
) -> None:
    with as_northwind():
        made = authorize(cast.order(), by=cast.alice.viewer)
    close(network["Dallas"])
    assert "Dallas Medical Center" in alice.get(f"/authorizations/{made.pk}/").content.decode()


def test_the_form_begins_near_the_worksite(cast: Cast, network: Network, alice: Client) -> None:
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.filter(pk=cast.plant.pk).update(postal_code="85281")
    html = alice.get("/authorizations/new/").content.decode()
    assert "The nearest to Plant 4 first" in html
    assert html.index("Tempe Medical Center") < html.index("Dallas Medical Center")
