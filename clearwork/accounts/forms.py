"""allauth's forms as they are here: counted tries, addresses as people type them."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from clearwork.accounts import limits
from clearwork.accounts.addresses import normal_email
from clearwork.accounts.models import User
from clearwork.accounts.passwords import LengthBySecondFactor
from clearwork.accounts.security_actions import change_password, reset_password, user_of_address
from clearwork.accounts.security_messages import Notice, send_notice, send_reset

_CODE_ATTRS = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class AddressField(forms.EmailField):
    """An email address, forgiving capitals and spaces, nothing else."""

    def __init__(self, label: str = "Email", *, autocomplete: str = "username") -> None:
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label=label, max_length=254, widget=forms.EmailInput(attrs))

    def clean(self, value: Any) -> str:
        return normal_email(super().clean(value))


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()
        password = self.fields["password"]
        password.help_text = ""
        password.widget.attrs.pop("placeholder", None)
        self.order_fields(["login", "password"])


class ResetPasswordForm(forms.Form):
    """Ask for a link. The answer, and the work done for it, is one for any address."""

    email = AddressField()

    def save(self, request: HttpRequest) -> str:
        address: str = self.cleaned_data["email"]
        if limits.may_mail(address):
            send_reset(user_of_address(address))
        return address


class UserTokenForm(allauth_forms.UserTokenForm):  # type: ignore[misc]
    """The person a reset link is of, locked: of two uses at once, one comes second."""

    def _get_user(self, uidb36: str) -> User | None:
        found: User | None = super()._get_user(uidb36)
        if found is None or not found.is_active:
            return None
        return User.objects.select_for_update().get(pk=found.pk)


class _NewPassword:
    """One field for the new password, that can be shown, instead of typing it twice."""

    fields: dict[str, forms.Field]

    def _one_field(self) -> None:
        del self.fields["password2"]
        field = self.fields["password1"]
        field.label = "New password"
        field.help_text = LengthBySecondFactor().get_help_text()  # Django's own is a list in HTML
        field.widget.attrs = {"autocomplete": "new-password"}


class ResetPasswordKeyForm(_NewPassword, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._one_field()

    def save(self) -> None:
        reset_password(self.user, self.cleaned_data["password1"])
        send_notice(self.user, Notice.PASSWORD)


class ChangePasswordForm(_NewPassword, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._one_field()
        old = self.fields["oldpassword"]
        old.label, old.help_text = "Current password", ""
        old.widget.attrs.pop("placeholder", None)

    def clean_oldpassword(self) -> str:
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def save(self) -> None:
        change_password(self.user, self.cleaned_data["password1"])
        send_notice(self.user, Notice.PASSWORD)


class ReauthenticateForm(allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)


class _CountedCode:
    """A one-time code: tries are counted per person, and none works twice."""

    user: User
    authenticator: Any
    fields: dict[str, forms.Field]

    def _style(self) -> None:
        self.fields["code"].widget.attrs = dict(_CODE_ATTRS)

    def clean_code(self) -> str:
        person = str(self.user.pk)
        if not limits.may_try(limits.CODE, person):
            raise get_adapter().validation_error("too_many_codes")
        code: str = super().clean_code()  # type: ignore[misc]
        self._use_up(code, person)
        limits.succeeded(limits.CODE, person)
        return code

    def _use_up(self, code: str, person: str) -> None:
        is_timed = self.authenticator.type == Authenticator.Type.TOTP
        if is_timed and not limits.is_first_use("".join(code.split()), person):
            raise get_mfa_adapter().validation_error("incorrect_code")


class AuthenticateForm(_CountedCode, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._style()


class ReauthenticateCodeForm(_CountedCode, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._style()


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code from the app"
        self.fields["code"].widget.attrs = {**_CODE_ATTRS, "inputmode": "numeric"}


class AddPasskeyForm(webauthn_forms.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey signs in by itself, so it always asks for a PIN, a finger or a face."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of this passkey"
        self.fields["passwordless"] = forms.BooleanField(
            widget=forms.CheckboxInput({"checked": True, "hidden": True}), required=False
        )


class NewEmailForm(forms.Form):
    """The address to sign in with from now on, and the password of the person who asks."""

    email = AddressField("New email", autocomplete="email")
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email == self.user.email:
            raise ValidationError("This is the address you sign in with now.")
        return email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password
