"""Sign-in and one's own security. allauth's names, our paths, and only what is needed.

Under sign-in/ anyone may come; under security/ whoever is signed in, for themselves.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.generic import RedirectView

from clearwork.accounts import security_views as own

# What people know by heart, and what older letters to them say.
_BY_HEART = RedirectView.as_view(
    pattern_name="account_login", query_string=True, http_method_names=["get", "head"]
)
urlpatterns = [
    path("login/", _BY_HEART, name="login"),
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/second-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/forgot/", account.password_reset, name="account_reset_password"),
    path("sign-in/forgot/sent/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "sign-in/reset/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "sign-in/reset/<str:uidb36>/<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "sign-in/new-email/<uuid:pk>/<str:token>/", own.confirm_new_email, name="confirm_new_email"
    ),
    path("sign-out/", account.logout, name="account_logout"),
    path("security/", own.index, name="mfa_index"),
    path("security/session/", own.session_left, name="session_left"),
    path("security/password/", own.change_password, name="account_change_password"),
    path("security/email/", own.change_email, name="change_email"),
    path("security/sessions/", own.list_sessions, name="usersessions_list"),
    path("security/sessions/<int:number>/end/", own.end_session, name="end_session"),
    path("security/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("security/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "security/confirm/passkey/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("security/app/", own.activate_totp, name="mfa_activate_totp"),
    path("security/app/remove/", own.deactivate_totp, name="mfa_deactivate_totp"),
    path("security/passkeys/add/", own.add_passkey, name="mfa_add_webauthn"),
    path("security/passkeys/<int:number>/", own.edit_passkey, name="mfa_edit_webauthn"),
    path("security/passkeys/<int:number>/remove/", own.remove_passkey, name="mfa_remove_webauthn"),
    path("security/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("security/codes/new/", own.generate_codes, name="mfa_generate_recovery_codes"),
]
