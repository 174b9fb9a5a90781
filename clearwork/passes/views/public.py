"""The pages behind a pass's link: for whoever holds it, without an account.

No session and no CSRF token: the address is the secret a form would prove, and with no
referrer sent a browser names no origin to check. A GET opens nothing and counts as nothing,
so what fetches links in mails does no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clearwork.documents.barcode import code128_svg
from clearwork.documents.typesetting import qr_svg
from clearwork.foundation import clock
from clearwork.passes import calendar as calendars
from clearwork.passes import document, opening
from clearwork.passes.content import Shown, shown
from clearwork.passes.forms import BirthDateForm, CodeForm
from clearwork.passes.models import Pass
from clearwork.passes.opening import Outcome
from clearwork.passes.rules import (
    DEVICE_LASTS,
    Recipient,
    Standing,
    TooManySends,
    code_is_fresh,
)
from clearwork.passes.words import LANGUAGES, tries, words
from clearwork.people.rules import Language

_DEVICE = "clearwork_pass"
_LANGUAGE = "clearwork_language"
_PATH = "/pass/"
_YEAR_SECONDS = 365 * 24 * 3600
_signer = TimestampSigner(salt="clearwork.pass.device")

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def private[**P](view: View[P]) -> View[P]:
    """In the reader's language; kept nowhere, found nowhere, telling no other site."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with translation.override(_language(request)):
            response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        if request.GET.get("lang") in Language:
            _remember(response, _LANGUAGE, request.GET["lang"], _YEAR_SECONDS, _PATH)
        return response

    return answer


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def open_pass(request: HttpRequest, token: str) -> HttpResponse:
    issued = opening.find(token)
    if issued is None:
        return _gone(request)
    if request.method == "POST":
        named = issued.recipient == Recipient.NAMED
        return _try_code(request, issued) if named else _try_date(request, issued)
    if _is_known_device(request, issued):
        return _show(request, issued)
    return _ask(request, issued)


@csrf_exempt
@private
@require_http_methods(["POST"])
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Send a named person a code. A button, not the link itself, so that no scanner asks."""
    issued = opening.find(token)
    if issued is None or issued.recipient != Recipient.NAMED:
        return _gone(request)
    try:
        opening.ask_code(issued)
    except TooManySends:
        problem = words(_language(request))["too_many_codes"]
        return _ask(request, issued, problem, HTTPStatus.TOO_MANY_REQUESTS)
    return redirect("passes:open", token)


@private
@require_safe
def pdf(request: HttpRequest, token: str) -> HttpResponse:
    return _file(request, token, _as_pdf)


@private
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The last day of a visit to a center, for the employee's own calendar."""
    return _file(request, token, _as_calendar)


type MakeFile = Callable[[Pass, Shown, Language], HttpResponse | None]


def _file(request: HttpRequest, token: str, make: MakeFile) -> HttpResponse:
    """What the employee keeps of a pass they opened; back to its page where there is nothing."""
    issued = opening.find(token)
    if issued is None:
        return _gone(request)
    language = _language(request)
    if not _is_known_device(request, issued):
        return redirect("passes:open", token)
    seen = shown(issued, language)
    is_good = seen.standing == Standing.VALID and seen.is_employees
    made = make(issued, seen, language) if is_good else None
    if made is None:
        return redirect("passes:open", token)
    opening.downloaded(issued)
    return made


def _as_pdf(_: Pass, seen: Shown, language: Language) -> HttpResponse:
    return _download(document.render(seen, language), "application/pdf", f"{seen.number}.pdf")


def _as_calendar(issued: Pass, seen: Shown, language: Language) -> HttpResponse | None:
    if seen.center is None:
        return None
    entry = calendars.entry(issued, seen, seen.center, language)
    return _download(entry, "text/calendar; charset=utf-8", "visit.ics")


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _try_date(request: HttpRequest, issued: Pass) -> HttpResponse:
    own = words(_language(request))
    form = BirthDateForm(request.POST, words=own)
    born = form.born()
    if born is None:  # costs no try
        return _ask(request, issued, own["no_date"])
    return _after(request, issued, opening.try_date(issued, born), own["wrong_date"])


