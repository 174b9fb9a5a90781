from __future__ import annotations

from django.urls import path

from clearwork.bulk.views import beginning, going

app_name = "bulk"
urlpatterns = [
    path("", going.batch_list, name="list"),
    path("new/", beginning.new, name="new"),
    path("employees/", beginning.roster_import, name="roster_import"),
    path("example/<slug:what>.<slug:kind>", beginning.example_file, name="example"),
    path("extend/", beginning.extend, name="extend"),
    path("cancel/", beginning.cancel, name="cancel"),
    path("<uuid:pk>/", going.batch, name="batch"),
    path("<uuid:pk>/columns/", going.columns, name="columns"),
    path("<uuid:pk>/order/", going.order, name="order"),
    path("<uuid:pk>/doubts/", going.accept_doubts, name="accept_doubts"),
    path("<uuid:pk>/passes/", going.passes, name="passes"),
    path("<uuid:pk>/submit/", going.submit, name="submit"),
    path("<uuid:pk>/go-on/", going.go_on, name="go_on"),
    path("<uuid:pk>/stop/", going.stop, name="stop"),
    path("<uuid:pk>/progress/", going.progress, name="progress"),
    path("rows/<uuid:pk>/", going.row, name="row"),
    path("rows/<uuid:pk>/leave-out/", going.leave_out, name="leave_out"),
]
