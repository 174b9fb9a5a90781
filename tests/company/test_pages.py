"""Every page of account information opens, for whom it should."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client

from clearwork.employers.models import Contact, Worksite
from tests.cast import Cast
from tests.conftest import SignIn

PAGES = (
    "/account/",
    "/account/company/",
    "/account/worksites/",
    "/account/worksites/new/",
    "/account/worksites/{worksite}/",
    "/account/worksites/{worksite}/close/",
    "/account/reports/",
    "/account/reports/?kind=all",
    "/account/reports/change/",
    "/account/reports/who/",
    "/account/reports/{contact}/",
    "/account/reports/{contact}/copy/",
    "/account/reports/{contact}/audiogram/",
    "/account/reports/{contact}/mer_long_form/request/",
    "/account/releases/",
)


@pytest.mark.parametrize("page", PAGES)
def test_an_admin_user_opens_it_and_nobody_else_does(
    page: str, cast: Cast, sign_in: SignIn, ann: Contact, depot: Worksite
) -> None:
    path = page.format(worksite=depot.pk, contact=ann.pk)
    assert sign_in(cast.alice).get(path).status_code == HTTPStatus.OK
    assert sign_in(cast.victor).get(path).status_code == HTTPStatus.FORBIDDEN
    other = HTTPStatus.NOT_FOUND if "{" in page else HTTPStatus.OK
    assert sign_in(cast.bob).get(path).status_code == other


@pytest.mark.parametrize("page", ["audiogrm/", "mer-long-form/", "audiogram/request/"])
def test_a_report_type_that_is_none_or_needs_no_request_is_a_missing_page(
    page: str, alice: Client, ann: Contact
) -> None:
    answer = alice.get(f"/account/reports/{ann.pk}/{page}")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_account_information_stands_in_an_admin_users_navigation_alone(
    cast: Cast, sign_in: SignIn
) -> None:
    assert b'href="/account/"' in sign_in(cast.alice).get("/").content
    assert b'href="/account/"' not in sign_in(cast.victor).get("/").content
