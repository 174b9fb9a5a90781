"""Browsers of one test process share one chain of middleware, as those of one server do."""

from __future__ import annotations

from typing import Any

from django.core.handlers.base import BaseHandler
from django.test.client import ClientHandler
from django.test.signals import setting_changed

_load = ClientHandler.load_middleware
_PARTS = (
    "_view_middleware",
    "_template_response_middleware",
    "_exception_middleware",
    "_middleware_chain",
)
_made: dict[str, Any] = {}


def share_middleware() -> None:
    """Django's test client makes it anew for each browser, which takes as long as a page."""
    ClientHandler.load_middleware = _load_once  # type: ignore[assignment,method-assign]
    setting_changed.connect(_forget)


def _load_once(handler: BaseHandler, is_async: bool = False) -> None:
    if not _made:
        _load(handler, is_async)
        _made.update({part: getattr(handler, part) for part in _PARTS})
    vars(handler).update(_made)


def _forget(**_: Any) -> None:
    """Middleware reads settings when it is made."""
    _made.clear()
