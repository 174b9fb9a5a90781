"""An upload never touches the disk unencrypted, and too large a one is refused in words."""

from __future__ import annotations

import tempfile
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import Client, RequestFactory

from tests.access.visitors import contact_of
from tests.cast import Cast
from tests.conftest import SignIn
from tests.database.stage import northwinds

MEGABYTE = 1024 * 1024


@pytest.fixture
def release_new(cast: Cast) -> str:
    """Where Alice uploads a signed request."""
    return f"/account/reports/{contact_of(northwinds(cast))}/mer_long_form/request/"


def of(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("request.pdf", b"%" * size, "application/pdf")


def test_a_large_upload_stays_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    request = RequestFactory().post("/", {"document": of(9 * MEGABYTE)})
    (upload,) = request.FILES.values()
    assert isinstance(upload, InMemoryUploadedFile) and upload.size == 9 * MEGABYTE
    assert list(tmp_path.iterdir()) == []


def test_over_the_forms_limit_is_said_at_the_field(
    cast: Cast, sign_in: SignIn, release_new: str
) -> None:
    sent = {"reason": "Needed.", "document": of(11 * MEGABYTE)}
    answer = sign_in(cast.alice).post(release_new, sent)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "at most 10 MB" in str(answer.context["form"].errors["document"])


def test_over_the_portals_limit_is_a_page_that_says_so(
    cast: Cast, sign_in: SignIn, release_new: str
) -> None:
    sent = {"reason": "Needed.", "document": of(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)}
    answer = sign_in(cast.alice).post(release_new, sent)
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "That is too large" in answer.content.decode()


def test_too_long_a_form_is_told_the_same(cast: Cast) -> None:
    sent = "login=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = Client().post("/sign-in/", sent, "application/x-www-form-urlencoded")
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
