"""One portal of the `large` benchmark, in a process of its own that does what it is told.

A line in is a task's name and its arguments as JSON, a line out its answer.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import browser, form, network, search
from benchmarks.large_seed import STATES, Network, Size, fill
from clearwork.centers.models import MedicalCenter
from clearwork.database import embedded, scope
from clearwork.employers.models import Worksite

WHO = {"largest": "L0", "small": "L3"}
CLIENTS, _CENTERS, _CREATOR = 8, 500, "creator"
_EMPTY = "/results/?all=1"
# Last-name prefix, 90 days, newest 25: by the page and by the API.
PREFIX = {"page": "/results/?name=gar", "API": "/api/v1/results?name=gar&limit=25"}
_IN_LARGE = "SET maintenance_work_mem = '1GB'"
LISTS = (
    *("/", "/last-weeks/", "/results/?all=1", "/results/count/?all=1", "/visits/", "/visits/all/"),
    *("/visits/all/?name=gar", "/visits/dot-cards/", "/visits/dot-cards/?show=none"),
    *("/employees/", "/employees/?q=gar", "/authorizations/?all=1", "/authorizations/?q=gar"),
    *("/many/", "/downloads/", "/account/", "/account/people/", "/account/people/review/"),
    *("/account/reports/", "/account/worksites/", "/account/releases/", "/account/integrations/"),
)
_BIG = (
    *("results_report", "people_employee", "authorizations_authorization", "visits_visit"),
    *("visits_workstatus", "results_dotcertificate"),
)
# In a policy's part for centers alone, which no employer's plan runs, a table has another name.
_SCANNED = re.compile(rf"Seq Scan on ({'|'.join(_BIG)})\b(?! (?:parent|ordered))")


@dataclass(frozen=True)
class _Page:
    """`sql` is its list's."""

    url: str
    sql: str


class Portal:
    """The portal that this process's environment names."""

    def __init__(self) -> None:
        self.database = settings.DATABASES["default"]["NAME"]
        self.readers: dict[str, Client] = {}
        self.systems: dict[str, Client] = {}
        self.sites: dict[str, Worksite] = {}
        self.pages: dict[str, dict[str, _Page]] = {}

    def fill(self, reports: int, employers: int, largest: int) -> int:
        """Centers in several states, one creator of orders, and everything of theirs."""
        places = network.centers("L", _CENTERS)
        with scope.acting_as(scope.OPERATOR):
            for at, center in enumerate(places):
                center.state = STATES[at % len(STATES)]
            MedicalCenter.objects.bulk_update(places, ["state"])
        creator = network.admin(network.employer("NONE"), _CREATOR)
        made = Network(Size(reports, employers, largest), [c.pk for c in places], creator.pk)
        with self._owner() as owner:
            owner.execute(_IN_LARGE)
            fill(owner, made)
        return reports

    def ready(self) -> list[str]:
        """Sign everyone in, and find each page's address and SQL."""
        with scope.acting_as(scope.OPERATOR):
            by_number = {
                site.employer.account_number: site
                for site in Worksite.objects.filter(
                    employer__account_number__in=[*WHO.values(), "NONE"]
                ).select_related("employer")
            }
        for who, number in {**WHO, "nobody": "NONE"}.items():
            self.sites[who] = by_number[number]
            self.readers[who] = search.signed_in(by_number[number], who)
        for who in WHO:
            self.systems[who] = search.with_token(self.sites[who], f"system-{who}")
            self.pages[who] = self._pages(who)
        return list(search.PAGES)

    def _pages(self, who: str) -> dict[str, _Page]:
        facts = search.facts(self._owner, self.sites[who])
        urls = {name: f"/results/?{q.format(**facts)}" for name, q in search.PAGES.items()}
        return {
            name: _Page(url, search.list_sql(self.readers[who], url)) for name, url in urls.items()
        }

    def round(self) -> dict[str, Any]:
        """Milliseconds: the empty page's, and of each page its own, its SQL's, and that
        by the owner, whom row-level security does not bind."""
        nobody = self.readers["nobody"]
        found: dict[str, Any] = {"nothing": [], "pages": {}}
        with self._as("clearwork_app") as app, self._as("clearwork_owner") as owner:
            for who, pages in self.pages.items():
                own = scope.employer(self.sites[who].employer_id).text
                app.execute("SELECT set_config('clearwork.scope', %s, false)", [own])
                for name, page in pages.items():
                    found["nothing"].append(search.timed(partial(search.get, nobody, _EMPTY)))
                    found["pages"][f"{name}, {who}"] = [
                        search.timed(partial(search.get, self.readers[who], page.url)),
                        search.timed(partial(search.fetch, app, page.sql)),
                        search.timed(partial(search.fetch, owner, page.sql)),
                    ]
        return found

    def crowd(self, each: int) -> dict[str, list[float]]:
        """By the web server, 8 at once: requests a second, and the 95th percentile in ms."""
        found: dict[str, list[float]] = {}
        with form.web() as port:
            for who in WHO:
                pages = {name: page.url for name, page in self.pages[who].items()}
                asking = {**pages, **PREFIX} if each > 1 else PREFIX
                for name, url in asking.items():
                    system = name == "API"
                    client = self.systems[who] if system else self.readers[who]
                    visit = browser.Visit(port, [_request(client, url)] * each, 200)
                    if not found:  # the first one warms the server
                        browser.ask([visit] * CLIENTS)
                    asked = browser.ask([visit] * CLIENTS)
                    found[f"{name}, {who}"] = [asked.rate, asked.p95 * 1000]
        return found

    def lists(self) -> dict[str, list[str]]:
        """Of each list of the largest employer: the big tables that one of its plans scans."""
        found = {}
        own = scope.employer(self.sites["largest"].employer_id).text
        with self._as("clearwork_app") as app:
            app.execute("SELECT set_config('clearwork.scope', %s, false)", [own])
            for url in (*LISTS, *(page.url for page in self.pages["largest"].values())):
                with CaptureQueriesContext(connection) as queries:
                    search.get(self.readers["largest"], url)
                asked = [q["sql"] for q in queries if q["sql"].startswith("SELECT")]
                plans = [_plan(app, sql) for sql in asked]
                found[url] = sorted({table for plan in plans for table in _SCANNED.findall(plan)})
        return found

    def _owner(self) -> psycopg.Connection:
        return embedded.connect(settings.DATA, self.database)

    def _as(self, role: str) -> psycopg.Connection:
        given = settings.DATABASES["default"]
        options = given["OPTIONS"]["options"]
        return psycopg.connect(
            host=given["HOST"], dbname=self.database, user=role, options=options, autocommit=True
        )


def _plan(raw: psycopg.Connection, sql: str) -> str:
    rows = raw.execute(f"EXPLAIN {sql}").fetchall()  # type: ignore[call-overload]
    return "\n".join(line for (line,) in rows)


def _request(client: Client, url: str) -> bytes:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    token = client.defaults.get("HTTP_AUTHORIZATION", "")
    head = f"Authorization: {token}" if token else f"Cookie: {cookies}"
    return (
        f"GET {quote(url, safe='/?&=+-%:')} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n".encode()
    )


def main() -> None:
    """Answer on what is now standard output; what else is printed goes to standard error."""
    answers, portal = os.fdopen(os.dup(1), "w"), Portal()
    os.dup2(2, 1)
    for line in sys.stdin:
        task, *arguments = json.loads(line)
        answer = getattr(portal, task)(*arguments)
        print(json.dumps(answer), file=answers, flush=True)
