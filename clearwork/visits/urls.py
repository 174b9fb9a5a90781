from __future__ import annotations

from django.urls import path

from clearwork.visits import link_views, views

app_name = "visits"
urlpatterns = [
    path("", views.board, name="board"),
    path("all/", views.visit_list, name="list"),
    path("all/<uuid:pk>/", views.visit, name="visit"),
    path("card/<uuid:pk>/", views.card, name="card"),
    path("card/<uuid:pk>/card.pdf", views.card_pdf, name="card_pdf"),
    path("card/<uuid:pk>/link/", link_views.give, name="give_link"),
    path("links/<uuid:pk>/revoke/", link_views.revoke, name="revoke_link"),
    path("shared/<str:token>/", link_views.shared_card, name="shared_card"),
    path("shared/<str:token>/code/", link_views.shared_code, name="shared_code"),
]
