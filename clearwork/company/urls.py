from __future__ import annotations

from django.urls import path

from clearwork.company.views import company, privacy, releases, reports, settings, worksites

app_name = "company"
urlpatterns = [
    path("", company.home, name="home"),
    path("company/", company.edit, name="edit"),
    path("privacy/", privacy.reported, name="privacy"),
    path("notifications/", settings.notifications, name="notifications"),
    path("worksites/", worksites.worksite_list, name="worksites"),
    path("worksites/new/", worksites.add, name="worksite_add"),
    path("worksites/<uuid:pk>/", worksites.edit, name="worksite_edit"),
    path("worksites/<uuid:pk>/close/", worksites.close, name="worksite_close"),
    path("worksites/<uuid:pk>/reopen/", worksites.reopen, name="worksite_reopen"),
    path("reports/", reports.matrix, name="reports"),
    path("reports/change/", reports.change, name="reports_change"),
    path("reports/who/", reports.who, name="reports_who"),
    path("reports/<uuid:pk>/", reports.of_contact, name="reports_contact"),
    path("reports/<uuid:pk>/copy/", reports.copy, name="reports_copy"),
    path("reports/<uuid:pk>/<slug:report_type>/", reports.cell, name="reports_cell"),
    path("reports/<uuid:pk>/<slug:report_type>/request/", releases.new, name="release_new"),
    path("releases/", releases.release_list, name="releases"),
    path("releases/<uuid:pk>/", releases.detail, name="release"),
    path("releases/<uuid:pk>/document.pdf", releases.document, name="release_document"),
]
