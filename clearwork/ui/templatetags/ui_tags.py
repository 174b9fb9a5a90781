"""Template tags of the components: icons, states, moments in time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime, tzinfo
from functools import cache, partial
from typing import Any, NamedTuple

from django import template
from django.template import engines
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from clearwork.ui import context as page_context
from clearwork.ui import drawn, icons

register = template.Library()

# Non-breaking spaces: a date and a time may part, neither breaks within.
DAY = "M\u00a0j,\u00a0Y"
MOMENT = f"{DAY}, g:i\u00a0A\u00a0T"


class Look(NamedTuple):
    """How a state shows itself: a word, a tone (a colour by CSS) and an icon."""

    word: str
    tone: str
    icon: str


LOOKS = {
    "submitted": Look("Submitted", "neutral", "send"),
    "delivered": Look("Delivered", "info", "inbox"),
    "accepted": Look("Accepted", "accent", "check"),
    "refused": Look("Refused", "danger", "circle-x"),
    "checked_in": Look("Checked in", "progress", "door-enter"),
    "completed": Look("Completed", "success", "circle-check"),
    "expired": Look("Expired", "neutral", "clock-off"),
    "no_show": Look("No-show", "warning", "user-x"),
    "cancelled": Look("Cancelled", "neutral", "ban"),
}
ACCESS_LOOKS = {
    "access_on": Look("Active", "success", "circle-check"),
    "access_off": Look("Turned off", "neutral", "ban"),
    "access_invited": Look("Invited", "info", "mail"),
    "invitation_expired": Look("Invitation expired", "warning", "clock-off"),
    "access_none": Look("No portal access", "neutral", "user-off"),
    "not_signed_in": Look("Not for 90 days", "warning", "clock-pause"),
    "review_due": Look("Review due", "warning", "alert-triangle"),
    "token_works": Look("Works", "success", "circle-check"),
    "token_stopped": Look("Stopped", "warning", "alert-triangle"),
    "token_expired": Look("Expired", "neutral", "clock-off"),
    "token_revoked": Look("Revoked", "neutral", "ban"),
    "review_done": Look("Review done", "success", "circle-check"),
}
ACCOUNT_LOOKS = {
    "open": Look("Open", "success", "circle-check"),
    "closed": Look("Closed", "neutral", "ban"),
    "waiting": Look("Waiting", "warning", "hourglass"),
    "approved": Look("Approved", "success", "circle-check"),
    "declined": Look("Declined", "danger", "circle-x"),
    "at_work": Look("Active", "success", "circle-check"),
    "left": Look("Left", "neutral", "user-minus"),
}

PASS_LOOKS = {
    "pass_queued": Look("On its way", "info", "send"),
    "pass_sent": Look("Sent, not opened", "neutral", "mail"),
    "pass_opened": Look("Opened", "success", "mail-opened"),
    "pass_failed": Look("Not sent", "danger", "alert-triangle"),
    "pass_bounced": Look("Not delivered", "danger", "mail-off"),
    "pass_locked": Look("Locked", "warning", "lock"),
    "pass_revoked": Look("Revoked", "neutral", "ban"),
}

BATCH_LOOKS = {
    "batch_draft": Look("Columns to match", "warning", "columns"),
    "batch_checked": Look("Not submitted", "warning", "list-check"),
    "batch_running": Look("Running", "progress", "loader"),
    "batch_done": Look("Done", "success", "circle-check"),
    "batch_cancelled": Look("Stopped", "neutral", "ban"),
    "row_good": Look("Ready", "success", "circle-check"),
    "row_left_out": Look("Left out", "neutral", "circle-minus"),
    "row_made": Look("Done", "success", "circle-check"),
    "row_skipped": Look("Not done", "warning", "alert-triangle"),
}

INCIDENT_LOOKS = {
    "incident_open": Look("To decide", "warning", "hourglass"),
    "incident_decided": Look("Decided", "neutral", "circle-check"),
}

WORK_LOOKS = {
    "unknown": Look("Status not known", "warning", "help-circle"),
    "off_work": Look("Off work", "danger", "home-off"),
    "restricted": Look("Restricted duty", "warning", "alert-triangle"),
    "full_duty": Look("Full duty", "success", "circle-check"),
    "certified": Look("Certified", "success", "circle-check"),
    "passed": Look("Passed", "success", "circle-check"),
    "not_passed": Look("Not passed", "danger", "circle-x"),
    "cleared": Look("Cleared", "success", "circle-check"),
    "cleared_limited": Look("Cleared with limits", "warning", "alert-triangle"),
    "not_cleared": Look("Not cleared", "danger", "circle-x"),
    "qualified": Look("Qualified", "success", "circle-check"),
    "qualified_limited": Look("Qualified with limits", "warning", "alert-triangle"),
    "not_qualified": Look("Not qualified", "danger", "circle-x"),
    "met": Look("Meets the job's demands", "success", "circle-check"),
    "not_met": Look("Does not meet the job's demands", "danger", "circle-x"),
    "dot_expired": Look("Expired", "danger", "circle-x"),
    "dot_7": Look("Within 7 days", "danger", "alarm"),
    "dot_30": Look("Within 30 days", "warning", "alarm"),
    "dot_60": Look("Within 60 days", "info", "calendar-time"),
    "dot_valid": Look("Valid", "success", "circle-check"),
}

EXPORT_LOOKS = {
    "export_queued": Look("Waiting", "info", "hourglass"),
    "export_running": Look("Being made", "progress", "loader"),
    "export_ready": Look("Ready", "success", "circle-check"),
    "export_failed": Look("Not made", "danger", "alert-triangle"),
    "export_cancelled": Look("Stopped", "neutral", "ban"),
    "export_expired": Look("Expired", "neutral", "clock-off"),
}

REPORT_LOOKS = {
    "report_superseded": Look("Earlier version", "neutral", "history"),
    "report_withdrawn": Look("Withdrawn", "danger", "circle-x"),
    "report_destroyed": Look("Destroyed", "neutral", "file-off"),
    "report_held": Look("On legal hold", "info", "lock"),
    "hold_lifted": Look("Lifted", "neutral", "lock-open"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "search" %}`: a Tabler outline icon, inline."""
    return icons.svg(name)


