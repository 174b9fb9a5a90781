"""What is made with a number that was taken, or is not made after all, leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from clearwork.authorizations.numbers import until_free
from clearwork.database import fast, scope
from clearwork.employers.models import Employer
from tests.cast import Cast

PHONE = "UPDATE employers_employer SET phone = phone || '!' WHERE id = %s"


def making(cast: Cast, *problems: Exception) -> Callable[[], int]:
    """Changes the employer, and then meets one problem after another."""
    left, tried = list(problems), [0]

    def make() -> int:
        tried[0] += 1
        fast.execute(PHONE, [cast.northwind.pk])
        if left:
            raise left.pop(0)
        return tried[0]

    return make


def phone(cast: Cast) -> str:
    return Employer.objects.get(pk=cast.northwind.pk).phone


def test_a_taken_number_is_drawn_again_and_the_rest_is_written_once(cast: Cast) -> None:
    taken = IntegrityError("duplicate … authorizations_authorization_number_key")
    with scope.acting_as(scope.OPERATOR):
        before = phone(cast)
        assert until_free(making(cast, taken, taken)) == 3
        assert phone(cast) == before + "!"


@pytest.mark.parametrize("problem", [IntegrityError("another key"), ValueError("no order")])
def test_any_other_problem_undoes_what_was_written_and_the_transaction_goes_on(
    cast: Cast, problem: Exception
) -> None:
    with scope.acting_as(scope.OPERATOR):
        before = phone(cast)
        with pytest.raises(type(problem)):
            until_free(making(cast, problem))
        assert phone(cast) == before


def test_the_last_draw_gives_up(cast: Cast) -> None:
    taken = IntegrityError("authorizations_authorization_number_key")
    with scope.acting_as(scope.OPERATOR), pytest.raises(IntegrityError):
        until_free(making(cast, taken, taken), draws=2)
