"""The matrix at the size it is made for: 60 contacts, every type, 40 worksites."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clearwork.audit.models import AuditEvent
from clearwork.database import scope
from clearwork.employers.models import Contact, ReportSubscription, Worksite
from clearwork.employers.rules import ReportType
from tests.cast import Cast

TYPES = [kind for kind in ReportType if kind != ReportType.MER_LONG_FORM]
CONTACTS, WORKSITES = 60, 40
ROWS = CONTACTS * len(TYPES) * WORKSITES
_SUBSCRIBE_ALL = """
    INSERT INTO employers_reportsubscription (id, employer_id, contact_id, report_type, worksite_id)
    SELECT gen_random_uuid(), contact.employer_id, contact.id, kind, worksite.id
    FROM employers_contact contact JOIN employers_worksite worksite USING (employer_id),
         unnest(%s::text[]) kind
"""


@pytest.fixture
def large(cast: Cast) -> list[Contact]:
    """Northwind's 60 contacts at 40 worksites; everyone receives everything but the MER."""
    with scope.acting_as(scope.OPERATOR):
        Worksite.objects.bulk_create(
            Worksite(employer=cast.northwind, name=f"Plant {number}") for number in range(5, 44)
        )
        Contact.objects.bulk_create(
            Contact(employer=cast.northwind, first_name=f"C{number}", last_name="Contact")
            for number in range(CONTACTS - 2)
        )
        with connection.cursor() as cursor:
            cursor.execute(_SUBSCRIBE_ALL, [[kind.value for kind in TYPES]])
            cursor.execute(
                "DELETE FROM employers_reportsubscription WHERE employer_id = %s",
                [cast.southport.pk],
            )
        assert ReportSubscription.objects.count() == ROWS == 48_000
        return list(Contact.objects.filter(employer=cast.northwind))


def queries_of(client: Client, path: str) -> list[str]:
    """What the page itself asks: not who asks, which is the same for every page."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return [q["sql"] for q in seen if "employers_" in q["sql"] and "set_config" not in q["sql"]]


def test_everything_is_removed_and_added_again_in_one_go(
    alice: Client, cast: Cast, large: list[Contact]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        sites = list(Worksite.objects.filter(employer=cast.northwind).values_list("pk", flat=True))
    asked: dict[str, Any] = {
        "contacts": [contact.pk for contact in large],
        "types": [kind.value for kind in TYPES],
        "worksites": sites,
    }
    for what, words in (
        ("remove", "adds 0 and removes 48,000"),
        ("add", "adds 48,000 and removes 0"),
    ):
        preview = alice.post("/account/reports/change/", {**asked, "what": what})
        assert words in preview.context["words"]
        shown = preview.context["plan"].fingerprint
        saved = {**asked, "what": what, "save": 1, "shown": shown}
        assert alice.post("/account/reports/change/", saved).status_code == 302
    with scope.acting_as(scope.OPERATOR):
        assert ReportSubscription.objects.count() == ROWS
        events = AuditEvent.objects.filter(action="subscription:changed")
        assert events.count() == 2 * CONTACTS, "one a contact and change"


def test_reading_takes_few_queries_at_any_size(
    alice: Client, cast: Cast, large: list[Contact]
) -> None:
    for query in ("?kind=all", "?kind=injury", "?type=audiogram"):
        started = time.perf_counter()
        asked = queries_of(alice, f"/account/reports/{query}")
        taken = time.perf_counter() - started
        assert len(asked) <= 8, asked
        assert taken < 2, "far above what it takes: a machine shared by many"
    of_one = queries_of(alice, "/account/reports/?kind=all&q=alice")
    assert len(of_one) == len(queries_of(alice, "/account/reports/?kind=all"))
    who = f"/account/reports/who/?type=audiogram&worksite={cast.plant.pk}"
    assert len(queries_of(alice, who)) <= 8
    assert len(alice.get(who).context["receiving"]) == CONTACTS


def test_every_contact_is_shown_with_all_sites(alice: Client, large: list[Contact]) -> None:
    rows = alice.get("/account/reports/?kind=all").context["rows"]
    assert len(rows) == CONTACTS
    assert {cell.text for row in rows for cell in row.cells} == {"All sites", "Needs a request"}


def test_an_employer_with_five_thousand_contacts_reads_them_by_the_page(
    alice: Client, cast: Cast, as_northwind: Callable[[], Any]
) -> None:
    with scope.acting_as(scope.OPERATOR):
        Contact.objects.bulk_create(
            Contact(employer=cast.northwind, first_name=f"C{number}", last_name="Contact")
            for number in range(5000)
        )
    page = alice.get("/account/reports/?page=2")
    assert len(page.context["rows"]) == 60
    assert page.context["page"].paginator.count == 5002
    change = alice.get("/account/reports/change/")
    assert change.content.count(b'name="contacts"') == 300
    assert b"find others by name" in change.content
    found = alice.get("/account/reports/change/?q=c4999")
    assert found.content.count(b'name="contacts"') == 1
