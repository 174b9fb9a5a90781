"""The network's own words, as the answers of Help use them."""

from __future__ import annotations

from django.conf import settings

_PLAIN = ("network_name", "support_phone", "support_hours", "privacy_phone")


def facts() -> dict[str, str]:
    environment = settings.ENVIRONMENT
    return {
        **{name: getattr(environment, name) for name in _PLAIN},
        "telemed_app_words": _words(" ({})", environment.telemed_app),
        "telemed_website_words": _words(" ({})", environment.telemed_website),
        "account_words": _words(" Their line: {}.", environment.account_phone),
    }


def _words(pattern: str, value: str) -> str:
    """Nothing for what the network has not."""
    return pattern.format(value) if value else ""
