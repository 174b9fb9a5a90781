"""A wrong setting stops the start with its name and a fix, and never shows a secret."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe

import pytest

from clearwork.config import env

KEY = base64.b64encode(bytes(32)).decode()
PRODUCTION = {
    "CLEARWORK_MODE": "production",
    "CLEARWORK_SECRET_KEY": "s" * 44,
    "CLEARWORK_MASTER_KEY": KEY,
    "DATABASE_URL": "postgresql://clearwork_app@db/clearwork",
    "CLEARWORK_URL": "https://portal.example.com",
    "CLEARWORK_EMAIL_URL": "smtps://portal:secret@mail.example.com",
    "CLEARWORK_TRUSTED_PROXIES": "127.0.0.1",
}


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> env.Environment:
    for name in ("CLEARWORK_MODE", "CLEARWORK_DATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return env.load()


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(SystemExit) as stopped:
        load(monkeypatch, **variables)
    return str(stopped.value).splitlines()


def test_nothing_needs_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = load(monkeypatch)
    assert (environment.mode, environment.port) == ("demo", 8000)
    assert environment.data == env.ROOT / "var"


def test_every_setting_says_what_it_is() -> None:
    for name, field in env.Environment.model_fields.items():
        assert field.description and field.description.endswith("."), name


WRONG = {
    "CLEARWORK_PORT": ["0", "65536", "http", "", "-1", "80.5"],
    "CLEARWORK_MLLP_PORT": ["0", "x"],
    "CLEARWORK_CLINIC_PORT": ["99999999999999999999"],
    "CLEARWORK_MLLP_MAX_BYTES": ["1", "64MB"],
    "CLEARWORK_DATABASE_POOL": ["0", "201", "many"],
    "CLEARWORK_MODE": ["prod", "Production", ""],
    "CLEARWORK_IDLE_MINUTES": ["0", "16", "15 min"],
    "CLEARWORK_ABSOLUTE_HOURS": ["0", "13"],
    "CLEARWORK_MASTER_KEY": ["short", "é" * 44, KEY[:-1], KEY + "AAAA", "A" * 44],
    "CLEARWORK_RETIRED_MASTER_KEYS": ["short", f"{KEY},A"],
    "CLEARWORK_SECRET_KEY": ["too short"],
    "CLEARWORK_TRUSTED_PROXIES": ["proxy.example.com", "127.0.0.1/33", "127.0.0.1;10.0.0.1"],
    "CLEARWORK_DRUG_SCREEN_PORTALS": [
        "https://lab.example.com/",
        '{"name": "Lab"}',
        '[{"name": "Lab"}]',
        '[{"name": "Lab", "url": "javascript:alert(1)"}]',
    ],
    "DATABASE_URL": ["sqlite:///x", "db.example.com", "postgresql://[x/y", "mysql://h/d"],
    "CLEARWORK_OWNER_DATABASE_URL": ["db"],
    "CLEARWORK_DATA": [""],
    "CLEARWORK_EMAIL_URL": ["mail.example.com", "smtp://mail.example.com:99999"],
    "CLEARWORK_RETENTION_YEARS": ["", "30", '{"audiogram": 0}', '{"audiogramm": 40}'],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_setting_gives_its_name_and_a_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (line,) = refusal(monkeypatch, **{name: value})
    field = "database_url" if name == "DATABASE_URL" else name.removeprefix("CLEARWORK_").lower()
    assert line.startswith(f"{name}: ")
    assert line.endswith(f". Fix: {env.Environment.model_fields[field].description}")
    assert "Value error" not in line


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = refusal(monkeypatch, CLEARWORK_PORT="x", CLEARWORK_MLLP_PORT="y", CLEARWORK_PROT="1")
    assert sorted(line.split(":")[0] for line in lines) == [
        "CLEARWORK_MLLP_PORT",
        "CLEARWORK_PORT",
        "CLEARWORK_PROT",
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("CLEARWORK_PROT", "CLEARWORK_PORT"),
        ("CLEARWORK_HOST", "CLEARWORK_HOSTS"),
        ("CLEARWORK_DATABASE_URL", "DATABASE_URL"),
        ("CLEARWORK_MASTERKEY", "CLEARWORK_MASTER_KEY"),
    ],
)
def test_an_unknown_setting_suggests_the_right_one(
    monkeypatch: pytest.MonkeyPatch, typed: str, meant: str
) -> None:
    assert refusal(monkeypatch, **{typed: "1"}) == [
        f"{typed}: no such setting: did you mean {meant}?"
    ]


def test_one_like_no_other_is_to_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = refusal(monkeypatch, CLEARWORK_XYZZY="1")
    assert line == (
        "CLEARWORK_XYZZY: no such setting: remove it; docs/operations.md lists them all."
    )


def test_production_is_complete_with_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **PRODUCTION).mode == "production"


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "CLEARWORK_MODE"])
def test_production_makes_up_no_key(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    (line,) = refusal(monkeypatch, **given)
    assert line.startswith(f"{missing}: required when CLEARWORK_MODE=production. Fix: ")


@pytest.mark.parametrize(
    "name",
    [
        "CLEARWORK_SECRET_KEY",
        "CLEARWORK_MASTER_KEY",
        "CLEARWORK_RETIRED_MASTER_KEYS",
        "DATABASE_URL",
        "CLEARWORK_PORT",
        "CLEARWORK_EMAIL_URL",
    ],
)
def test_a_refusal_repeats_no_value(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert "hunter2" not in "".join(refusal(monkeypatch, **{name: "postgres:/hunter2 @[%"}))


def test_a_setting_may_be_named_and_left_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = dict.fromkeys(("CLEARWORK_URL", "CLEARWORK_DEMO_WITHOUT_SECOND_FACTOR"), "")
    environment = load(monkeypatch, **empty)
    assert environment.address == "http://localhost:8000"
    assert environment.demo_without_second_factor is None


def test_hosts_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = load(monkeypatch, CLEARWORK_HOSTS=" a.example , b.example,").hosts
    assert hosts == ["a.example", "b.example"]


def test_a_relative_folder_is_the_same_wherever_a_process_goes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(monkeypatch, CLEARWORK_DATA="data").data == tmp_path / "data"


def test_production_is_as_django_advises_for_a_deployment(tmp_path: Path) -> None:
    own = {**PRODUCTION, "CLEARWORK_DATA": str(tmp_path), "CLEARWORK_SECRET_KEY": token_urlsafe(50)}
    asked = (
        "import django; django.setup(); from django.conf import settings;"
        "from django.core.management import call_command;"
        "call_command('check', deploy=True, fail_level='WARNING');"
        "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", asked],
        cwd=env.ROOT,
        env={"DJANGO_SETTINGS_MODULE": "clearwork.config.settings", **own},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "__Host-sessionid __Host-csrftoken"
