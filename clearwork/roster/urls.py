from __future__ import annotations

from django.urls import path

from clearwork.roster import merge_views, views

app_name = "roster"
urlpatterns = [
    path("", views.employee_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.employee, name="employee"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/left/", views.leave, name="leave"),
    path("<uuid:pk>/merge/", merge_views.merge, name="merge"),
    path("merged/<uuid:pk>/part/", merge_views.part, name="part"),
    path("<uuid:pk>/back/", views.come_back, name="come_back"),
]
