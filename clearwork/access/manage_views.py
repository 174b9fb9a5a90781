"""An Admin User gives access, changes it, takes it away and reviews it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clearwork.access import actions, queries
from clearwork.access.decide import Viewer
from clearwork.access.forms import ActivityForm, InviteForm, RoleForm, activity_initial
from clearwork.access.load import load, require
from clearwork.access.permissions import Permission
from clearwork.access.words import LAST_ADMIN
from clearwork.accounts.actions import activity_of
from clearwork.accounts.models import PortalAccess, Role
from clearwork.accounts.rules import INACTIVE_DAYS, REVIEW_DAYS, LastAdmin
from clearwork.employers.models import Contact
from clearwork.employers.rules import ChangedMeanwhile

_UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, contact = _contact(request, pk)
    form = InviteForm(
        request.POST if request.method == "POST" else None,
        initial={"email": contact.email, "role": Role.VIEW_ONLY},
    )
    if form.is_valid() and _invited(viewer, contact, form):
        messages.success(request, f"An invitation is on its way to {form.cleaned_data['email']}.")
        return redirect("access:contact", pk)
    return _page(request, "access/invite.html", {"form": form, "contact": contact})


def _invited(viewer: Viewer, contact: Contact, form: InviteForm) -> bool:
    role, email = Role(form.cleaned_data["role"]), form.cleaned_data["email"]
    try:
        actions.invite(by=viewer, contact=contact, role=role, email=email)
    except actions.AlreadyHasAccess:
        form.add_error(
            "email",
            "Someone here already signs in with this email. Find them among your contacts, also"
            " under Turned off or Removed, and change or turn on their access instead.",
        )
        return False
    return True


@require_POST
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new link, to the same address; the old one dies."""
    viewer, contact = _contact(request, pk)
    old = queries.invitation_of(contact)
    if old is None:
        raise Http404
    try:
        actions.invite(by=viewer, contact=contact, role=Role(old.role), email=old.email)
    except actions.AlreadyHasAccess:
        messages.error(request, f"Someone here already signs in as {old.email}.")
    else:
        messages.success(request, f"A new invitation is on its way to {old.email}.")
    return redirect("access:contact", pk)


@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, contact = _contact(request, pk)
    actions.revoke_invitations(by=viewer, contact=contact)
    messages.success(request, "The invitation is revoked: its link no longer works.")
    return redirect("access:contact", pk)


@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, pk: UUID) -> HttpResponse:
    viewer, contact, access = _access(request, pk)
    form = RoleForm(
        request.POST if request.method == "POST" else None, initial={"role": access.role}
    )
    if form.is_valid():
        chosen = Role(form.cleaned_data["role"])
        try:
            actions.change_role(by=viewer, access=access, role=chosen)
        except LastAdmin:
            form.add_error("role", LAST_ADMIN)
        else:
            messages.success(request, f"{contact} is now {_a(chosen)}.")
            return redirect("access:contact", pk)
    return _page(request, "access/role.html", {"form": form, "contact": contact, "access": access})


@require_http_methods(["GET", "POST"])
def activity(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What visit activity a View Only User sees; an Admin User sees all, so has no such page."""
    viewer, contact, access = _access(request, pk)
    if access.role != Role.VIEW_ONLY:
        raise Http404
    now = activity_of(access)
    form = ActivityForm(
        request.POST if request.method == "POST" else None,
        viewer=viewer,
        granted=now.worksites or (),
        initial=activity_initial(now),
    )
    if form.is_valid() and _granted(viewer, access, form):
        messages.success(request, f"Saved. In force from {contact}'s next click.")
        return redirect("access:contact", pk)
    return _page(request, "access/activity.html", {"form": form, "contact": contact})


def _granted(viewer: Viewer, access: PortalAccess, form: ActivityForm) -> bool:
    """Else the form says what someone else granted."""
    shown = form.cleaned_data["shown"]
    try:
        actions.grant(by=viewer, access=access, activity=form.activity(), shown=shown)
    except ChangedMeanwhile:
        access.refresh_from_db()
        now = activity_of(access)
        form.changed_meanwhile(now.seen, form.theirs(now))
    return not form.errors


@require_http_methods(["GET", "POST"])
def turn_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _switched(request, pk, actions.turn_off, "off")


@require_http_methods(["GET", "POST"])
def turn_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _switched(request, pk, actions.turn_on, "on")


def _switched(
    request: HttpRequest, pk: UUID, action: Callable[..., None], word: str
) -> HttpResponse:
    viewer, contact, access = _access(request, pk)
    context: dict[str, object] = {"contact": contact, "access": access, "word": word}
    if request.method == "GET":
        return render(request, "access/turn.html", context)
    try:
        action(by=viewer, access=access)
    except LastAdmin:
        context["refused"] = LAST_ADMIN
        return _page(request, "access/turn.html", context)
    messages.success(request, f"{contact}'s access is turned {word}.")
    return redirect("access:contact", pk)


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Everyone with access, each to be confirmed or removed, on one page."""
    viewer = require(request, Permission.ACCESS_REVIEW)
    if request.method == "GET":
        return render(request, "access/review.html", _to_review(request, viewer))
    try:
        keep, remove = _choices(request, viewer)
        confirmed = actions.review(by=viewer, keep=keep, remove=remove)
    except LastAdmin:
        refused = {**_to_review(request, viewer), "refused": LAST_ADMIN}
        return _page(request, "access/review.html", refused)
    messages.success(request, f"{confirmed} confirmed, {len(remove)} turned off.")
    return redirect("access:review")


def _choices(request: HttpRequest, viewer: Viewer) -> tuple[list[UUID], list[PortalAccess]]:
    """Whom to confirm and whom to turn off: all who signed in lately, or what each row says."""
    if "confirm_in_use" in request.POST:
        return list(queries.in_use(viewer).values_list("pk", flat=True)), []
    accesses = queries.with_access(viewer).select_related("contact")
    chosen = {access: request.POST.get(f"choice-{access.pk}", "") for access in accesses}
    keep = [access.pk for access, choice in chosen.items() if choice == "keep"]
    others = [access for access, choice in chosen.items() if choice == "remove"]
    return keep, [access for access in others if access.user_id != viewer.user_id]


def _to_review(request: HttpRequest, viewer: Viewer) -> dict[str, object]:
    return {
        "people": queries.to_review(viewer, request.POST),
        "all_count": queries.with_access(viewer).count(),
        "in_use_count": queries.in_use(viewer).count(),
        "due_count": queries.reviews_due(viewer),
        "inactive_days": INACTIVE_DAYS,
        "review_days": REVIEW_DAYS,
    }


def _contact(request: HttpRequest, pk: UUID) -> tuple[Viewer, Contact]:
    """A contact still on the list, whose access this Admin User may change."""
    viewer, contact = load(request, Permission.ACCESS_MANAGE, queries.contacts, pk)
    if not contact.is_active:
        raise Http404
    return viewer, contact


def _access(request: HttpRequest, pk: UUID) -> tuple[Viewer, Contact, PortalAccess]:
    viewer, contact = _contact(request, pk)
    access = queries.access_of(contact)
    if access is None:
        raise Http404
    return viewer, contact, access


def _a(role: Role) -> str:
    return f"an {role.label}" if role == Role.ADMIN else f"a {role.label}"


def _page(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """A page with a form; one that comes back after a POST was not understood."""
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, template, context, status=status)
