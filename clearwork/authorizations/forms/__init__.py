"""What one fills in to authorize care."""

from __future__ import annotations

from clearwork.authorizations.forms.authorization import AuthorizationForm, ChangeForm

__all__ = ["AuthorizationForm", "ChangeForm"]
