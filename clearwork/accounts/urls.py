from __future__ import annotations

from django.urls import path

from clearwork.accounts import entry_views as entry

app_name = "accounts"
urlpatterns = [
    path("request/", entry.request_access, name="request_access"),
    path("request/received/", entry.request_received, name="request_received"),
    path("invitation/<uuid:pk>/<str:token>/", entry.invitation, name="invitation"),
]
