from __future__ import annotations

from django.urls import path

from clearwork.support import (
    held_views,
    hold_views,
    privacy_views,
    service_views,
    sign_in_help,
    views,
)

app_name = "support"
urlpatterns = [
    path("", views.home, name="home"),
    path("requests/", views.request_list, name="requests"),
    path("requests/<uuid:pk>/", views.request_detail, name="request"),
    path("requests/<uuid:pk>/decline/", views.request_decline, name="request_decline"),
    path("people/", sign_in_help.users, name="users"),
    path("people/<uuid:pk>/", sign_in_help.user, name="user"),
    path("releases/", views.release_list, name="releases"),
    path("releases/<uuid:pk>/", views.release_detail, name="release"),
    path("releases/<uuid:pk>/decline/", views.release_decline, name="release_decline"),
    path("releases/<uuid:pk>/document/", views.release_document, name="release_document"),
    path("held/", held_views.held_list, name="held_results"),
    path("held/<uuid:pk>/", held_views.held, name="held_result"),
    path("held/<uuid:pk>/pages/<int:number>.png", held_views.held_page, name="held_result_page"),
    path("incidents/", privacy_views.incident_list, name="incidents"),
    path("incidents/<uuid:pk>/", privacy_views.incident, name="incident"),
    path("holds/", hold_views.hold_list, name="holds"),
    path("holds/new/", hold_views.hold_new, name="hold_new"),
    path("holds/<uuid:pk>/lift/", hold_views.hold_lift, name="hold_lift"),
    path("retention/", hold_views.retention_list, name="retention"),
    path("retention/<slug:report_type>/", hold_views.retention_of, name="retention_of"),
    path("services/", service_views.service_list, name="services"),
    path("services/new/", service_views.service_new, name="service_new"),
    path("services/<uuid:pk>/", service_views.service, name="service"),
    path("services/<uuid:pk>/offer/", service_views.service_offer, name="service_offer"),
    path("concerns/<uuid:pk>/", privacy_views.concern, name="concern"),
]
