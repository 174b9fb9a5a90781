from __future__ import annotations

from django.urls import include, path

from clearwork.api.service import api
from clearwork.home import views as home

urlpatterns = [
    path("", home.home, name="home"),
    path("last-weeks/", home.last_weeks, name="last_weeks"),
    path("healthz", home.healthz, name="healthz"),
    path("", include("clearwork.accounts.sign_in_urls")),
    path("", include("clearwork.centers.urls")),
    path("account/", include("clearwork.company.urls")),
    path("account/defaults/", include("clearwork.centers.account_urls")),
    path("account/integrations/", include("clearwork.api.urls")),
    path("api/v1/", api.urls),
    path("account/people/", include("clearwork.access.urls")),
    path("access/", include("clearwork.accounts.urls")),
    path("support/", include("clearwork.support.urls")),
    path("authorizations/", include("clearwork.authorizations.urls")),
    path("many/", include("clearwork.bulk.urls")),
    path("employees/", include("clearwork.people.urls")),
    path("employees/", include("clearwork.roster.urls")),
    path("results/", include("clearwork.results.urls")),
    path("visits/dot-cards/", include("clearwork.results.dot_urls")),
    path("visits/results/", include("clearwork.results.visit_urls")),
    path("downloads/", include("clearwork.exports.urls")),
    path("visits/", include("clearwork.visits.urls")),
    path("", include("clearwork.help.urls")),
    path("", include("clearwork.passes.urls")),
]

handler400 = "clearwork.ui.views.bad_request"
