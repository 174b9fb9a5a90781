"""The pages about centers, as people see them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from tests.cast import Cast

Network = dict[str, MedicalCenter]


def test_the_list_says_how_far_and_whether_open(
    network: Network, late_monday: None, victor: Client
) -> None:
    html = victor.get("/centers/", {"zip": "85004"}).content.decode()
    names = re.findall(r"(\w+) Medical Center</a>", html)
    assert names == ["Tempe", "Mesa", "Waco", "Dallas"]
    assert "8.5&nbsp;mi" in html
    assert "Open now until 5 p.m." in html and "Closed, opens tomorrow 8 a.m." in html
    assert "Open now, day and night" in html


@pytest.mark.parametrize("more", [0, 40])
def test_the_list_takes_the_same_queries_for_many_centers(
    more: int, cast: Cast, network: Network, alice: Client
) -> None:
    with scope.acting_as(scope.OPERATOR):
        for number in range(more):
            MedicalCenter.objects.create(
                code=f"TX-{number}",
                name=f"Center {number}",
                state="TX",
                time_zone="America/Chicago",
                hl7_facility=str(number),
                hl7_port=9,
            )
    with CaptureQueriesContext(connection) as captured:
        answer = alice.get("/centers/", {"zip": "85004"})
    assert answer.context["choices"]
    about_centers = [q for q in captured if "centers_" in q["sql"]]
    assert len(about_centers) == 3  # the centers; the states and services to filter by


def test_a_centers_page_has_what_one_needs_to_get_there(
    network: Network, late_monday: None, victor: Client
) -> None:
    html = victor.get("/centers/TX-DAL/").content.decode()
    for fact in (
        'href="tel:214-555-0100"',
        "100 Mill Road",
        "https://www.openstreetmap.org/search?query=100%20Mill%20Road%2C%20Dallas%2C%20TX%2075201",
        "Monday through Friday",
        "8 a.m. to 5 p.m.",
        "Closed, opens tomorrow 8 a.m.",
        "DOT physical",
    ):
        assert fact in html


def test_no_center_of_that_code_is_a_missing_page(network: Network, victor: Client) -> None:
    assert victor.get("/centers/TX-NOPE/").status_code == 404
    assert victor.post("/centers/TX-NOPE/favourite/", {"starred": "1"}).status_code == 404


def test_the_star_is_turned_on_and_off_in_place(network: Network, victor: Client) -> None:
    star = "/centers/TX-WAC/favourite/"
    on = victor.post(star, {"starred": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="true"' in on and 'value="0"' in on
    off = victor.post(star, {"starred": "0"}, headers={"HX-Request": "true"}).content.decode()
    assert 'aria-pressed="false"' in off and 'value="1"' in off


def test_without_script_the_star_leads_back_to_the_center(network: Network, victor: Client) -> None:
    answer = victor.post("/centers/TX-WAC/favourite/", {"starred": "1"})
    assert answer["Location"] == "/centers/TX-WAC/"
    assert 'aria-pressed="true"' in victor.get("/centers/TX-WAC/").content.decode()


def test_a_view_only_user_is_told_who_can_save_packages(victor: Client) -> None:
    html = victor.get("/packages/").content.decode()
    assert "No packages yet" in html and "An Admin User of your company" in html
