"""Idempotency-Key: what was made once is not made again, and is answered alike.

After the IETF's draft-ietf-httpapi-idempotency-key-header. The first request's row holds off
a second one with the same key until the first has ended; only what was made is remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clearwork.access.decide import Viewer
from clearwork.api.models import KeptAnswer
from clearwork.api.problems import Problem, beside
from clearwork.api.rules import KEEP_ANSWERS
from clearwork.database import fast
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7

HEADER = "Idempotency-Key"
_JSON = "application/json"
_TAKE = """
    INSERT INTO api_keptanswer AS kept
        (id, employer_id, token_id, key, digest, made_at, status, location, content)
    VALUES (%s, %s, %s, %s, %s, %s, 0, '', '')
    ON CONFLICT (employer_id, token_id, key) DO UPDATE
        SET digest = excluded.digest, made_at = excluded.made_at, status = 0
        WHERE kept.made_at <= %s
    RETURNING id
"""


def once(
    request: HttpRequest, viewer: Viewer, key: str | None, make: Callable[[], HttpResponse]
) -> HttpResponse:
    """What `make` answers, or what it answered to this same request with this key before.

    Raises Problem for another request with this key. A Problem that `make` raises gives the
    key back: nothing was made.
    """
    if not key or viewer.integration_id is None:
        return make()
    digest = _digest(request)
    if not _take(viewer, key, digest):
        return _again(viewer, key, digest)
    try:
        answer = make()
    except Problem:
        _of(viewer, key).delete()
        raise
    _of(viewer, key).update(
        status=answer.status_code,
        location=answer.headers.get("Location", ""),
        content=answer.content,
    )
    return answer


def _take(viewer: Viewer, key: str, digest: bytes) -> bool:
    now = clock.now()
    row = [uuid7(), viewer.employer_id, viewer.integration_id, key, digest, now]
    return bool(fast.execute(_TAKE, [*row, now - KEEP_ANSWERS]).fetchall())


def _again(viewer: Viewer, key: str, digest: bytes) -> HttpResponse:
    kept = _of(viewer, key).get()
    if bytes(kept.digest) != digest:
        text = "This key came with another request before. Use a new one for each request."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, text, [beside("header", HEADER, text)])
    answer = HttpResponse(bytes(kept.content), content_type=_JSON, status=kept.status)
    answer["Location"] = kept.location
    answer["Cache-Control"] = "no-store"
    return answer


def _of(viewer: Viewer, key: str) -> QuerySet[KeptAnswer]:
    return KeptAnswer.objects.filter(
        employer_id=viewer.employer_id, token=viewer.integration_id, key=key
    )


def _digest(request: HttpRequest) -> bytes:
    said = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(said + request.body).digest()
