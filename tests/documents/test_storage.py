"""Documents at rest: sealed, durable, bound to their names, without an address."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings

from clearwork.documents.crypto import SealBroken
from clearwork.documents.packs import Place
from clearwork.documents.storage import (
    EncryptedStorage,
    PackStorage,
    delete_document,
    read_document,
    save_document,
    save_documents,
)

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(1, 33))).decode()
STORAGES = {
    "default": {
        "BACKEND": "clearwork.documents.storage.EncryptedStorage",
        "OPTIONS": {"inner": "clearwork.documents.storage.PackStorage"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "documents"
    with override_settings(STORAGES=STORAGES, MASTER_KEY=KEY, MEDIA_ROOT=str(root)):
        yield root


@pytest.fixture
def sealed(tmp_path: Path) -> EncryptedStorage:
    return EncryptedStorage(inner=PackStorage(location=tmp_path), master_key=KEY)


def packed(folder: Path) -> bytes:
    """All that lies on the disk."""
    return b"".join(pack.read_bytes() for pack in folder.rglob("*.pack"))


def test_a_document_is_read_back_byte_for_byte(folder: Path) -> None:
    document = os.urandom(50_000)
    name = save_document(document)
    assert re.fullmatch(r"\d{4}/\d\d/[0-9a-f-]{36}/0-\d+", name)
    assert read_document(name) == document
    assert default_storage.size(name) == 50_000
    assert default_storage.exists(name)


def test_only_sealed_bytes_reach_the_disk(folder: Path) -> None:
    save_document(b"Maria Gonzalez " * 100)
    assert b"CWSD" in packed(folder) and b"Maria" not in packed(folder)


def test_a_batch_keeps_its_order(folder: Path) -> None:
    documents = [bytes([n]) * 1000 for n in range(9)]
    names = save_documents(documents)
    assert [read_document(name) for name in names] == documents


def test_an_empty_batch_is_nothing_to_do(folder: Path) -> None:
    assert save_documents([]) == []
    assert not folder.exists()


def test_a_name_that_no_document_ever_had_is_a_missing_file(folder: Path) -> None:
    for name in ("../../etc/passwd", "a.pdf", "2026/11/0192f5f0-0000-7000-8000-000000000000/0-9"):
        with pytest.raises(FileNotFoundError):
            read_document(name)
    assert not default_storage.exists("2026/11/0192f5f0-0000-7000-8000-000000000000/0-9")


def test_a_deleted_document_is_gone_and_may_be_deleted_again(folder: Path) -> None:
    name = save_document(b"x")
    delete_document(name)
    delete_document(name)
    with pytest.raises(FileNotFoundError):
        read_document(name)


def test_swapped_documents_do_not_open(folder: Path) -> None:
    places = [Place.read(save_document(data)) for data in (b"for Alice", b"for Bobby")]
    (pack,) = folder.rglob("*.pack")
    content = bytearray(pack.read_bytes())
    alice, bob = (slice(p.offset, p.offset + p.size) for p in places if p)
    content[alice], content[bob] = content[bob], content[alice]
    pack.write_bytes(content)
    for place in places:
        with pytest.raises(SealBroken, match="moved"):
            read_document(str(place))


def test_a_truncated_pack_does_not_open(folder: Path) -> None:
    name = save_document(b"x" * 5000)
    (pack,) = folder.rglob("*.pack")
    os.truncate(pack, 3000)
    with pytest.raises(SealBroken):
        read_document(name)


def test_another_master_key_does_not_open_it_and_a_retired_one_does(folder: Path) -> None:
    name = save_document(b"result")
    inner = PackStorage(location=folder)
    with pytest.raises(SealBroken, match="master key"):
        EncryptedStorage(inner, master_key=OTHER_KEY).open(name)
    rotated = EncryptedStorage(inner, master_key=OTHER_KEY, retired_master_keys=[KEY])
    assert rotated.open(name).read() == b"result"


@pytest.mark.parametrize("key", ["", "short", "not base64!", base64.b64encode(b"x" * 31).decode()])
def test_a_wrong_master_key_setting_is_named_with_its_fix(folder: Path, key: str) -> None:
    with (
        override_settings(MASTER_KEY=key),
        pytest.raises(ImproperlyConfigured, match=r"MASTER_KEY must be 32 .* openssl rand"),
    ):
        save_document(b"x")


def test_plain_storage_is_refused_for_documents(folder: Path) -> None:
    plain = {**STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with override_settings(STORAGES=plain), pytest.raises(ImproperlyConfigured, match="Encrypted"):
        save_document(b"x")


def test_documents_have_no_address_and_no_plain_path(sealed: EncryptedStorage) -> None:
    name = sealed.save("a.pdf", ContentFile(b"x"))
    with pytest.raises(NotImplementedError, match="no address"):
        sealed.url(name)
    with pytest.raises(NotImplementedError):
        sealed.path(name)


def test_two_files_saved_under_one_name_get_each_their_own(sealed: EncryptedStorage) -> None:
    first, second = (sealed.save("a.pdf", ContentFile(data)) for data in (b"1", b"2"))
    assert first != second
    assert [sealed.open(name).read() for name in (first, second)] == [b"1", b"2"]


def test_a_batch_works_on_any_inner_storage() -> None:
    sealed = EncryptedStorage("django.core.files.storage.InMemoryStorage", master_key=KEY)
    sealed.save_many([("a", b"1"), ("b", b"2")])
    assert [sealed.open(name).read() for name in ("a", "b")] == [b"1", b"2"]
    with pytest.raises(FileExistsError):
        sealed.save_many([("a", b"3")])


def test_documents_open_to_read_only(sealed: EncryptedStorage, tmp_path: Path) -> None:
    name = sealed.save("a.pdf", ContentFile(b"x"))
    for storage in (sealed, PackStorage(location=tmp_path)):
        with pytest.raises(ValueError, match="save a new one"):
            storage.open(name, "wb")


def test_the_storage_deconstructs_for_migrations_without_its_key() -> None:
    storage = EncryptedStorage(inner="clearwork.documents.storage.PackStorage")
    path, arguments, options = storage.deconstruct()  # type: ignore[attr-defined]
    assert path == "clearwork.documents.storage.EncryptedStorage"
    assert (arguments, options) == ((), {"inner": STORAGES["default"]["OPTIONS"]["inner"]})  # type: ignore[index]


def test_many_threads_store_and_read_at_once(folder: Path) -> None:
    def intake(_: int) -> bool:
        documents = [os.urandom(2000) for _ in range(3)]
        return [read_document(name) for name in save_documents(documents)] == documents

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(intake, range(40)))
