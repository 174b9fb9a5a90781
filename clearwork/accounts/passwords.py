"""What a password must be: NIST SP 800-63B, section 3.1.1.2 (revision 4).

Long enough, not a common one, and nothing else: no composition rules, any character.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

from clearwork.accounts.models import User
from clearwork.accounts.rules import normal_password
from clearwork.accounts.second_factor import has_second_factor

ALONE, WITH_SECOND_FACTOR = 15, 8


class LengthBySecondFactor:
    """Fifteen characters, or eight for a person who has a second factor."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        least = _least(user)
        if len(normal_password(password)) < least:
            raise ValidationError(
                f"This password is too short: use {least} characters or more.",
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return (
            f"{ALONE} characters or more ({WITH_SECOND_FACTOR} once you have a second factor). "
            "A few unrelated words work well; spaces and all characters are welcome."
        )


def _least(user: AbstractBaseUser | None) -> int:
    known = isinstance(user, User) and user.pk is not None
    return WITH_SECOND_FACTOR if known and has_second_factor(user) else ALONE
