"""What is drawn once looks as if it were drawn each time, for everyone's own values."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import jinja2
import pytest
from django.template import Context, Template, engines
from django.utils.safestring import SafeString

from clearwork.ui import drawn
from clearwork.ui.filters import ListFilters, Options, choice_field, day_field

SITES = Options([("1", "Plant <A>"), ("2", "Yard & Co")], any_of_them="Any worksite")


class Filters(ListFilters):
    folded_fields = ("worksite",)
    spans = (("first", "last"),)

    worksite = choice_field("Worksite")
    first = day_field("From")
    last = day_field("Until")

    def __init__(self, data: Mapping[str, str], sites: Options = SITES) -> None:
        super().__init__(data)
        self.offer("worksite", sites)
        self.is_valid()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"worksite": "2"},
        {"first": "2026-01-02"},
        {"first": "2026-01-02", "last": "2025-01-01"},
        {"worksite": "3", "last": '"><script>'},
    ],
)
def test_a_filter_looks_as_django_draws_it(data: dict[str, str]) -> None:
    for _ in range(2):  # the first time it is drawn, the second it is known
        form = Filters(data)
        shown = [*form.unfolded(), *form.folding()]
        fields = [form[name].as_field_group() for name in ("first", "last", "worksite")]
        assert shown == fields


def test_what_is_offered_to_one_is_not_offered_to_another() -> None:
    theirs = Options([("9", "Southport")], any_of_them="Any worksite")
    assert "Southport" in Filters({}, theirs).folding()[0]
    assert "Southport" not in Filters({}).folding()[0]
    assert "Plant &lt;A&gt;" in Filters({}).folding()[0]


def test_a_part_is_drawn_anew_for_other_values() -> None:
    template = Template(
        '{% load ui_tags %}{% drawn_once "ui/_footer.html" support_phone=phone privacy_phone=1 %}'
    )
    one, other = (template.render(Context({"phone": phone})) for phone in ("555-1", "<b>"))
    assert "555-1" in one
    assert "555-1" not in other
    assert "&lt;b&gt;" in other


def test_what_is_kept_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "_MOST", 3)
    for number in range(10):
        assert drawn.once(number, lambda number=number: SafeString(number)) == str(number)  # type: ignore[misc]
    assert len(drawn._kept) <= 3


def test_rows_escape_what_they_print_and_miss_nothing() -> None:
    made = engines["jinja"].from_string("{{ name }}{{ row.gone }}")
    with pytest.raises(jinja2.UndefinedError):
        made.render({"name": "<b>", "row": SimpleNamespace()})
    assert engines["jinja"].from_string("{{ name }}").render({"name": "<b>"}) == "&lt;b&gt;"
