from __future__ import annotations

from django.urls import path

from clearwork.results.views import archive, lists, one, removal, types

app_name = "results"
urlpatterns = [
    path("", lists.report_list, name="list"),
    path("types/", types.types, name="types"),
    path("count/", lists.count, name="count"),
    path("views/", lists.save_view, name="save_view"),
    path("views/<uuid:pk>/", lists.change_view, name="change_view"),
    path("views/<uuid:pk>/delete/", lists.delete_view, name="delete_view"),
    path("of/<uuid:pk>/", one.of_authorization, name="of_authorization"),
    path("<uuid:pk>/", one.report, name="report"),
    path("<uuid:pk>/pages/<int:number>.png", one.page_image, name="page_image"),
    path("<uuid:pk>/download.pdf", one.download, name="download"),
    path("<uuid:pk>/restore/", archive.restore, name="restore"),
    path("<uuid:pk>/hold/", archive.hold, name="hold"),
    path("<uuid:pk>/received-in-error/", removal.received_in_error, name="received_in_error"),
]
