"""Support finds a person who cannot sign in any more, and resets their second factor."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clearwork.access.decide import StaffMember
from clearwork.access.load import require_staff
from clearwork.access.permissions import Permission
from clearwork.accounts import recovery
from clearwork.accounts.models import User
from clearwork.accounts.rules import IdentityCheck
from clearwork.support import queries
from clearwork.support.forms import ResetForm
from clearwork.support.methods import get_or_post


@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """By the whole address: nobody browses who signs in."""
    require_staff(request, Permission.SECOND_FACTOR_RESET)
    typed = request.GET.get("email", "")[:254].replace("\0", "")
    if typed and (found := queries.user_of(typed)):
        return redirect("support:user", found.pk)
    return render(request, "support/users.html", {"typed": typed})


@get_or_post
def user(request: HttpRequest, pk: UUID) -> HttpResponse:
    member = require_staff(request, Permission.SECOND_FACTOR_RESET)
    found = get_object_or_404(User, pk=pk)
    form = ResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _reset(member, found, form)
        messages.success(request, f"Done. {found} is signed out everywhere, and told by email.")
        return redirect("support:user", pk)
    context = {
        "person": found,
        "standing": queries.standing_of(found),
        "is_self": found.pk == member.user_id,
        "form": form,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "support/user.html", context, status=status)


def _reset(member: StaffMember, found: User, form: ResetForm) -> None:
    check, reason = form.cleaned_data["identity_check"], form.cleaned_data["reason"]
    try:
        recovery.reset_second_factor(
            by=member.user_id, user=found, check=IdentityCheck(check), reason=reason
        )
    except recovery.NotOneself as error:
        raise PermissionDenied from error
