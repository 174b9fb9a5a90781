"""Who is signed in: what each request begins with, each read by one prepared statement.

Django's own sessions and users else. Beside the ORM, which builds and plans the same two
queries anew for every request.
"""

from __future__ import annotations

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from clearwork.accounts.models import User
from clearwork.database import fast
from clearwork.foundation import clock


class SessionStore(db.SessionStore):
    """Named by SESSION_ENGINE, which finds it by this name."""

    def _get_session_from_db(self) -> Session | None:
        fresh = "session_key = %s AND expire_date > %s"
        for found in fast.find(Session, fresh, [self.session_key, clock.now()]):
            return found
        self._session_key = None
        return None


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in by email and password, and knows the user of a session again."""

    def get_user(self, user_id: UUID) -> User | None:
        found = fast.find(User, "id = %s", [user_id])
        return next((user for user in found if self.user_can_authenticate(user)), None)
