from __future__ import annotations

from django.urls import path

from clearwork.results import views

app_name = "results"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("of/<uuid:pk>/", views.of_authorization, name="of_authorization"),
    path("<uuid:pk>/", views.report, name="report"),
    path("<uuid:pk>/pages/<int:number>.png", views.page_image, name="page_image"),
    path("<uuid:pk>/download.pdf", views.download, name="download"),
]
