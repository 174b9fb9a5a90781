from __future__ import annotations

from django.urls import path

from clearwork.results import visit_views

app_name = "visit_results"
urlpatterns = [
    path("of-report/<uuid:pk>/", visit_views.of_report, name="of_report"),
    path("<uuid:pk>/", visit_views.of_visit, name="of_visit"),
]
