"""A pass's last day as an entry of the employee's own calendar (RFC 5545).

Calendars are shared and synced: the entry names the center and the day, and nothing else.
"""

from __future__ import annotations

from datetime import timedelta

from icalendar import CLASS, TRANSP, Alarm, Calendar, Event, vDuration
from icalendar.prop import vGeo

from clearwork.centers.models import MedicalCenter
from clearwork.foundation import clock
from clearwork.passes.content import Shown
from clearwork.passes.models import Pass
from clearwork.passes.words import words

_PRODUCT = "-//Clearwork//Pass//EN"
_REMINDER = -timedelta(days=2, hours=15)  # 9 a.m. three days before
_DAY = timedelta(days=1)


def entry(issued: Pass, seen: Shown, center: MedicalCenter, language: str) -> bytes:
    """One all-day event on the last valid day; the same one, changed, when downloaded again."""
    own, now, uid = words(language), clock.now(), f"{issued.pk}@clearwork"
    title = own["calendar_title"].format(center=center.name)
    last_day = issued.authorization.expires
    said = [*seen.steps, own["call"].format(phone=center.phone)]
    said += [f"{own['hours']}: {seen.hours}"] if seen.hours else []
    event = Event.new(
        uid=uid,
        stamp=now,
        last_modified=now,
        sequence=int(now.timestamp()) // 60,  # later ones replace earlier ones
        start=last_day,
        end=last_day + _DAY,
        summary=title,
        location=f"{center.name}, {center.address}",
        description="\n".join(said),
        classification=CLASS.PRIVATE,
        transparency=TRANSP.TRANSPARENT,
        subcomponents=[_reminder(title)],
    )
    if center.latitude is not None and center.longitude is not None:
        event.add("geo", vGeo((center.latitude, center.longitude)))
    return bytes(Calendar.new(prodid=_PRODUCT, uid=uid, subcomponents=[event]).to_ical())


def _reminder(title: str) -> Alarm:
    alarm = Alarm.new(description=title)
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", vDuration(_REMINDER))
    return alarm
