"""Documents at rest: sealed, durable, bound to their names, without an address."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.test import override_settings

from clearwork.documents.crypto import OVERHEAD, SealBroken
from clearwork.documents.storage import (
    DurableFileStorage,
    EncryptedStorage,
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
        "OPTIONS": {"inner": "clearwork.documents.storage.DurableFileStorage"},
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
    return EncryptedStorage(inner=DurableFileStorage(location=tmp_path), master_key=KEY)


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_document_is_read_back_byte_for_byte(folder: Path) -> None:
    document = os.urandom(50_000)
    name = save_document("reports", document)
    assert re.fullmatch(r"reports/\d{4}/\d\d/[0-9a-f-]{36}\.pdf\.sealed", name)
    assert read_document(name) == document
    assert default_storage.size(name) == 50_000


def test_only_sealed_bytes_reach_the_disk(folder: Path) -> None:
    name = save_document("reports", b"Maria Gonzalez " * 100)
    stored = (folder / name).read_bytes()
    assert b"Maria" not in stored
    assert len(stored) == 1500 + OVERHEAD


def test_a_batch_keeps_its_order_and_leaves_no_drafts(folder: Path) -> None:
    documents = [bytes([n]) * 1000 for n in range(9)]
    names = save_documents([("a" if n % 2 else "b", data) for n, data in enumerate(documents)])
    assert [read_document(name) for name in names] == documents
    assert files(folder) == sorted(names)


def test_an_empty_batch_is_nothing_to_do(folder: Path) -> None:
    assert save_documents([]) == []
    assert not folder.exists()


def test_one_refused_document_stores_none_of_the_batch(folder: Path) -> None:
    with pytest.raises(SuspiciousFileOperation):
        save_documents([("reports", b"1"), ("../outside", b"2")])
    assert not folder.exists()


def test_a_deleted_document_is_gone_and_may_be_deleted_again(folder: Path) -> None:
    name = save_document("reports", b"x")
    delete_document(name)
    delete_document(name)
    with pytest.raises(FileNotFoundError):
        read_document(name)


def test_swapped_files_do_not_open(folder: Path) -> None:
    alice, bob = save_documents([("reports", b"for Alice"), ("reports", b"for Bob")])
    kept = folder / "kept"
    shutil.move(folder / alice, kept)
    shutil.move(folder / bob, folder / alice)
    shutil.move(kept, folder / bob)
    for name in (alice, bob):
        with pytest.raises(SealBroken, match="moved"):
            read_document(name)


def test_a_truncated_file_does_not_open(folder: Path) -> None:
    name = save_document("reports", b"x" * 5000)
    os.truncate(folder / name, 3000)
    with pytest.raises(SealBroken):
        read_document(name)


def test_another_master_key_does_not_open_it_and_a_retired_one_does(folder: Path) -> None:
    name = save_document("reports", b"result")
    inner = DurableFileStorage(location=folder)
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
        save_document("reports", b"x")


def test_plain_storage_is_refused_for_documents(folder: Path) -> None:
    plain = {**STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with override_settings(STORAGES=plain), pytest.raises(ImproperlyConfigured, match="Encrypted"):
        save_document("reports", b"x")


def test_documents_have_no_address_and_no_plain_path(sealed: EncryptedStorage) -> None:
    name = sealed.save("a.pdf", ContentFile(b"x"))
    with pytest.raises(NotImplementedError, match="no address"):
        sealed.url(name)
    with pytest.raises(NotImplementedError):
        sealed.path(name)


def test_a_taken_name_gets_another_and_both_open(sealed: EncryptedStorage) -> None:
    first, second = (sealed.save("a.pdf", ContentFile(data)) for data in (b"1", b"2"))
    assert first != second
    assert [sealed.open(name).read() for name in (first, second)] == [b"1", b"2"]


class RenamingStorage(InMemoryStorage):
    """A store that puts files under a name of its own, as one that cleans names does."""

    def _save(self, name: str, content: ContentFile[bytes]) -> str:
        saved: str = super()._save(name.lower(), content)  # type: ignore[misc]
        return saved


def test_where_the_inner_storage_picks_another_name_the_seal_follows() -> None:
    sealed = EncryptedStorage(RenamingStorage(), master_key=KEY)
    name = sealed.save("Report.PDF", ContentFile(b"result"))
    assert name == "report.pdf"
    assert sealed.open(name).read() == b"result"
    assert sealed.listdir("")[1] == ["report.pdf"]


def test_a_batch_works_on_any_inner_storage() -> None:
    sealed = EncryptedStorage("django.core.files.storage.InMemoryStorage", master_key=KEY)
    sealed.save_many([("a", b"1"), ("b", b"2")])
    assert [sealed.open(name).read() for name in ("a", "b")] == [b"1", b"2"]
    with pytest.raises(FileExistsError):
        sealed.save_many([("a", b"3")])


def test_documents_open_to_read_only(sealed: EncryptedStorage, tmp_path: Path) -> None:
    name = sealed.save("a.pdf", ContentFile(b"x"))
    for storage in (sealed, DurableFileStorage(location=tmp_path)):
        with pytest.raises(ValueError, match="save a new one"):
            storage.open(name, "wb")


def test_drafts_are_not_listed(tmp_path: Path) -> None:
    storage = DurableFileStorage(location=tmp_path)
    storage.save("a.pdf", ContentFile(b"x"))
    (tmp_path / ".b.pdf.1.draft").write_bytes(b"part")
    assert storage.listdir("") == ([], ["a.pdf"])


def test_the_storage_deconstructs_for_migrations_without_its_key() -> None:
    storage = EncryptedStorage(inner="clearwork.documents.storage.DurableFileStorage")
    path, arguments, options = storage.deconstruct()  # type: ignore[attr-defined]
    assert path == "clearwork.documents.storage.EncryptedStorage"
    assert (arguments, options) == ((), {"inner": STORAGES["default"]["OPTIONS"]["inner"]})  # type: ignore[index]


def test_many_threads_store_and_read_at_once(folder: Path) -> None:
    def intake(sender: int) -> bool:
        documents = [os.urandom(2000) for _ in range(3)]
        names = save_documents([(f"reports/{sender % 3}", data) for data in documents])
        return [read_document(name) for name in names] == documents

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(intake, range(40)))
    assert len(files(folder)) == 120


def test_a_forked_process_stores_batches_too(folder: Path) -> None:
    save_documents([("reports", b"1"), ("reports", b"2")])  # the parent's threads exist now
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that threads exist is the point
        child = os.fork()
    if child == 0:
        signal.alarm(20)
        save_documents([("reports", b"3"), ("reports", b"4")])
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert len(files(folder)) == 4
