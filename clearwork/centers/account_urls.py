"""A section of Account Information, which is why it has a namespace of its own."""

from __future__ import annotations

from django.urls import path

from clearwork.centers import views

app_name = "defaults"
urlpatterns = [path("", views.defaults, name="edit")]
