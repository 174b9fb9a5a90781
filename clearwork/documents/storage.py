"""Django storages for documents, and the functions the rest of Clearwork uses.

Documents are sealed (see crypto.py) before they reach the inner storage, so a local
folder, a network share or an S3 bucket holds nothing that can be read without the
master key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.utils.deconstruct import deconstructible
from django.utils.module_loading import import_string

from clearwork.documents import crypto
from clearwork.documents.packs import Packs, Place
from clearwork.foundation import clock, ids


@runtime_checkable
class RoomyStorage(Protocol):
    """A storage that knows a file's name before it is written, and writes many together."""

    def reserve(self, size: int) -> str:
        """The name under which `size` bytes are to be saved."""

    def save_many(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Save all of `files`, (reserved name, content), or raise OSError."""

    def read(self, name: str) -> bytes:
        """All of the file, without the ceremony of open()."""


@deconstructible(path="clearwork.documents.storage.PackStorage")
class PackStorage(Storage):
    """Documents in local pack files (see packs.py), readable by this user alone."""

    def __init__(self, location: str | Path | None = None) -> None:
        self._packs = Packs(Path(settings.MEDIA_ROOT if location is None else location))

    def reserve(self, size: int) -> str:
        """The name under which `size` bytes are to be saved."""
        return str(self._packs.reserve(size))

    def save_many(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Save all of `files`, (reserved name, content), or raise OSError."""
        self._packs.write([(_place(name), content) for name, content in files])

    def read(self, name: str) -> bytes:
        """All of the document. FileNotFoundError where there is none."""
        return self._packs.read(_place(name))

    def size(self, name: str) -> int:
        return _place(name).size

    def exists(self, name: str) -> bool:
        try:
            return bool(self._packs.read(_place(name)))
        except FileNotFoundError:
            return False

    def delete(self, name: str) -> None:
        self._packs.destroy(_place(name))

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        _read_only(mode)
        return ContentFile(self.read(name), name=name)

    def _save(self, name: str, content: File[Any]) -> str:
        data = b"".join(content.chunks())
        reserved = self.reserve(len(data))
        self.save_many([(reserved, data)])
        return reserved


@deconstructible(path="clearwork.documents.storage.EncryptedStorage")
class EncryptedStorage(Storage):
    """Seals every file before `inner` sees it. Files have no address: `url` raises.

    `inner` is a storage or the dotted path of its class, made with `inner_options`.
    Keys are base64 of 32 bytes. `master_key` (settings.MASTER_KEY if not given) seals
    and opens; `retired_master_keys` only open.
    """

    def __init__(
        self,
        inner: str | Storage = "clearwork.documents.storage.PackStorage",
        inner_options: Mapping[str, Any] | None = None,
        master_key: str | None = None,
        retired_master_keys: Sequence[str] = (),
    ) -> None:
        made = import_string(inner)(**(inner_options or {})) if isinstance(inner, str) else inner
        self._inner: Storage = made
        self._roomy = made if isinstance(made, RoomyStorage) else None
        self._master_key = master_key
        self._retired_master_keys = tuple(retired_master_keys)

    def reserve(self, size: int) -> str:
        """The name under which `size` plain bytes are to be saved."""
        if self._roomy:
            return self._roomy.reserve(size + crypto.OVERHEAD)
        return f"{clock.now():%Y/%m}/{ids.uuid7()}.pdf.sealed"

    def save_many(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Save all of `files`, (reserved name, plain content). FileExistsError: a name is taken."""
        sealed = [(name, self._seal(name, plain)) for name, plain in files]
        if self._roomy:
            self._roomy.save_many(sealed)
            return
        for name, content in sealed:
            if self._inner.save(name, ContentFile(content)) != name:
                raise FileExistsError(f"{name} is taken.")

    def size(self, name: str) -> int:
        return self._inner.size(name) - crypto.OVERHEAD

    def exists(self, name: str) -> bool:
        return self._inner.exists(name)

    def delete(self, name: str) -> None:
        self._inner.delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self._inner.listdir(path)

    def url(self, name: str | None) -> str:
        raise NotImplementedError("Documents have no address: a view decides who may read one.")

    def get_accessed_time(self, name: str) -> datetime:
        return self._inner.get_accessed_time(name)

    def get_created_time(self, name: str) -> datetime:
        return self._inner.get_created_time(name)

    def get_modified_time(self, name: str) -> datetime:
        return self._inner.get_modified_time(name)

    def read(self, name: str) -> bytes:
        """All of the plain file. Raises FileNotFoundError, or crypto.SealBroken."""
        masters = [_key(encoded) for encoded in (self._current_key, *self._retired_master_keys)]
        return crypto.open_sealed(self._sealed(name), masters=masters, name=name)

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        _read_only(mode)
        return ContentFile(self.read(name), name=name)

    def _sealed(self, name: str) -> bytes:
        if self._roomy:
            return self._roomy.read(name)
        with self._inner.open(name, "rb") as file:
            sealed: bytes = file.read()
        return sealed

    def _save(self, name: str, content: File[Any]) -> str:
        plain = b"".join(content.chunks())
        reserved = self.reserve(len(plain))
        self.save_many([(reserved, plain)])
        return reserved

    def _seal(self, name: str, plain: bytes) -> bytes:
        return crypto.seal(plain, master=_key(self._current_key), name=name)

    @property
    def _current_key(self) -> str:
        return settings.MASTER_KEY if self._master_key is None else self._master_key


def save_document(data: bytes) -> str:
    """Store `data` durably under a new name, and return the name."""
    return save_documents([data])[0]


def save_documents(documents: Sequence[bytes]) -> list[str]:
    """Store all of `documents` durably, or raise; their new names in order."""
    storage = _documents()
    names = [storage.reserve(len(data)) for data in documents]
    if names:
        storage.save_many(list(zip(names, documents, strict=True)))
    return names


def reserve_document(size: int) -> str:
    """A name for `size` bytes, to be noted before save_reserved() stores them under it."""
    return _documents().reserve(size)


def save_reserved(name: str, data: bytes) -> None:
    """Store `data` durably under the name that was reserved for its size."""
    _documents().save_many([(name, data)])


def read_document(name: str) -> bytes:
    """The document as it was stored, byte for byte.

    Raises FileNotFoundError, or crypto.SealBroken where it was damaged or moved.
    """
    return _documents().read(name)


def delete_document(name: str) -> None:
    """Remove the document if it is there."""
    _documents().delete(name)


def _documents() -> EncryptedStorage:
    storage = storages["default"]
    if not isinstance(storage, EncryptedStorage):
        raise ImproperlyConfigured("STORAGES['default'] must be EncryptedStorage.")
    return storage


def _place(name: str) -> Place:
    if (place := Place.read(name)) is None:
        raise FileNotFoundError(f"No document has such a name: {name}")
    return place


def _read_only(mode: str) -> None:
    if mode != "rb":
        raise ValueError("Documents are opened to read; to change one, save a new one.")


@lru_cache(maxsize=16)
def _key(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != crypto.KEY_BYTES:
        raise ImproperlyConfigured(
            f"MASTER_KEY must be {crypto.KEY_BYTES} random bytes in base64. "
            "Make one with: openssl rand -base64 32"
        )
    return key
