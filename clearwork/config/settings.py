"""Django's settings. What an operator may change is in env.py; the rest is design."""

from __future__ import annotations

from typing import Any

import dj_database_url
from django.utils.csp import CSP

from clearwork.config import env, mail, secrets
from clearwork.database import address

ENVIRONMENT = env.load()
ROOT = env.ROOT
DATA = ENVIRONMENT.data
PRODUCTION = ENVIRONMENT.mode == "production"

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key or secrets.kept(DATA, "secret")
MASTER_KEY = ENVIRONMENT.master_key or secrets.kept(DATA, "master")
RETIRED_MASTER_KEYS = ENVIRONMENT.retired_master_keys
ALLOWED_HOSTS = ENVIRONMENT.hosts
ROOT_URLCONF = "clearwork.config.urls"
WSGI_APPLICATION = "clearwork.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "clearwork.ui",  # first: its templates stand in for allauth's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "procrastinate.contrib.django",
    "clearwork.database",
    "clearwork.audit",
    "clearwork.privacy",
    "clearwork.employers",
    "clearwork.accounts",
    "clearwork.access",
    "clearwork.company",
    "clearwork.messaging",
    "clearwork.support",
    "clearwork.centers",
    "clearwork.people",
    "clearwork.authorizations",
    "clearwork.bulk",
    "clearwork.passes",
    "clearwork.visits",
    "clearwork.results",
    "clearwork.exports",
    "clearwork.exchange",
    "clearwork.help",
    "clearwork.home",
    "clearwork.roster",
    "clearwork.api",
    "clearwork.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clearwork.ui.middleware.KeptNowhere",
    "clearwork.access.middleware.OneTransaction",
    "clearwork.api.middleware.TokensAlone",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clearwork.accounts.middleware.SessionLimits",
    "clearwork.access.middleware.WhoIsAsking",
    "clearwork.accounts.middleware.SecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clearwork.ui.context.network",
                "clearwork.exports.waiting.over",
            ],
        },
    },
    {
        "NAME": "jinja",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "clearwork.ui.jinja.environment"},
    },
]
FORM_RENDERER = "clearwork.ui.renderer.FormRenderer"


def _database(url: str, role: str) -> dict[str, Any]:
    configured: Any = dj_database_url.parse(url or address.url(DATA, role))
    return {**configured, "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 0}


_pool = {"min_size": 1, "max_size": ENVIRONMENT.database_pool, "timeout": 10}
DATABASES: dict[str, Any] = {
    "default": _database(ENVIRONMENT.database_url, "clearwork_app"),
    "owner": _database(ENVIRONMENT.owner_database_url, "clearwork_owner"),
}
# A server that is gone without a word, as after a power cut, is noticed within half a minute: left
# to the system, what waits for its answer waits a quarter of an hour, or two hours.
_NOTICING = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
_given = {**_NOTICING, **DATABASES["default"].get("OPTIONS", {})}
# Only what runs through database.fast is prepared; Django's own cursors never are.
DATABASES["default"]["OPTIONS"] = {
    **_given,
    "pool": _pool,
    "prepare_threshold": 5,
    # Pages ask for few rows: starting workers or a compiler takes longer than finding them.
    # Prepared are those that find rows by a key: planning them anew each time costs more, too.
    "options": f"{_given.get('options', '')} -c max_parallel_workers_per_gather=0 -c jit=off"
    " -c plan_cache_mode=force_generic_plan",
}
DATABASE_ROUTERS = ["clearwork.database.router.OneDatabase"]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["clearwork.accounts.sessions.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "clearwork.accounts.passwords.LengthBySecondFactor"},
    {"NAME": "clearwork.accounts.passwords.NotCommon"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "clearwork.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "clearwork.accounts.security_actions.ResetTokens"  # noqa: S105 - a class
ACCOUNT_FORMS = {
    "login": "clearwork.accounts.forms.LoginForm",
    "reset_password": "clearwork.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "clearwork.accounts.forms.ResetPasswordKeyForm",
    "user_token": "clearwork.accounts.forms.UserTokenForm",
    "change_password": "clearwork.accounts.forms.ChangePasswordForm",
    "reauthenticate": "clearwork.accounts.forms.ReauthenticateForm",
}
# allauth counts in the cache, which each process has of its own and a restart empties.
# accounts/limits.py counts in the database instead; nothing else uses the cache.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
PASSWORD_RESET_TIMEOUT = 600
MFA_ADAPTER = "clearwork.accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "clearwork.accounts.forms.AuthenticateForm",
    "reauthenticate": "clearwork.accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "clearwork.accounts.forms.ActivateTOTPForm",
    "add_webauthn": "clearwork.accounts.forms.AddPasskeyForm",
}
USERSESSIONS_ADAPTER = "clearwork.accounts.adapter.UserSessionsAdapter"
_without = ENVIRONMENT.demo_without_second_factor
DEMO_WITHOUT_SECOND_FACTOR = not PRODUCTION if _without is None else _without

IDLE_SECONDS = ENVIRONMENT.idle_minutes * 60
ABSOLUTE_SECONDS = ENVIRONMENT.absolute_hours * 3600
SESSION_ENGINE = "clearwork.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# What a page says once goes with the session. A cookie of its own would keep it, names and all,
# for whoever signs in at this browser next.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# Browsers take a cookie so named from this very host alone, not from another of its domain.
_of_host = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_of_host}sessionid", f"{_of_host}csrftoken"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_TZ = True
DATE_FORMAT = "M j, Y"
DATETIME_FORMAT = "M j, Y, g:i A"

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [
    ("tabler", ROOT / "node_modules/@tabler/core/dist/css"),
    ("inter", ROOT / "node_modules/@fontsource-variable/inter"),
]
STATICFILES_FINDERS = [
    "clearwork.ui.staticfiles.ServedFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_ROOT = DATA / "documents"
STORAGES = {
    "default": {
        "BACKEND": "clearwork.documents.storage.EncryptedStorage",
        "OPTIONS": {
            "inner": "clearwork.documents.storage.PackStorage",
            "retired_master_keys": RETIRED_MASTER_KEYS,
        },
    },
    "staticfiles": {"BACKEND": "clearwork.ui.staticfiles.StaticFilesStorage"},
}
# HSTS for subdomains and preloading are the whole domain's decision, not this site's.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_100  # as many as may be selected at once, and some
# Above the forms' own limits of 10 MB a file, which tell more at the field.
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["clearwork.documents.uploads.InMemoryAlone"]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["clearwork.accounts.security_jobs"]
MAILERS = {"default": mail.mailer(ENVIRONMENT.email_url, DATA)}
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
SMS_SENDER = env.sms_sender(ENVIRONMENT)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "clearwork.config.logs.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
