"""What the public pages say, in English and Spanish: one table, so that neither lags behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.utils import translation
from django.utils.formats import date_format

from clearwork.people.rules import Language

type Words = Mapping[str, str]

# Each language by its own name: whoever looks for it reads that.
LANGUAGES = ((Language.ENGLISH, "English"), (Language.SPANISH, "Español"))
_DATE = {Language.ENGLISH: "F j, Y", Language.SPANISH: r"j \d\e F \d\e Y"}

WORDS: Mapping[str, tuple[str, str]] = {
    "skip": ("Skip to the content", "Saltar al contenido"),
    "language": ("Language", "Idioma"),
    # Before it is opened
    "open_title": ("Open your pass", "Abra su pase"),
    "open_lead": (
        "{employer} has sent you a pass for a visit.",
        "{employer} le ha enviado un pase para una visita.",
    ),
    "open_why": (
        "To keep it private, enter your date of birth.",
        "Para proteger su privacidad, escriba su fecha de nacimiento.",
    ),
    "birth": ("Your date of birth", "Su fecha de nacimiento"),
    "month": ("Month", "Mes"),
    "day": ("Day", "Día"),
    "year": ("Year", "Año"),
    "year_hint": ("For example 1988", "Por ejemplo, 1988"),
    "open": ("Open the pass", "Abrir el pase"),
    "no_date": (
        "Enter the month, the day and the year you were born.",
        "Escriba el mes, el día y el año en que nació.",
    ),
    "wrong_date": (
        "That is not the date of birth we have. {left}",
        "Esa no es la fecha de nacimiento que tenemos. {left}",
    ),
    "tries_many": ("You can try {count} more times.", "Puede intentarlo {count} veces más."),
    "tries_one": (
        "You can try once more; after that the link stops working.",
        "Puede intentarlo una vez más; después el enlace dejará de funcionar.",
    ),
    "problem": ("Check what you entered", "Revise lo que escribió"),
    # For a named person
    "code_title": ("Open the authorization", "Abra la autorización"),
    "code_lead": (
        "{employer} has sent you this authorization because you need it for your work.",
        "{employer} le ha enviado esta autorización porque la necesita para su trabajo.",
    ),
    "code_why": (
        "It is private. We send a code to the address this link came to; enter it here.",
        "Es privada. Enviamos un código a la dirección donde recibió este enlace; escríbalo aquí.",
    ),
    "code_ask": ("Send me a code", "Envíenme un código"),
    "code_again": ("Send another code", "Enviar otro código"),
    "code_sent": (
        "A code is on its way. It works for 10 minutes.",
        "El código está en camino. Sirve durante 10 minutos.",
    ),
    "code": ("Six-digit code", "Código de seis dígitos"),
    "code_open": ("Open", "Abrir"),
    "wrong_code": (
        "That is not the code we sent last, or it is older than 10 minutes. {left}",
        "Ese no es el último código enviado, o tiene más de 10 minutos. {left}",
    ),
    "no_code": ("Enter the six digits of the code.", "Escriba los seis dígitos del código."),
    "too_many_codes": (
        "That was too many codes within an hour. Use the last one, or wait a while.",
        "Son demasiados códigos en una hora. Use el último o espere un rato.",
    ),
    # The pass
    "pass_title": ("Your pass", "Su pase"),
    "named_title": ("Authorization", "Autorización"),
    "show": ("Show this at the front desk.", "Muéstrelo en la recepción."),
    "number": ("Authorization number", "Número de autorización"),
    "for": ("For", "Para"),
    "from": ("From", "De parte de"),
    "until": ("Valid until", "Válido hasta"),
    "starts": ("Valid from", "Válido desde"),
    "where": ("Where to go", "Adónde ir"),
    "how": ("How to get care", "Cómo recibir atención"),
    "phone": ("Phone", "Teléfono"),
    "hours": ("Hours", "Horario"),
    "directions": ("Directions on a map", "Cómo llegar, en un mapa"),
    "call": ("Call {phone}", "Llame al {phone}"),
    "services": ("What will be done", "Qué se le hará"),
    "bring": ("What to bring", "Qué llevar"),
    "photo_id": (
        "A government-issued photo ID, such as a driver's license",
        "Una identificación oficial con foto, como la licencia de conducir",
    ),
    "this_pass": (
        "This pass, on your phone or printed",
        "Este pase, en su teléfono o impreso",
    ),
    "prepare": ("How to prepare", "Cómo prepararse"),
    "step_in_center": (
        (
            "Go to the medical center during its hours. You need no appointment unless the center "
            "tells you so."
        ),
        "Vaya al centro médico en su horario. No necesita cita, salvo que el centro se lo indique.",
    ),
    "step_telemedicine": (
        "Call the medical center to schedule the video visit.",
        "Llame al centro médico para programar la visita por video.",
    ),
    "step_app": (
        "On a phone: get the app “{app}” from Google Play or the App Store.",
        "En un teléfono: descargue la aplicación «{app}» de Google Play o la App Store.",
    ),
    "step_website": ("On a computer: open {website}", "En una computadora: abra {website}"),
    "step_phone": ("By phone: call {phone}", "Por teléfono: llame al {phone}"),
    "step_number": (
        "Have the authorization number on this page at hand.",
        "Tenga a mano el número de autorización de esta página.",
    ),
    "questions": ("Questions?", "¿Preguntas?"),
    "ask_center": ("About the visit, call the center.", "Sobre la visita, llame al centro."),
    "ask_employer": ("About the authorization, call", "Sobre la autorización, llame a"),
    "save": ("Save as PDF", "Guardar como PDF"),
    "calendar": ("Add to calendar", "Añadir al calendario"),
    "calendar_title": (
        "Last day for your visit: {center}",
        "Último día para su visita: {center}",
    ),
    "print": ("Print", "Imprimir"),
    "keep": (
        "Stay on this page and it works without a connection. The PDF stays on your phone.",
        "Si deja esta página abierta, funciona sin conexión. El PDF se queda en su teléfono.",
    ),
    # The authorization behind it has ended
    "over_title": ("This pass is no longer valid", "Este pase ya no es válido"),
    "over_cancelled": (
        "The authorization was cancelled. Please do not go to the medical center with it.",
        "La autorización fue cancelada. Por favor, no vaya al centro médico con ella.",
    ),
    "over_expired": (
        (
            "The authorization expired on {expires}. Your employer can extend it; this link then "
            "works again."
        ),
        (
            "La autorización venció el {expires}. Su empleador puede prolongarla; entonces este "
            "enlace volverá a funcionar."
        ),
    ),
    "over_completed": (
        "The visit is complete: nothing is left to do with this pass.",
        "La visita ha terminado: este pase ya no se necesita.",
    ),
    "over_closed": (
        "The medical center has closed. Please do not go there: ask where to go instead.",
        "El centro médico ha cerrado. Por favor, no vaya allí: pregunte adónde debe ir.",
    ),
    "over_call": ("Questions? Call your employer", "¿Preguntas? Llame a su empleador"),
    # A link that opens nothing
    "gone_title": ("This link does not work", "Este enlace no funciona"),
    "gone_why": (
        (
            "It may have been taken back, replaced by a newer one, or closed after too many wrong "
            "tries. It is not your fault."
        ),
        (
            "Puede que lo hayan retirado, que haya uno más nuevo o que se haya cerrado tras "
            "demasiados intentos. No es culpa suya."
        ),
    ),
    "gone_do": (
        "Look for a newer message, or ask whoever sent it to send it again.",
        "Busque un mensaje más reciente o pida a quien lo envió que lo envíe de nuevo.",
    ),
    "gone_call": ("Or call customer support:", "O llame a atención al cliente:"),
}

# What centers.hours says in English, word by word.
_HOURS = {
    "Monday": "lunes",
    "Tuesday": "martes",
    "Wednesday": "miércoles",
    "Thursday": "jueves",
    "Friday": "viernes",
    "Saturday": "sábado",
    "Sunday": "domingo",
    "through": "a",
    "to": "a",
    "and": "y",
    "noon": "mediodía",
    "midnight": "medianoche",
    "a.m.": "a.\u00a0m.",
    "p.m.": "p.\u00a0m.",
    "Open day and night": "Abierto día y noche",
}
_HOUR_WORD = re.compile("|".join(map(re.escape, sorted(_HOURS, key=len, reverse=True))))


def words(language: str) -> dict[str, str]:
    """Every sentence in this language, with its blanks as they are."""
    column = 1 if language == Language.SPANISH else 0
    return {name: both[column] for name, both in WORDS.items()}


def day(when: date, language: str) -> str:
    """E.g. "April 17, 1988" or "17 de abril de 1988"."""
    with translation.override(language):
        return str(date_format(when, _DATE[Language(language)]))


def hours(spoken: str, language: str) -> str:
    """A center's hours, as centers.hours says them in English, e.g. lunes a viernes."""
    if language != Language.SPANISH:
        return spoken
    return _HOUR_WORD.sub(lambda found: _HOURS[found[0]], spoken)


def tries(left: int, language: str) -> str:
    own = words(language)
    return own["tries_one"] if left == 1 else own["tries_many"].format(count=left)
