from __future__ import annotations

from django.urls import path

from clearwork.results import dot_views

app_name = "dot"
urlpatterns = [
    path("", dot_views.card_list, name="list"),
    path("dot-cards.csv", dot_views.card_csv, name="csv"),
]
