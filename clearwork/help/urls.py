from __future__ import annotations

from django.urls import path

from clearwork.help import concern_views, views

app_name = "help"
urlpatterns = [
    path("help/", views.topics, name="topics"),
    path("help-with/authorization/<uuid:pk>/", views.authorization, name="authorization"),
    path("help-with/report/<uuid:pk>/", views.report, name="report"),
    path("privacy/concern/", concern_views.concern, name="concern"),
    path("privacy/received/", concern_views.received, name="concern_received"),
]
