"""Every setting Clearwork reads from its environment, in one place.

`docs/operations.md` has its table from here (reference.py); a wrong value stops the start
with the setting's name and a fix.
"""

from __future__ import annotations

import base64
import difflib
import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import (
    AliasChoices,
    BaseModel,
    Field,
    HttpUrl,
    IPvAnyNetwork,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from clearwork.employers.rules import ReportType

ROOT = Path(__file__).resolve().parents[2]
Port = Annotated[int, Field(ge=1, le=65535)]
_SECRET_CHARACTERS = 40  # 32 random bytes in base64 are 44
_KEY_BYTES = 32


class DrugScreenPortal(BaseModel):
    """A drug screen results portal, linked from the sign-in page."""

    name: str
    url: HttpUrl


class Environment(BaseSettings):
    """The environment's settings, typed. Names are prefixed `CLEARWORK_` unless noted."""

    model_config = SettingsConfigDict(env_prefix="CLEARWORK_", extra="ignore")

    database_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL"),
        description="DATABASE_URL (no prefix): the server to use, as the role clearwork_app. "
        "Empty: the embedded PostgreSQL in CLEARWORK_DATA.",
    )
    owner_database_url: str = Field(
        "", description="The same database as clearwork_owner, for migrations only."
    )
    database_pool: Annotated[int, Field(ge=1, le=200)] = Field(
        8, description="Connections each process may hold at once: 1 to 200."
    )
    data: Path = Field(
        ROOT / "var", description="The one folder that holds all data: database, documents, keys."
    )
    port: Port = Field(8000, description="The port of the web pages, on 127.0.0.1: 1 to 65535.")
    mllp_port: Port = Field(
        2575, description="The port of the HL7 listener, on 127.0.0.1: 1 to 65535."
    )
    mllp_max_bytes: Annotated[int, Field(ge=65536)] = Field(
        64 * 1024 * 1024, description="The largest HL7 message accepted, in bytes: at least 65536."
    )
    hl7_facility: str = Field(
        "DEMONET", description="The network's code, MSH-4 of the orders it sends."
    )
    clinic_port: Port = Field(
        2576, description="The port of the demo clinic's own listener: 1 to 65535."
    )
    mode: Literal["demo", "test", "production"] = Field(
        "demo",
        description="demo, test or production, which refuses demo accounts and generated keys.",
    )
    secret_key: str = Field(
        "",
        description="At least 40 random characters that sign cookies. Made and kept "
        "in CLEARWORK_DATA outside production.",
    )
    master_key: str = Field(
        "",
        description="32 bytes in base64 that wrap each document's key. Made and kept in "
        "CLEARWORK_DATA outside production.",
    )
    retired_master_keys: Annotated[list[str], NoDecode] = Field(
        [],
        description="Master keys of before, comma-separated: they only open what they sealed.",
    )
    hosts: Annotated[list[str], NoDecode] = Field(
        ["127.0.0.1", "localhost"], description="Host names the pages answer to, comma-separated."
    )
    trusted_proxies: Annotated[list[IPvAnyNetwork], NoDecode] = Field(
        [],
        description="Networks of the reverse proxies in front, comma-separated, such as "
        "127.0.0.1: what they add to X-Forwarded-For is believed. Empty: the header is not read.",
    )
    url: HttpUrl | None = Field(
        None,
        description="Where people reach the pages, such as https://portal.example.com: links in "
        "mails begin with it. Empty: http://localhost at CLEARWORK_PORT.",
    )
    email_url: str = Field(
        "",
        pattern=r"^(smtps?://[^\s/@]*(:[^\s/@]*)?@?[^\s/@:]+(:\d+)?/?)?$",
        description="smtp://user:password@host:587 (STARTTLS) or smtps://…:465, user and "
        "password percent-encoded. Empty: mails are files in CLEARWORK_DATA/mail.",
    )
    email_from: str = Field(
        "portal.support@example.com", description="The address mails come from."
    )
    bounce_address: str = Field(
        "",
        pattern=r"^([^\s@+]{1,15}@[^\s@]+)?$",
        description="The mailbox whose mail `manage.py receive_bounce` is given, such as "
        "bounces@portal.example.com, with anything after a + (see Mail). Empty: mail that cannot "
        "be delivered comes back to CLEARWORK_EMAIL_FROM, unread by the portal.",
    )
    sms_sender: str = Field(
        "",
        pattern=r"^(|off|file|console|[A-Za-z_]\w*(\.\w+)+)$",
        description="How text messages go out: off, file (CLEARWORK_DATA/texts), console (the "
        "worker's output), or the dotted path of a class of your own (see Text messages). "
        "Empty: file, but off in production.",
    )
    digest_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        7, description="The hour, in the network's time, of the daily mail of new results."
    )
    network_name: str = Field("Demo Occupational Health", description="The network's name.")
    support_phone: str = Field("1-555-0100", description="The customer support line.")
    support_hours: str = Field(
        "Monday through Friday, 7 a.m. to 6:30 p.m. Central time", description="Its hours."
    )
    privacy_phone: str = Field("1-555-0101", description="The HIPAA hotline.")
    account_phone: str = Field(
        "1-555-0104", description="The account managers' line, named in Help. Empty: none."
    )
    valid_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30, description="Days an authorization for a center holds, unless changed: 1 to 365."
    )
    telemed_valid_days: Annotated[int, Field(ge=1, le=365)] = Field(
        7, description="The same for Telemed."
    )
    telerehab_valid_days: Annotated[int, Field(ge=1, le=365)] = Field(
        60, description="The same for Telerehab."
    )
    reminder_days: Annotated[int, Field(ge=1, le=30)] = Field(
        3, description="Days before an authorization ends that its creator is reminded: 1 to 30."
    )
    api_requests_a_minute: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        600, description="Requests each API token may make a minute: 1 to 1,000,000."
    )
    telemed_app: str = Field(
        "Demo Telemed", description="Telemed's app in Google Play and the App Store. Empty: none."
    )
    telemed_website: str = Field(
        "telemed.example.com", description="Telemed's website. Empty: none."
    )
    telemed_phone: str = Field("1-555-0102", description="Telemed's phone. Empty: none.")
    telerehab_app: str = Field("Demo Telerehab", description="Telerehab's app. Empty: none.")
    telerehab_website: str = Field(
        "telerehab.example.com", description="Telerehab's website. Empty: none."
    )
    telerehab_phone: str = Field("1-555-0103", description="Telerehab's phone. Empty: none.")
    drug_screen_portals: list[DrugScreenPortal] = Field(
        [DrugScreenPortal(name="Example Lab results", url=HttpUrl("https://lab.example.com/"))],
        description='JSON list of {"name", "url"}: drug screen portals shown at sign-in.',
    )
    retention_years: dict[str, Annotated[int, Field(ge=1, le=100)]] = Field(
        {},
        description='JSON of {"report type": years}: how long a type of report is kept where that '
        "is longer than the law says. Help lists the types and the law.",
    )
    idle_minutes: Annotated[int, Field(ge=1, le=15)] = Field(
        15, description="Minutes without a request after which a person is signed out: 1 to 15."
    )
    absolute_hours: Annotated[int, Field(ge=1, le=12)] = Field(
        12, description="Hours after which a person signs in again whatever they do: 1 to 12."
    )

    demo_without_second_factor: bool | None = Field(
        None,
        description="Demo accounts may sign in without a second factor. Empty: yes, except in "
        "production, which refuses it.",
    )

    @field_validator("hosts", "trusted_proxies", "retired_master_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("url", "demo_without_second_factor", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        """A file of settings names one and leaves it empty."""
        return None if value == "" else value

    @field_validator("data", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if value == "":  # a path, too: of whatever folder the process was started in
            raise ValueError("it is empty")
        return value

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("email_url")
    @classmethod
    def _has_a_port(cls, value: str) -> str:
        if urlsplit(value).port == 0:  # above 65535, urlsplit() says so itself
            raise ValueError("Port out of range 0-65535")
        return value

    @field_validator("retention_years")
    @classmethod
    def _names_report_types(cls, value: dict[str, int]) -> dict[str, int]:
        """A slip in a name would have reports destroyed years before their time."""
        if strangers := sorted(set(value) - set(ReportType)):
            raise ValueError(f"there is no report type {strangers[0]!r}")
        return value

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _names_postgresql(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("it is no address of the form postgresql://role:password@host/name")
        try:
            conninfo_to_dict(value)
        except ProgrammingError:  # its text would repeat the address, which may hold a password
            raise ValueError("this postgresql:// address cannot be read") from None
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < _SECRET_CHARACTERS:
            raise ValueError(f"shorter than {_SECRET_CHARACTERS} random characters")
        return value

    @field_validator("master_key", "retired_master_keys")
    @classmethod
    def _is_a_key(cls, value: str | list[str]) -> str | list[str]:
        keys = [value] if isinstance(value, str) else value
        if not all(_is_key(key) for key in keys if key):
            raise ValueError("not 32 bytes in base64 (openssl rand -base64 32 makes one)")
        return value

    @property
    def address(self) -> str:
        """The pages' own address, without a slash at the end.

        localhost, not 127.0.0.1: a passkey belongs to a name (Web Authentication, 5.1.2).
        """
        return str(self.url or f"http://localhost:{self.port}").rstrip("/")


def _is_key(encoded: str) -> bool:
    try:
        return len(base64.b64decode(encoded, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def load() -> Environment:
    """Read the environment, or stop with one line per wrong setting."""
    problems = [_unknown(name) for name in os.environ if name.startswith("CLEARWORK_")]
    try:
        environment = Environment()
    except ValidationError as error:
        problems += [_explain(item["loc"], item["msg"]) for item in error.errors()]
    except SettingsError as error:  # a value that should be JSON and is not
        fields = [name for name in Environment.model_fields if f'"{name}"' in str(error)]
        problems += [_explain((name,), "this is not JSON") for name in fields]
    else:
        problems += _production_problems(environment)
    if found := [problem for problem in problems if problem]:
        raise SystemExit("\n".join(found))
    return environment


def sms_sender(environment: Environment) -> str:
    """What only writes messages down sends none in production unless an operator names it."""
    return environment.sms_sender or ("off" if environment.mode == "production" else "file")


def variable(field: str) -> str:
    return "DATABASE_URL" if field == "database_url" else f"CLEARWORK_{field.upper()}"


def _unknown(name: str) -> str:
    known = {
        variable(field).removeprefix("CLEARWORK_"): variable(field)
        for field in Environment.model_fields
    }
    if name in known.values():
        return ""
    near = difflib.get_close_matches(name.removeprefix("CLEARWORK_"), known, n=1)
    fix = (
        f"did you mean {known[near[0]]}?"
        if near
        else "remove it; docs/operations.md lists them all."
    )
    return f"{name}: no such setting: {fix}"


def _explain(location: tuple[int | str, ...], message: str) -> str:
    field = str(location[0]) if location else ""
    name = "database_url" if field == "DATABASE_URL" else field
    problem = message.removeprefix("Value error, ")
    return f"{variable(name)}: {problem}. Fix: {Environment.model_fields[name].description}"


def _production_problems(environment: Environment) -> list[str]:
    if environment.mode != "production":
        return []
    needed = (
        "secret_key",
        "master_key",
        "database_url",
        "url",
        "email_url",
        "trusted_proxies",
    )
    missing = [
        f"{variable(name)}: required when CLEARWORK_MODE=production. "
        f"Fix: {Environment.model_fields[name].description}"
        for name in needed
        if not getattr(environment, name)
    ]
    return [*missing, *_open_doors(environment)]


def _open_doors(environment: Environment) -> list[str]:
    """What is fine on one's own machine and never in production."""
    problems = []
    if environment.demo_without_second_factor:
        problems.append(
            "CLEARWORK_DEMO_WITHOUT_SECOND_FACTOR: refused when CLEARWORK_MODE=production. "
            "Fix: unset it; everybody has a second factor there."
        )
    if environment.url and environment.url.scheme != "https":
        problems.append(
            "CLEARWORK_URL: must begin with https:// when CLEARWORK_MODE=production. "
            f"Fix: {Environment.model_fields['url'].description}"
        )
    return problems
