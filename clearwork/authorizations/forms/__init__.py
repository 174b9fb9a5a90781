"""What one fills in to authorize care."""

from clearwork.authorizations.forms.authorization import AuthorizationForm, ChangeForm

__all__ = ["AuthorizationForm", "ChangeForm"]