@register.simple_tag
def network_facts() -> dict[str, Any]:
    """The network's facts for pages rendered without a request, such as 500.html."""
    return page_context.network_facts()


@register.filter
def status_look(state: str) -> Look:
    """The look of a state; an unknown state shows its own name."""
    words = str(state).replace("_", " ").capitalize()
    looks = LOOKS | ACCESS_LOOKS | ACCOUNT_LOOKS | PASS_LOOKS | BATCH_LOOKS | WORK_LOOKS
    looks |= INCIDENT_LOOKS | REPORT_LOOKS | EXPORT_LOOKS
    return looks.get(str(state), Look(words, "neutral", "info-circle"))


@register.simple_tag(takes_context=True)
def jinja(context: template.Context, template_name: str, **more: object) -> SafeString:
    """`{% jinja "results/_rows.html" %}`: a part that is drawn by Jinja; see ui/jinja.py."""
    known: dict[Any, Any] = {**_of_rows(), **context.flatten(), **more}
    return SafeString(engines["jinja"].get_template(template_name).render(known))


@register.simple_tag
def drawn_once(template_name: str, **values: Hashable) -> SafeString:
    """`{% drawn_once "ui/_footer.html" phone=phone %}`: a template that sees these values alone."""
    return _once(get_language(), template_name, **values)


@register.simple_tag
def status(state: str) -> SafeString:
    """`{% status row.state %}`: ui/_status.html, for lists with one in each row."""
    return drawn_once("ui/_status.html", state=state)


@register.simple_tag
def moment(at: datetime | None) -> str:
    """`{% moment event.at %}`: date, time and zone in a `<time>`; empty for None."""
    return _moment(at, timezone.get_current_timezone(), get_language())


@register.simple_tag
def day(when: date | None) -> str:
    """`{% day employee.born %}`: a date in a `<time>`, a moment's by the network's clock;
    empty for None."""
    return _day(when, timezone.get_current_timezone(), get_language())


def _of_rows() -> dict[str, Callable[..., str]]:
    """The same for a table: language and zone are looked up once, and days and states repeat."""
    zone, language = timezone.get_current_timezone(), get_language()
    return {
        "day": cache(lambda when: _day(when, zone, language)),
        "drawn_once": cache(partial(_once, language)),
        "moment": lambda at: _moment(at, zone, language),
        "status": cache(lambda state: _once(language, "ui/_status.html", state=state)),
    }


def _once(language: str | None, template_name: str, /, **values: Hashable) -> SafeString:
    key = (template_name, language, *values.items())
    return drawn.once(key, lambda: render_to_string(template_name, values))


def _moment(at: datetime | None, zone: tzinfo, language: str | None) -> str:
    if at is None:
        return ""
    return drawn.once((at, zone, MOMENT, language), lambda: _time(_local(at, zone), MOMENT))


def _day(when: date | None, zone: tzinfo, language: str | None) -> str:
    if when is None:
        return ""
    one = _local(when, zone).date() if isinstance(when, datetime) else when
    return drawn.once((one, DAY, language), lambda: _time(one, DAY))


def _local(at: datetime, zone: tzinfo) -> datetime:
    return at.astimezone(zone) if timezone.is_aware(at) else at


def _time(value: date, look: str) -> str:
    words = date_format(value, look).strip()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)
