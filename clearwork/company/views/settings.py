"""What everyone chooses for themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clearwork.access.load import require
from clearwork.access.permissions import Permission
from clearwork.accounts.actions import set_notifications
from clearwork.company import queries
from clearwork.company.forms import NotificationsForm


@require_http_methods(["GET", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    viewer = require(request, Permission.OWN_SETTINGS)
    access = queries.own_access(viewer)
    data = request.POST if request.method == "POST" else None
    form = NotificationsForm(data, initial={"notify": access.notify, "tell_late": access.tell_late})
    if form.is_valid():
        set_notifications(by=viewer.actor, access=access, **form.cleaned_data)
        messages.success(request, "Your notifications are saved.")
        return redirect("company:notifications")
    context = {
        "form": form,
        "email": access.user.email,
        "sees_results": viewer.may(Permission.RESULT_READ),
    }
    status = 422 if form.errors else 200
    return render(request, "company/notifications.html", context, status=status)
