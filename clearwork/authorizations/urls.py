from __future__ import annotations

from django.urls import path

from clearwork.authorizations.views import changes, drafts, lists, one, writing

app_name = "authorizations"
urlpatterns = [
    path("", lists.authorization_list, name="list"),
    path("views/", lists.save_view, name="save_view"),
    path("views/<uuid:pk>/", lists.change_view, name="change_view"),
    path("views/<uuid:pk>/delete/", lists.delete_view, name="delete_view"),
    path("new/", writing.new, name="new"),
    path("drafts/<uuid:submission>/", drafts.save, name="draft"),
    path("drafts/<uuid:submission>/discard/", drafts.discard, name="discard_draft"),
    path("submitted/<uuid:submission>/", drafts.submitted, name="submitted"),
    path("<uuid:pk>/", one.detail, name="detail"),
    path("<uuid:pk>/edit/", writing.edit, name="edit"),
    path("<uuid:pk>/live/", one.live, name="live"),
    path("<uuid:pk>/document.pdf", one.document, name="document"),
    path("<uuid:pk>/resend/", changes.resend, name="resend"),
    path("<uuid:pk>/cancel/", changes.cancel, name="cancel"),
    path("<uuid:pk>/extend/", changes.extend, name="extend"),
]
