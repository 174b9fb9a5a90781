"""How often a token may ask, counted in the database: one count for all processes."""

from __future__ import annotations

import math
import secrets
from datetime import datetime

from django.conf import settings

from clearwork.api.models import ApiToken
from clearwork.api.rules import WINDOW
from clearwork.database import fast
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7

_PARTS = 16
# The sum does not see the row that is being counted yet.
_COUNT = """
    WITH counted AS (
        INSERT INTO api_requests AS kept (id, employer_id, token_id, minute, part, count)
        VALUES (%s, %s, %s, %s, %s, 1)
        ON CONFLICT (employer_id, token_id, minute, part) DO UPDATE SET count = kept.count + 1
    )
    SELECT 1 + coalesce(sum(count), 0) FROM api_requests
    WHERE employer_id = %s AND token_id = %s AND minute = %s
"""


def seconds_to_wait(token: ApiToken) -> int:
    """Count this request; 0, or for how many seconds it comes too early.

    Requests at the very same moment do not know of each other yet: a few more may pass.
    """
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    of_token = [token.employer_id, token.pk, minute]
    counting = [uuid7(), *of_token, secrets.randbelow(_PARTS), *of_token]
    ((asked,),) = fast.execute(_COUNT, counting).fetchall()
    return _left(minute, now) if asked > settings.ENVIRONMENT.api_requests_a_minute else 0


def _left(minute: datetime, now: datetime) -> int:
    return max(1, math.ceil((minute + WINDOW - now).total_seconds()))
