from __future__ import annotations

from django.urls import path

from clearwork.authorizations import views

app_name = "authorizations"
urlpatterns = [
    path("", views.authorization_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/live/", views.live, name="live"),
    path("<uuid:pk>/document.pdf", views.document, name="document"),
    path("<uuid:pk>/resend/", views.resend, name="resend"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
]
