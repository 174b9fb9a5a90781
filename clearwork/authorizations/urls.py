from __future__ import annotations

from django.urls import path

from clearwork.authorizations.views import changes, lists, one, writing

app_name = "authorizations"
urlpatterns = [
    path("", lists.authorization_list, name="list"),
    path("new/", writing.new, name="new"),
    path("<uuid:pk>/", one.detail, name="detail"),
    path("<uuid:pk>/live/", one.live, name="live"),
    path("<uuid:pk>/document.pdf", one.document, name="document"),
    path("<uuid:pk>/resend/", changes.resend, name="resend"),
    path("<uuid:pk>/cancel/", changes.cancel, name="cancel"),
]
