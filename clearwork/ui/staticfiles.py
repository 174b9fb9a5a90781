"""Which third-party files are served, and how static files are named.

npm packages bring thousands of files and some megabytes; a page uses eight. Only
the files named in `SERVED` are found, collected and compressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SUBSETS = ("cyrillic-ext", "cyrillic", "greek-ext", "greek", "vietnamese", "latin-ext", "latin")
SERVED = frozenset(
    [
        "tabler/tabler.min.css",
        "inter/wght.css",
        *(f"inter/files/inter-{subset}-wght-normal.woff2" for subset in SUBSETS),
    ]
)


class ServedFilesFinder(FileSystemFinder):
    """Finds only the files of STATICFILES_DIRS that are named in `SERVED`."""

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        """Return the absolute path of a served file (`path` includes its prefix), or None."""
        return super().find_location(root, path, prefix) if path in SERVED else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield (path below its folder, storage) of each served file."""
        for path, storage in super().list(ignore_patterns):
            prefix = getattr(storage, "prefix", "")
            if f"{prefix}/{path}" in SERVED:
                yield path, storage


def _without_source_maps(patterns: Any) -> Any:
    return tuple(
        (extension, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for extension, rules in patterns
    )


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names and gzip; source maps are not served, so their references stay as they are."""

    patterns = _without_source_maps(HashedFilesMixin.patterns)
