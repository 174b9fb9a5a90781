"""Where the company's drug screens are reported, found beside its results."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from clearwork.authorizations.actions import authorize
from clearwork.centers.models import Service
from clearwork.centers.rules import Category
from clearwork.database import scope
from clearwork.employers.models import Employer
from tests.cast import Cast
from tests.company.test_company import COMPANY, shown
from tests.conftest import SignIn

PATH = "/account/company/"
ACME = "Acme Lab   https://results.acme.example/sign-in\r\n\r\n Blue Lab https://blue.example"


def save(client: Client, typed: str) -> tuple[int, str]:
    data = {**COMPANY, "drug_screen_portals": typed, "shown": shown(client, PATH)}
    answer = client.post(PATH, data)
    return answer.status_code, unescape(answer.content.decode())


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_an_admin_names_the_portals_and_everyone_finds_them_beside_results(
    alice: Client, cast: Cast, sign_in: SignIn
) -> None:
    assert save(alice, ACME)[0] == 302
    for page in (read(alice, "/account/"), read(alice, "/results/?all=1")):
        assert "Acme Lab" in page and 'href="https://results.acme.example/sign-in"' in page
        assert "<small>blue.example</small>" in page and 'rel="noopener noreferrer"' in page
    assert "Acme Lab" not in read(sign_in(cast.bob), "/"), "nobody else's"
    for person in (cast.alice, cast.bob):
        assert ("Acme Lab" in read(sign_in(person), "/results/?all=1")) == (person is cast.alice)


def test_looking_for_a_drug_test_they_come_first(alice: Client, cast: Cast) -> None:
    save(alice, ACME)
    page = read(alice, "/results/?report_type=drug_screen_result_link")
    assert page.count("Acme Lab") == 1 and page.index("Acme Lab") < page.index("Nothing matches")
    page = read(alice, "/results/?report_type=audiogram")
    assert page.index("Nothing matches") < page.index("Acme Lab")


def test_an_authorization_with_a_drug_test_leads_there(alice: Client, cast: Cast) -> None:
    save(alice, ACME)
    with scope.acting_as(scope.employer(cast.northwind.pk)):
        order = authorize(cast.order(), by=cast.alice.viewer)
    path = f"/results/of/{order.pk}/"
    assert "Acme Lab" not in read(alice, path)
    with scope.acting_as(scope.OPERATOR):
        tests = Service.objects.filter(pk__in=order.services.values("pk"))
        tests.update(category=Category.DRUG_AND_ALCOHOL)
    assert "Acme Lab" in read(alice, path)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Acme http://acme.example", "Line 1: the address begins with https://"),
        ("Acme https://a.example\nBlue", "Line 2: give its name, then its address"),
        ("https://acme.example", "Line 1: give its name, then its address"),
        ("Acme javascript:alert(1)", "Line 1: the address begins with https://"),
        ("Acme https://me:pass@acme.example", "holds no password"),
        ("Acme https://[acme", "Line 1: the address begins"),
        ("A" * 81 + " https://acme.example", "Line 1: the name has at most 80 characters"),
        ("A https://a.example\nB https://a.example", "The same address is there twice."),
        ("\n".join(f"L https://l{n}.example" for n in range(11)), "At most 10 portals."),
    ],
)
def test_what_is_no_portal_is_said_at_the_field_and_nothing_is_saved(
    alice: Client, cast: Cast, typed: str, says: str
) -> None:
    status, page = save(alice, typed)
    assert status == 422 and says in page
    with scope.acting_as(scope.OPERATOR):
        assert Employer.objects.get(pk=cast.northwind.pk).drug_screen_portals == ""


def test_what_was_kept_unsound_costs_nobody_their_page(alice: Client, cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        kept = "Bad javascript:alert(1)\nGood https://good.example"
        Employer.objects.filter(pk=cast.northwind.pk).update(drug_screen_portals=kept)
    page = read(alice, "/results/?all=1")
    assert "good.example" in page and "javascript:alert" not in page
