from __future__ import annotations

from django.urls import path

from clearwork.access import manage_views as manage
from clearwork.access import session_views as session
from clearwork.access import views

app_name = "access"
urlpatterns = [
    path("", views.contact_list, name="list"),
    path("add/", views.add, name="add"),
    path("me/", views.mine, name="mine"),
    path("review/", manage.review, name="review"),
    path("history.csv", views.history_csv, name="history"),
    path("switch/", session.switch, name="switch"),
    path("leave/", session.leave, name="leave"),
    path("preview/end/", session.end_preview, name="end_preview"),
    path("<uuid:pk>/", views.contact, name="contact"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
    path("<uuid:pk>/restore/", views.restore, name="restore"),
    path("<uuid:pk>/invite/", manage.invite, name="invite"),
    path("<uuid:pk>/invitation/resend/", manage.resend, name="resend"),
    path("<uuid:pk>/invitation/revoke/", manage.revoke, name="revoke"),
    path("<uuid:pk>/role/", manage.role, name="role"),
    path("<uuid:pk>/visits/", manage.activity, name="activity"),
    path("<uuid:pk>/off/", manage.turn_off, name="turn_off"),
    path("<uuid:pk>/on/", manage.turn_on, name="turn_on"),
    path("<uuid:pk>/preview/", session.preview, name="preview"),
]
