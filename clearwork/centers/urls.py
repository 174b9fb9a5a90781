from __future__ import annotations

from django.urls import path

from clearwork.centers import views

app_name = "centers"
urlpatterns = [
    path("centers/", views.center_list, name="list"),
    path("centers/choose/", views.choose, name="choose"),
    path("centers/<slug:code>/", views.center, name="center"),
    path("centers/<slug:code>/favourite/", views.favourite, name="favourite"),
    path("packages/", views.package_list, name="packages"),
    path("packages/new/", views.package_new, name="package_new"),
    path("packages/<uuid:pk>/", views.package_edit, name="package_edit"),
    path("packages/<uuid:pk>/delete/", views.package_delete, name="package_delete"),
]
