from __future__ import annotations

from allauth.account import views as sign_in
from django.urls import include, path

from clearwork.home import views as home

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", home.healthz, name="healthz"),
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("account/", include("clearwork.company.urls")),
    path("account/people/", include("clearwork.access.urls")),
    path("access/", include("clearwork.accounts.urls")),
    path("support/", include("clearwork.support.urls")),
    path("authorizations/", include("clearwork.authorizations.urls")),
    path("employees/", include("clearwork.people.urls")),
    path("results/", include("clearwork.results.urls")),
]
