"""Numbers are drawn by lot: rarely, one was given before, perhaps to another employer's order."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, transaction

from clearwork.database import fast

# 35 random bits meet one of a million numbers once in some 30,000 draws.
_DRAWS = 5
_CONSTRAINT = "authorizations_authorization_number"


def until_free[T](make: Callable[[], T], *, draws: int = _DRAWS) -> T:
    """What `make` gives; undone and made anew where a number was another's.

    Raises IntegrityError for anything else that is there already, and after the last draw.
    Whatever is raised, nothing of it stays.
    """
    before = ""
    try:
        with fast.together():  # the savepoint travels with what is made; the commit ends it
            before = transaction.savepoint_create()
            return make()
    except Exception as problem:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)
        is_taken = isinstance(problem, IntegrityError) and _CONSTRAINT in str(problem)
        if draws == 1 or not is_taken:
            raise
    return until_free(make, draws=draws - 1)
