"""Admin Users who change the account at the same moment, over real connections."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from clearwork.accounts.models import PortalAccess
from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.employers.account_actions import shown_worksites
from clearwork.employers.models import ReleaseRequest, ReportSubscription, Worksite
from tests.cast import Cast
from tests.conftest import SignIn

AT_ONCE = 6


def answers(cast: Cast, ask: Callable[[Client, int], int]) -> Counter[int]:
    """The status of each of six requests of Alice's, all begun together."""
    together = threading.Barrier(AT_ONCE)
    clients = [SignIn()(cast.alice) for _ in range(AT_ONCE)]

    def run(number: int) -> int:
        together.wait()
        try:
            return ask(clients[number], number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return Counter(threads.map(run, range(AT_ONCE)))


def test_of_many_worksites_of_one_name_one_is_made(committed_cast: Cast) -> None:
    def add(client: Client, number: int) -> int:
        name = "dock 2" if number % 2 else "Dock 2"
        return client.post("/account/worksites/new/", {"name": name}).status_code

    assert answers(committed_cast, add) == {302: 1, 422: AT_ONCE - 1}
    with scope.acting_as(scope.OPERATOR):
        assert Worksite.objects.filter(employer=committed_cast.northwind).count() == 2


def test_of_many_changes_of_one_cell_the_first_holds_and_the_others_are_told(
    committed_cast: Cast,
) -> None:
    with scope.acting_as(scope.OPERATOR):
        contact = PortalAccess.objects.get(user=committed_cast.victor.user).contact_id
    form = {"worksites": [committed_cast.plant.pk], "shown": shown_worksites([])}

    def change(client: Client, number: int) -> int:
        return client.post(f"/account/reports/{contact}/audiogram/", form).status_code

    assert answers(committed_cast, change) == {302: 1, 422: AT_ONCE - 1}
    with scope.acting_as(scope.OPERATOR):
        assert ReportSubscription.objects.count() == 1
        assert AuditEvent.objects.filter(action="subscription:changed").count() == 1


def test_of_many_requests_for_one_release_one_waits(committed_cast: Cast, pdf: bytes) -> None:
    with scope.acting_as(scope.OPERATOR):
        contact = PortalAccess.objects.get(user=committed_cast.victor.user).contact_id
    path = f"/account/reports/{contact}/mer_long_form/request/"

    def ask(client: Client, number: int) -> int:
        document = SimpleUploadedFile("r.pdf", pdf, content_type="application/pdf")
        return client.post(path, {"reason": "Needed.", "document": document}).status_code

    assert answers(committed_cast, ask) == {302: 1, 422: AT_ONCE - 1}
    with scope.acting_as(scope.OPERATOR):
        assert ReleaseRequest.objects.count() == 1
