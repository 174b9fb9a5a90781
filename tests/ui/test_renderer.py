"""A form tells what is wrong, where, and to everyone."""

from __future__ import annotations

import re

import pytest
from django import forms

from clearwork.ui.samples import WRONG_INPUT, SampleForm


@pytest.fixture
def wrong() -> str:
    return str(SampleForm(WRONG_INPUT))


def _tag(html: str, element_id: str) -> str:
    found = re.search(rf'<[^>]*\bid="{element_id}"[^>]*>', html)
    assert found, f"no element #{element_id}"
    return found[0]


def test_every_label_names_its_control() -> None:
    html = str(SampleForm())
    for target in re.findall(r'<label for="([^"]+)"', html):
        _tag(html, target)


def test_a_wrong_field_is_tied_to_its_help_and_its_error(wrong: str) -> None:
    control = _tag(wrong, "id_name")
    assert 'aria-invalid="true"' in control
    assert 'aria-describedby="id_name_helptext id_name_error"' in control
    assert "Start typing a name" in wrong[wrong.index(_tag(wrong, "id_name_helptext")) :]
    assert "This field is required." in wrong[wrong.index(_tag(wrong, "id_name_error")) :]


def test_a_wrong_group_of_choices_is_described_as_a_group(wrong: str) -> None:
    group = re.search(r'<fieldset[^>]*aria-describedby="id_kind_helptext id_kind_error"', wrong)
    assert group
    _tag(wrong, "id_kind_error")


def test_the_summary_comes_first_and_each_link_leads_to_a_field(wrong: str) -> None:
    assert wrong.lstrip().startswith('<div class="cw-error-summary')
    targets = re.findall(r'<a href="#([^"]+)"', wrong)
    assert targets == ["id_name", "id_born", "id_kind", "id_center", "id_services"]
    for target in targets:
        _tag(wrong, target)


def test_a_form_without_mistakes_has_no_summary() -> None:
    html = str(SampleForm())
    assert "cw-error" not in html
    assert "aria-invalid" not in html


def test_errors_of_the_whole_form_and_of_hidden_fields_are_shown() -> None:
    class Form(forms.Form):
        token = forms.CharField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("These two do not go together.")

    html = str(Form({}))
    assert "These two do not go together." in html
    assert html.count("This field is required.") == 1


def test_what_people_typed_is_escaped_everywhere() -> None:
    html = str(SampleForm({**WRONG_INPUT, "center": "<script>", "note": "<b>"}))
    assert "<script>" not in html
    assert "<b>" not in html


def test_required_and_optional_are_words_too() -> None:
    html = str(SampleForm())
    assert "required" in _tag(html, "id_name")
    assert "optional" in html[html.index('for="id_note"') : html.index('id="id_note"')]
    assert "(required)" in html[html.index("Kind of visit") : html.index('id="id_kind"')]


def test_what_is_needed_only_at_times_is_marked_as_needed() -> None:
    class Form(forms.Form):
        claim = forms.CharField(
            required=False, widget=forms.TextInput(attrs={"aria-required": "true"})
        )

    html = str(Form())
    assert "optional" not in html
    assert "cw-required" in html


def test_controls_carry_the_class_of_their_kind_beside_their_own() -> None:
    class Form(forms.Form):
        code = forms.CharField(widget=forms.TextInput(attrs={"class": "mine"}))

    assert 'class="form-control mine"' in _tag(str(Form()), "id_code")
    assert 'class="form-select"' in _tag(str(SampleForm()), "id_center")
    assert "class=" not in _tag(str(SampleForm()), "id_notify")
