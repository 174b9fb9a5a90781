from __future__ import annotations

from django.urls import path

from clearwork.people import views

app_name = "people"
urlpatterns = [path("suggest/", views.suggest, name="suggest")]
