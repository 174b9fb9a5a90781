from __future__ import annotations

from django.urls import path

from clearwork.visits import views

app_name = "visits"
urlpatterns = [
    path("", views.board, name="board"),
    path("all/", views.visit_list, name="list"),
    path("all/<uuid:pk>/", views.visit, name="visit"),
    path("card/<uuid:pk>/", views.card, name="card"),
    path("card/<uuid:pk>/card.pdf", views.card_pdf, name="card_pdf"),
]
