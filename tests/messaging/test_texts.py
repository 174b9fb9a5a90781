"""Text messages go out by the sender the network names; a wrong name stops the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from clearwork.config import env
from clearwork.messaging import texts
from clearwork.messaging.mail import send_once
from clearwork.messaging.texts import Text
from tests.config.test_env import PRODUCTION, load, refusal

SENT: list[tuple[str, str]] = []


class Carrier:
    """A network's own sender."""

    def send(self, to: str, words: str) -> None:
        SENT.append((to, words))


def test_by_default_messages_are_files_beside_the_mails(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    settings.SMS_SENDER = "file"
    Text("+12145550100", "Your pass:", "/pass/x/").send()
    Text("+12145550100", "Again").send()
    files = sorted((tmp_path / "texts").iterdir())
    assert len(files) == 2
    said = "".join(file.read_text() for file in files)
    assert f"Your pass: {settings.ENVIRONMENT.address}/pass/x/" in said
    assert "To: +12145550100" in said


def test_the_console_shows_them(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SMS_SENDER = "console"
    Text("+12145550100", "Your pass").send()
    assert "+12145550100: Your pass" in capsys.readouterr().out


def test_a_networks_own_sender_is_named_by_its_path(settings: Any, db: None) -> None:
    settings.SMS_SENDER = f"{__name__}.Carrier"
    SENT.clear()
    assert send_once(7, Text("+12145550100", "Your pass"))
    assert not send_once(7, Text("+12145550100", "Your pass")), "once"
    assert SENT == [("+12145550100", "Your pass")]


def test_a_sender_that_is_not_there_stops_the_start(settings: Any) -> None:
    settings.SMS_SENDER = "clearwork.nowhere.Carrier"
    with pytest.raises(SystemExit, match=r"^CLEARWORK_SMS_SENDER: .*nowhere.* Fix: .*$"):
        apps.get_app_config("messaging").ready()
    settings.SMS_SENDER = "off"
    apps.get_app_config("messaging").ready()
    assert not texts.can_text()


@pytest.mark.parametrize("value", ["Carrier", "file,console", "a b.C", "../x.y", "a..b"])
def test_a_name_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    (problem,) = refusal(monkeypatch, CLEARWORK_SMS_SENDER=value)
    assert problem.startswith("CLEARWORK_SMS_SENDER")


def test_production_writes_no_message_down_unless_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, **PRODUCTION).sms_sender == ""
    named = load(monkeypatch, **PRODUCTION, CLEARWORK_SMS_SENDER="console")
    assert env.sms_sender(named) == "console"
    named = named.model_copy(update={"sms_sender": ""})
    assert env.sms_sender(named) == "off"
    assert env.sms_sender(named.model_copy(update={"mode": "demo"})) == "file"
