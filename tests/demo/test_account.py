"""The demo's employers have account information worth looking at."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

from django.db.models import Count

from clearwork.audit.actions import Actor
from clearwork.database import scope
from clearwork.demo.account import add_account_information
from clearwork.documents.inspect import inspect_pdf
from clearwork.documents.storage import read_document
from clearwork.employers import queries
from clearwork.employers.models import Employer, ReleaseRequest, Worksite
from clearwork.employers.rules import ReportType
from tests.cast import Cast

SUPPORT = Actor("staff", uuid4())


def test_contacts_receive_reports_and_requests_are_waiting_and_approved(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        add_account_information(cast.northwind, support=SUPPORT)
        in_force = queries.subscriptions_in_force(cast.northwind.pk)
        receiving = in_force.values("contact").annotate(Count("id"))
        assert len(receiving) == 6
        everything = [row for row in receiving if row["id__count"] == len(ReportType)]
        assert len(everything) == 1, "the Admin User, whose long form is approved"
        states = Counter(ReleaseRequest.objects.values_list("state", flat=True))
        assert states == {"waiting": 1, "approved": 1}
        letter = inspect_pdf(read_document(ReleaseRequest.objects.all()[0].document))
    assert (letter.pages, letter.tagged) == (1, True)


def test_every_place_has_an_address(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        add_account_information(cast.northwind, support=SUPPORT)
        places: list[Employer | Worksite] = [
            Employer.objects.get(pk=cast.northwind.pk),
            *Worksite.objects.filter(employer=cast.northwind),
        ]
    assert all(p.street and p.city and len(p.state) == 2 and p.phone for p in places)
