from __future__ import annotations

from django.urls import path

from clearwork.passes.views import public, sending

app_name = "passes"
urlpatterns = [
    path("pass/<str:token>/", public.open_pass, name="open"),
    path("pass/<str:token>/code/", public.code, name="code"),
    path("pass/<str:token>/pass.pdf", public.pdf, name="pdf"),
    path("pass/<str:token>/visit.ics", public.calendar, name="calendar"),
    path("passes/lost/", sending.lost, name="lost"),
    path("passes/of/<uuid:pk>/", sending.of_authorization, name="of_authorization"),
    path("passes/of/<uuid:pk>/employee/", sending.send_employee, name="send_employee"),
    path("passes/of/<uuid:pk>/someone/", sending.send_named, name="send_named"),
    path("passes/<uuid:pk>/resend/", sending.resend, name="resend"),
    path("passes/<uuid:pk>/revoke/", sending.revoke, name="revoke"),
]
