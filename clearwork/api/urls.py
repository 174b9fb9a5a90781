from __future__ import annotations

from django.urls import path

from clearwork.api import views

app_name = "integrations"
urlpatterns = [
    path("", views.token_list, name="list"),
    path("new/", views.new, name="new"),
    path("api/", views.guide, name="guide"),
    path("<uuid:pk>/revoke/", views.revoke, name="revoke"),
    path("<uuid:pk>/take-over/", views.adopt, name="adopt"),
]
