"""Reading who was sent what."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from clearwork.access.decide import Viewer
from clearwork.authorizations import queries as authorizations
from clearwork.authorizations.ending import today_there
from clearwork.authorizations.models import Authorization
from clearwork.authorizations.rules import WAITING, State, has_ended
from clearwork.foundation import clock
from clearwork.passes.models import Pass, Sending
from clearwork.passes.rules import LOST, Purpose, Recipient, SendingState


@dataclass(frozen=True)
class Row:
    """One pass and the last time its link was sent."""

    issued: Pass
    sending: Sending

    @property
    def state(self) -> str:
        """What ui/_status.html shows."""
        if self.issued.revoked_at:
            return "pass_revoked"
        if not self.issued.tries_left:
            return "pass_locked"
        if self.sending.state != SendingState.SENT:
            return f"pass_{self.sending.state}"
        return "pass_opened" if self.issued.times_opened else "pass_sent"

    @property
    def is_waiting(self) -> bool:
        return self.issued.revoked_at is None and self.sending.state == SendingState.QUEUED

    @property
    def was_repeated(self) -> bool:
        return len(_links(self.issued)) > 1


def sendable(viewer: Viewer) -> QuerySet[Authorization]:
    """What this viewer may send on: whatever they may see."""
    return authorizations.authorizations(viewer).select_related("employee", "center", "worksite")


def passes(viewer: Viewer) -> QuerySet[Pass]:
    """Of the authorizations this viewer may see."""
    visible = authorizations.authorizations(viewer).values("pk")
    own = Pass.objects.filter(employer_id=viewer.employer_id, authorization__in=visible)
    return own.select_related("authorization__employee")


def of_authorization(viewer: Viewer, authorization: Authorization) -> list[Row]:
    """Newest first."""
    links = Sending.objects.filter(employer_id=viewer.employer_id, purpose=Purpose.LINK)
    in_order = Prefetch("sendings", links.order_by("requested_at", "id"), to_attr="links")
    found = passes(viewer).filter(authorization=authorization).select_related("made_by")
    issued = found.prefetch_related(in_order).order_by("-made_at", "-id")
    return [Row(one, _links(one)[-1]) for one in issued]


def may_send(authorization: Authorization) -> bool:
    """Whether there is still something to come for."""
    over = authorization.expires < today_there(authorization)
    return not over and not has_ended(State(authorization.state))


def lost(viewer: Viewer) -> QuerySet[Sending]:
    """The last sending of each link that did not arrive and is still wanted.

    Not where the link was opened or ended all the same, nor where the same person was sent
    another since.
    """
    waiting = authorizations.authorizations(viewer).filter(
        state__in=sorted(WAITING), expires__gte=clock.today()
    )
    of_employer = {"employer_id": viewer.employer_id}
    repeated = Sending.objects.filter(
        **of_employer, of=OuterRef("of"), purpose=Purpose.LINK, id__gt=OuterRef("id")
    )
    replaced = Pass.objects.filter(
        **of_employer,
        authorization=OuterRef("of__authorization"),
        recipient=OuterRef("of__recipient"),
        name=OuterRef("of__name"),
        id__gt=OuterRef("of__id"),
    )
    return Sending.objects.filter(
        ~Exists(repeated),
        ~Exists(replaced),
        **of_employer,
        purpose=Purpose.LINK,
        state__in=LOST,
        of__revoked_at=None,
        of__tries_left__gt=0,
        of__times_opened=0,
        of__authorization__in=waiting,
    )


def has_been_sent(authorization: Authorization) -> bool:
    """Whether the employee ever was sent a pass for it, whatever became of that."""
    own = Pass.objects.filter(employer_id=authorization.employer_id, authorization=authorization)
    return own.filter(recipient=Recipient.EMPLOYEE).exists()


def employee_has_one(rows: list[Row]) -> bool:
    """A link that may still reach them."""
    gone = ("pass_revoked", "pass_bounced")
    return any(row.issued.recipient == Recipient.EMPLOYEE and row.state not in gone for row in rows)


def _links(issued: Pass) -> list[Sending]:
    links: list[Sending] = vars(issued)["links"]
    return links
