from __future__ import annotations

import json
import pickle

import pytest

from clearwork.foundation.choices import LabelledEnum


class Colour(LabelledEnum):
    DEEP_RED = "deep_red", "Deep red"
    BLUE = "blue", "Blue"


def test_a_member_is_its_value_with_a_label() -> None:
    assert str(Colour.DEEP_RED) == "deep_red"
    assert Colour("blue") is Colour.BLUE
    assert Colour.BLUE.label == "Blue"
    assert f"{Colour.BLUE} {json.dumps(Colour.BLUE)}" == 'blue "blue"'


def test_choices_are_in_order() -> None:
    assert Colour.choices() == [("deep_red", "Deep red"), ("blue", "Blue")]


def test_an_unknown_value_is_an_error() -> None:
    with pytest.raises(ValueError, match="green"):
        Colour("green")


def test_members_travel() -> None:
    assert pickle.loads(pickle.dumps(Colour.BLUE)) is Colour.BLUE
