"""What a password must be: NIST SP 800-63B, section 3.1.1.2 (revision 4).

Long enough, not a common one, and nothing else: no composition rules, any character.
"""

from __future__ import annotations

import string

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from clearwork.accounts.models import User
from clearwork.accounts.rules import normal_password
from clearwork.accounts.second_factor import has_second_factor

ALONE, WITH_SECOND_FACTOR = 15, 8
_RUNS = tuple(
    run * 10
    for row in (string.ascii_lowercase, "1234567890", "qwertyuiop", "qwertyuiopasdfghjklzxcvbnm")
    for run in (row, row[::-1])
)


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


class NotCommon(CommonPasswordValidator):
    """No common password, nor one made long by digits around it, repeating or counting."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        plain = normal_password(password).lower().strip()
        for guess in (plain, plain.strip(string.digits), _repeated(plain)):
            super().validate(guess)
        if any(plain in run for run in _RUNS):
            raise ValidationError(self.get_error_message(), code="password_too_common")


def _repeated(password: str) -> str:
    """The shortest piece the password is made of, e.g. "abc" of "abcabcabc"."""
    return password[: (password + password).find(password, 1)]


def _least(user: AbstractBaseUser | None) -> int:
    has_one = isinstance(user, User) and has_second_factor(user)
    return WITH_SECOND_FACTOR if has_one else ALONE
