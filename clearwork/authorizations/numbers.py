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

    Raises IntegrityError for anything else that is there already, and after the last draw;
    then, too, nothing of it stays.
    """
    before = ""
    try:
        with fast.together():  # the savepoint travels with what is made; the commit ends it
            before = transaction.savepoint_create()
            return make()
    except IntegrityError as broken:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)
        if draws == 1 or _CONSTRAINT not in str(broken):
            raise
    return until_free(make, draws=draws - 1)
