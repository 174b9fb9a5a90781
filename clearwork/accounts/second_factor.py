"""The second factor: who has one, who may go without, and how its secrets are kept."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from clearwork.accounts.models import User
from clearwork.documents.crypto import open_sealed, seal

_SEALED_AS = "second factor"
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: AbstractBaseUser) -> bool:
    """An authenticator app or a passkey. Recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=_FACTORS).exists())


def may_go_without(user: User) -> bool:
    """Demo accounts, where the setting allows it; production never does."""
    return user.is_demo and bool(settings.DEMO_WITHOUT_SECOND_FACTOR)


def is_last_factor(authenticator: Any) -> bool:
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=_FACTORS)
    return not others.exclude(pk=authenticator.pk).exists()


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's second factors, with our name, our address and encrypted secrets."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right, or was used before. Enter the newest one.",
        "cannot_delete_authenticator": (
            "This is your only second factor. Add another one before you remove it."
        ),
    }

    def get_totp_issuer(self) -> str:
        return str(settings.ENVIRONMENT.network_name)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the configured address, whatever a request says of its host."""
        host = urlsplit(settings.ENVIRONMENT.address).hostname or ""
        return {"id": host, "name": str(settings.ENVIRONMENT.network_name)}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "My passkey" if count == 0 else f"My passkey {count + 1}"

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return may_go_without(authenticator.user) or not is_last_factor(authenticator)

    def encrypt(self, text: str) -> str:
        sealed = seal(text.encode(), master=_masters()[0], name=_SEALED_AS)
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        sealed = base64.b64decode(encrypted_text)
        return open_sealed(sealed, masters=_masters(), name=_SEALED_AS).decode()


def _masters() -> list[bytes]:
    """The key that seals, first; the others only open."""
    keys = (settings.MASTER_KEY, *settings.RETIRED_MASTER_KEYS)
    return [base64.b64decode(key) for key in keys]
