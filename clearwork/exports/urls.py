from __future__ import annotations

from django.urls import path

from clearwork.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.export_list, name="list"),
    path("new/", views.new, name="new"),
    path("authorizations/", views.authorizations, name="authorizations"),
    path("lists/<uuid:pk>/", views.of_list, name="of_list"),
    path("<uuid:pk>/", views.export, name="export"),
    path("<uuid:pk>/progress/", views.progress, name="progress"),
    path("<uuid:pk>/stop/", views.stop, name="stop"),
    path("<uuid:pk>/again/", views.remake, name="remake"),
    path("<uuid:pk>/file/", views.download, name="download"),
]
