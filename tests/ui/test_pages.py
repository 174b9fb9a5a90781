"""The frame of every page, the sign-in page and the error pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.views.defaults import server_error

from clearwork.ui import context, views

Page = Callable[..., str]
ERRORS = ("400", "403", "403_csrf", "404", "413", "500", "503")


class SignIn(forms.Form):
    login = forms.EmailField(label="Work email")
    password = forms.CharField(widget=forms.PasswordInput)


def test_navigation_marks_the_section_of_a_page_within(ask: Callable[..., HttpRequest]) -> None:
    here = {"/authorizations/new/": "Authorizations", "/many/new/": "Authorizations"}
    here |= {"/passes/lost/": "Authorizations", "/many/employees/": "Employees"}
    for path, section in here.items():
        items = context.network(ask(path))["navigation"]
        assert [item.label for item in items if item.active] == [section], path


def test_every_tab_of_account_information_marks_it(ask: Callable[..., HttpRequest]) -> None:
    tabs = re.findall(r'href="([^"]+)"', render_to_string("ui/_account_tabs.html"))
    assert len(tabs) == 7
    for tab in tabs:
        items = context.network(ask(tab))["navigation"]
        assert [item.label for item in items if item.active] == ["Account Information"], tab


def test_a_signed_out_visitor_has_no_navigation(ask: Callable[..., HttpRequest]) -> None:
    assert context.network(ask(viewer=None))["navigation"] == ()


def test_a_request_nobody_looked_at_has_no_viewer() -> None:
    assert context.network(RequestFactory().get("/"))["viewer"] is None


def test_the_frame_names_who_is_signed_in_and_lets_them_out(
    show: Page, alice: SimpleNamespace
) -> None:
    html = show("ui/base.html")
    assert alice.name in html
    assert alice.employer_name in html
    assert re.search(r'<form method="post" action="/sign-out/">', html)


def test_the_frame_begins_with_a_way_to_the_content(show: Page) -> None:
    html = show("ui/base.html")
    assert html.index('class="cw-skip" href="#main"') < html.index("<header")
    assert '<main id="main"' in html


def test_every_page_gives_the_support_line_and_the_hotline(show: Page) -> None:
    facts = context.network_facts()
    for template in ("ui/base.html", "404.html"):
        html = show(template)
        for fact in ("support_phone", "support_hours", "privacy_phone", "network_name"):
            assert facts[fact] in html


def test_health_information_never_stays_in_the_browsers_storage(show: Page) -> None:
    html = show("ui/base.html")
    assert '"historyCacheSize": 0' in html
    assert '"allowEval": false' in html
    assert '"includeIndicatorStyles": false' in html


def test_sign_in_offers_help_and_the_drug_screen_portals(ask: Callable[..., HttpRequest]) -> None:
    html = render_to_string("account/login.html", {"form": SignIn()}, ask(viewer=None))
    facts = context.network_facts()
    assert facts["support_hours"] in html
    for portal in facts["drug_screen_portals"]:
        assert portal.name in html
        assert f'href="{portal.url}"' in html


def test_sign_in_says_what_was_wrong_once(ask: Callable[..., HttpRequest]) -> None:
    html = render_to_string("account/login.html", {"form": SignIn({})}, ask(viewer=None))
    assert html.count("data-error-summary") == 1
    assert 'href="#id_login"' in html


def test_our_account_pages_win_over_the_librarys() -> None:
    for name in ("account/login.html", "account/logout.html"):
        assert "clearwork/ui" in str(get_template(name).origin)  # type: ignore[attr-defined]


def test_the_librarys_other_pages_are_in_our_frame(ask: Callable[..., HttpRequest]) -> None:
    html = render_to_string("allauth/layouts/entrance.html", {}, ask(viewer=None))
    assert context.network_facts()["support_phone"] in html
    assert 'class="card cw-narrow"' in html


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_no_request_and_says_what_to_do(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert "What you can do" in html
    assert context.network_facts()["support_phone"] in html
    assert html.count("<li>") >= 2


def test_a_broken_server_still_answers_with_its_page() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.content


def test_what_makes_no_sense_is_a_bad_request() -> None:
    answer = views.bad_request(RequestFactory().get("/"), SuspiciousOperation("?"))
    assert answer.status_code == 400
    assert b"too large" not in answer.content
