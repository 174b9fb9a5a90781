"""Each component says in words what it also says in colour."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.paginator import Paginator

from clearwork.ui import icons, samples
from clearwork.ui.templatetags import ui_tags

Page = Callable[..., str]


STATES = [
    "submitted",
    "delivered",
    "accepted",
    "refused",
    "checked_in",
    "completed",
    "expired",
    "no_show",
    "cancelled",
]


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_a_word_a_colour_and_an_icon(show: Page, state: str) -> None:
    html = show("ui/_status.html", state=state)
    assert _words(html).lower().replace("-", "_").replace(" ", "_") == state
    assert re.search(r"cw-tone-[a-z]+", html)
    assert "<svg" in html


def test_states_differ_by_icon_not_only_by_colour() -> None:
    assert len({look.icon for look in ui_tags.LOOKS.values()}) == len(STATES)


def test_an_unknown_state_shows_its_own_name(show: Page) -> None:
    assert _words(show("ui/_status.html", state="in_review")) == "In review"


def test_the_timeline_tells_what_when_and_who(show: Page) -> None:
    html = show("ui/_timeline.html", events=samples.EVENTS)
    assert html.count("<li>") == len(samples.EVENTS)
    assert "Delivered Nov 23, 2025, 10:20 AM CST Clearwork Answered at once." in _words(html)
    assert "Employee called Nov 24, 2025, 12:20 PM CST" in _words(html)


@pytest.mark.parametrize(
    ("clock", "words"),
    [(samples.CLOCKS[0], "On time"), (samples.CLOCKS[1], "Over target")],
)
def test_the_stage_clock_says_whether_it_is_late(
    show: Page, clock: dict[str, object], words: str
) -> None:
    shown = _words(show("ui/_stage_clock.html", clock=clock))
    assert "With Dallas Stemmons Medical Center Since Nov 23, 2025, 9:20 AM CST" in shown
    assert shown.endswith(words)


def test_the_stage_clock_promises_nothing_without_a_target(show: Page) -> None:
    shown = _words(show("ui/_stage_clock.html", clock=samples.CLOCKS[2]))
    assert "Target" not in shown
    assert "On time" not in shown


def test_an_empty_list_says_what_to_do_next(show: Page) -> None:
    html = show("ui/_empty.html", title="Nothing yet", action_url="/new/", action_label="Begin")
    assert _words(html) == "Nothing yet Begin"
    assert 'href="/new/"' in html


def test_pages_keep_the_search_that_led_to_them(show: Page) -> None:
    page = Paginator(range(57), 5).page(3)
    html = show("ui/_pagination.html", where="/?q=Li&page=3", page=page, noun="people")
    assert 'href="?q=Li&amp;page=4"' in html
    assert "11\u201315 of 57 people" in _words(html)


def test_the_only_page_offers_no_other(show: Page) -> None:
    html = show("ui/_pagination.html", page=Paginator(range(2), 5).page(1))
    assert "href" not in html


def test_a_confirmation_posts_to_its_action(show: Page) -> None:
    context = {"id": "stop", "title": "Stop?", "action": "/stop/", "label": "Stop", "form": ""}
    html = show("ui/_confirm.html", **context)
    assert 'aria-labelledby="stop-title"' in html
    assert re.search(r'<form method="post"\s+action="/stop/">', html)
    assert "csrfmiddlewaretoken" in html


def test_an_icon_is_inline_and_silent() -> None:
    html = icons.svg("search")
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    assert "style=" not in html


@pytest.mark.parametrize("name", ["no-such-icon", "../outline/search", ""])
def test_an_unknown_icon_is_an_error_not_a_gap(name: str) -> None:
    with pytest.raises(icons.UnknownIconError):
        icons.svg(name)


def test_a_moment_shows_the_networks_time_and_its_zone() -> None:
    html = ui_tags.moment(datetime(2025, 7, 1, 2, 5, tzinfo=UTC))
    assert _words(html) == "Jun 30, 2025, 9:05 PM CDT"
    assert 'datetime="2025-06-30T21:05:00-05:00"' in html


def test_a_day_is_never_shifted_by_a_zone() -> None:
    assert _words(ui_tags.day(date(1987, 3, 4))) == "Mar 4, 1987"


def test_the_day_of_a_moment_is_the_networks() -> None:
    html = ui_tags.day(datetime(2025, 7, 1, 2, 5, tzinfo=UTC))
    assert _words(html) == "Jun 30, 2025" and 'datetime="2025-06-30"' in html


def test_no_time_is_no_text() -> None:
    assert ui_tags.moment(None) == ui_tags.day(None) == ""
