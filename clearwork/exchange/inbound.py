"""Taking in what centers send: store first, acknowledge after.

Messages that wait together are taken in together, in one transaction with one
commit. Messages that fail in company are tried again alone, so that one cannot
hold up the others.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError

from clearwork.centers import queries as centers
from clearwork.centers.models import MedicalCenter
from clearwork.database import fast, scope
from clearwork.documents.inspect import NotAPdf, PdfFacts, inspect_pdf
from clearwork.exchange import storing
from clearwork.exchange.hl7.ack import Code, build_ack
from clearwork.exchange.hl7.dates import is_ahead
from clearwork.exchange.hl7.message import Header, MalformedMessage, Message, parse, peek_header
from clearwork.exchange.hl7.result import RESULT_TYPES, ResultDocument, read_result
from clearwork.exchange.hl7.status import STATUS_TYPES, read_status
from clearwork.exchange.storing import Incoming
from clearwork.foundation import clock
from clearwork.foundation.ids import new_control_id

log = logging.getLogger(__name__)
_NO_PDF = PdfFacts(pages=0, encrypted=False, tagged=False, title="")  # a link's
_UNKNOWN_VALUE, _UNSUPPORTED_TYPE, _INTERNAL = 103, 200, 207


@dataclass(frozen=True)
class Refusal:
    """Why a message is not taken: AE for its content, AR for what is not about content."""

    header: Header | None
    code: Code
    error: MalformedMessage


type Reading = Incoming | Refusal


def receive(raws: Sequence[bytes]) -> list[bytes | None]:
    """Take these messages in; their acknowledgments, in order.

    None where nothing can be promised now: the line is to be closed without an
    answer, so that the sender sends the message again.
    """
    readings = [_read(raw) for raw in raws]
    incoming = [reading for reading in readings if isinstance(reading, Incoming)]
    refusals = _take_in(incoming)
    return [_answer(reading, refusals) for reading in readings]


def _read(raw: bytes) -> Reading:
    try:
        message = parse(raw)
        return Incoming(message.header, *_content(message))
    except MalformedMessage as error:
        header = peek_header(raw)
        code: Code = "AR" if error.code == _UNSUPPORTED_TYPE else "AE"
        log.warning("refused message: %s at %s", error.code, error.location)
        return Refusal(header, code, error)


def _content(message: Message) -> tuple[storing.Content, tuple[PdfFacts, ...]]:
    kind = (message.header.message_type, message.header.trigger)
    if kind in RESULT_TYPES:
        result = read_result(message)
        return result, tuple(map(_inspected, result.documents))
    if kind in STATUS_TYPES:
        update = read_status(message)
        _refuse_ahead(update.at, "ORC^1^9")
        return update, ()
    raise MalformedMessage(_UNSUPPORTED_TYPE, "MSH^1^9", "This message type is not taken here.")


def _inspected(document: ResultDocument) -> PdfFacts:
    _refuse_ahead(document.visit_at, f"OBX^{document.obx}^14")
    try:
        return _NO_PDF if document.link else inspect_pdf(document.data)
    except NotAPdf as error:
        raise MalformedMessage(102, f"OBX^{document.obx}^5", str(error)) from error


def _refuse_ahead(moment: datetime | None, location: str) -> None:
    """A slip in the year would outdo everything said later: the latest visit is in force."""
    if is_ahead(moment, clock.now()):
        raise MalformedMessage(102, location, "This time lies in the future.")


type Refusals = dict[int, Refusal | None]
"""By the incoming message's id(): why it was refused, or None for no answer now."""


def _take_in(incoming: Sequence[Incoming]) -> Refusals:
    if not incoming:
        return {}
    try:
        return _take_in_together(incoming)
    except (OperationalError, InterfaceError):  # away: to wait for it once is enough
        log.exception("the database cannot take in messages now")
        return {id(message): None for message in incoming}
    except Exception as error:
        if len(incoming) > 1:
            log.warning("a batch of %d failed, trying one by one", len(incoming))
            return {key: r for one in incoming for key, r in _take_in([one]).items()}
        log.exception("taking in a message failed")
        return {id(incoming[0]): _failure(incoming[0], error)}


def _failure(message: Incoming, error: Exception) -> Refusal | None:
    if isinstance(error, DatabaseFailure | OSError):
        return None
    problem = MalformedMessage(_INTERNAL, "", "The message could not be taken in. Call support.")
    return Refusal(message.header, "AR", problem)


def _take_in_together(incoming: Sequence[Incoming]) -> Refusals:
    refusals: Refusals = {}
    papers = storing.Papers()
    with ExitStack() as journey:  # around the transaction: its commit travels with the last rows
        journey.enter_context(fast.together())
        with scope.acting_as(scope.ANONYMOUS):
            batches = storing.store(_arrived(incoming, refusals), papers)
            if news := [batch for batch in batches if batch.has_news]:
                journey.close()
                for message, error in storing.tell(news):
                    refusals[id(message)] = Refusal(message.header, "AE", error)
    papers.destroy_rest()
    return refusals


def _arrived(
    incoming: Sequence[Incoming], refusals: Refusals
) -> Mapping[MedicalCenter, Sequence[Incoming]]:
    """The messages of each center; those of unknown senders go to `refusals`."""
    known = centers.senders({message.header.sender for message in incoming})
    arrived: dict[MedicalCenter, list[Incoming]] = defaultdict(list)
    for message in incoming:
        if center := known.get(message.header.sender):
            arrived[center].append(message)
        else:
            refusals[id(message)] = _unknown_sender(message)
    return arrived


def _unknown_sender(message: Incoming) -> Refusal:
    text = "This sending application and facility are not known here. Call support."
    return Refusal(message.header, "AR", MalformedMessage(_UNKNOWN_VALUE, "MSH^1^3", text))


def _answer(reading: Reading, refusals: Refusals) -> bytes | None:
    if isinstance(reading, Incoming) and id(reading) not in refusals:
        return _ack(reading.header, "AA")
    refusal = reading if isinstance(reading, Refusal) else refusals[id(reading)]
    if refusal is None:
        return None
    return _ack(refusal.header, refusal.code, refusal.error)


def _ack(header: Header | None, code: Code, *errors: MalformedMessage) -> bytes:
    text = errors[0].text if errors else ""
    return build_ack(
        header, code, control_id=new_control_id(), sent_at=clock.now(), errors=errors, text=text
    )
