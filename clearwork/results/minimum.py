"""More than the minimum necessary (45 CFR 164.502(b)): see docs/adr/0022.

That such a report came, everyone sees who may see its visit. What it says, only a contact for whom
support approved a documented request, as long as that is in force; and a system in their name.
"""

from __future__ import annotations

from django.db.models import QuerySet

from clearwork.access.decide import Viewer
from clearwork.employers.queries import releases_in_force
from clearwork.employers.rules import BEYOND_MINIMUM
from clearwork.results import queries
from clearwork.results.models import Report


def withheld(viewer: Viewer) -> frozenset[str]:
    """The types of report for which this viewer has no approved request; in a preview, whoever
    looks."""
    reader = viewer.seen_by_id or viewer.user_id
    own = releases_in_force(viewer.employer_id).filter(contact__access__user=reader)
    return BEYOND_MINIMUM - frozenset(own.values_list("report_type", flat=True))


def is_withheld(viewer: Viewer, report: Report) -> bool:
    """Of most types nothing is asked."""
    return report.report_type in BEYOND_MINIMUM and report.report_type in withheld(viewer)


def readable(viewer: Viewer) -> QuerySet[Report]:
    """Those of queries.readable() whose content this viewer may have."""
    return queries.readable(viewer).exclude(report_type__in=withheld(viewer))