def _try_code(request: HttpRequest, issued: Pass) -> HttpResponse:
    own = words(_language(request))
    typed = CodeForm(request.POST).typed()
    if typed is None:
        return _ask(request, issued, own["no_code"])
    return _after(request, issued, opening.try_code(issued, typed), own["wrong_code"])


def _after(request: HttpRequest, issued: Pass, outcome: Outcome, wrong: str) -> HttpResponse:
    if outcome is Outcome.OVER:
        return _gone(request)
    if outcome is Outcome.WRONG:
        left = tries(issued.tries_left, _language(request))
        return _ask(request, issued, wrong.format(left=left))
    response = redirect(request.path)
    seconds = int(DEVICE_LASTS.total_seconds())
    _remember(response, _DEVICE, _signer.sign(str(issued.pk)), seconds, request.path)
    return response


def _ask(
    request: HttpRequest,
    issued: Pass,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """The page that asks who one is. It names the employer, and nobody else."""
    own, named = words(_language(request)), issued.recipient == Recipient.NAMED
    lead = "code_lead" if named else "open_lead"
    context = {
        "words": own,
        "lead": own[lead].format(employer=issued.employer.legal_name),
        "problem": problem,
        "form": BirthDateForm(request.POST or None, words=own),
        "code_is_on_its_way": code_is_fresh(issued.code_asked_at, clock.now()),
        "code_path": reverse("passes:code", kwargs=_match(request)),
        "open_path": reverse("passes:open", kwargs=_match(request)),
    }
    status = status if problem else HTTPStatus.OK
    return _page(request, "code" if named else "birth", context, status)


def _show(request: HttpRequest, issued: Pass) -> HttpResponse:
    language = _language(request)
    seen = shown(issued, language)
    context: dict[str, object] = {"words": words(language), "pass": seen}
    if seen.standing != Standing.VALID:
        why = words(language)[f"over_{seen.standing}"].format(expires=seen.expires)
        return _page(request, "over", {**context, "why": why})
    codes = {"qr": _svg(qr_svg(seen.number)), "barcode": _svg(code128_svg(seen.number))}
    return _page(request, "pass", {**context, **codes, **_ways(request, seen)})


def _ways(request: HttpRequest, seen: Shown) -> dict[str, str]:
    """Where the pass leads: to its PDF, and to the center's phone."""
    phone = seen.center.phone if seen.center else ""
    return {
        "pdf_path": reverse("passes:pdf", kwargs=_match(request)),
        "calendar_path": reverse("passes:calendar", kwargs=_match(request)),
        "call": words(_language(request))["call"].format(phone=phone),
    }


def _gone(request: HttpRequest) -> HttpResponse:
    """The one answer for links unknown, revoked, used up or long expired."""
    return _page(request, "gone", {"words": words(_language(request))}, HTTPStatus.GONE)


def _page(
    request: HttpRequest,
    name: str,
    context: dict[str, object],
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context = {**context, "language": _language(request), "languages": LANGUAGES}
    return render(request, f"passes/{name}.html", context, status=status)


def _language(request: HttpRequest) -> Language:
    """Chosen on the page, now or before; else what the browser asks for first of the two."""
    for chosen in (request.GET.get("lang"), request.COOKIES.get(_LANGUAGE)):
        if chosen and chosen in Language:
            return Language(chosen)
    for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500]):
        if tag[:2] in Language:
            return Language(tag[:2])
    return Language.ENGLISH


def _is_known_device(request: HttpRequest, issued: Pass) -> bool:
    """Whether this browser opened this very pass within the last half hour."""
    try:
        kept = _signer.unsign(request.COOKIES.get(_DEVICE, ""), max_age=DEVICE_LASTS)
    except BadSignature:
        return False
    return kept == str(issued.pk)


def _remember(response: HttpResponse, name: str, value: str, seconds: int, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _match(request: HttpRequest) -> dict[str, str]:
    found = request.resolver_match
    return {"token": found.kwargs["token"]} if found else {}


def _svg(drawn: str) -> SafeString:
    # Drawn here from the authorization's number: letters, digits and dashes.
    return mark_safe(drawn)  # noqa: S308
