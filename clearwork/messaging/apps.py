from __future__ import annotations

from django.apps import AppConfig

from clearwork.messaging import texts


class MessagingConfig(AppConfig):
    name = "clearwork.messaging"

    def ready(self) -> None:
        """A sender that is not there stops the start, not the first message."""
        try:
            if texts.can_text():
                texts.sender()
        except ImportError as missing:
            raise SystemExit(
                f"CLEARWORK_SMS_SENDER: {missing}. Fix: name a class that this process can import, "
                "or off; docs/operations.md says how to write one."
            ) from None
