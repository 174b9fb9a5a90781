"""What each employer of the demo prefers: packages of services, defaults, favourite centers.

Made by the real actions, as the Admin User.
"""

from __future__ import annotations

from clearwork.access.decide import Viewer
from clearwork.centers import actions
from clearwork.centers.actions import Defaults, Package
from clearwork.centers.rules import Kind, Modality, Reason
from clearwork.demo.catalogue import Catalogue
from clearwork.employers import queries as employers

_IN_CENTER = Modality.IN_CENTER
_PACKAGES = (
    ("New driver", Kind.NON_INJURY, Reason.PRE_PLACEMENT, ("DOT-PHYS", "DRUG-DOT", "AUDIO")),
    ("Yearly driver", Kind.NON_INJURY, Reason.PERIODIC, ("DOT-RECERT", "AUDIO")),
    ("Respirator user", Kind.NON_INJURY, Reason.PERIODIC, ("RESP-CLEAR", "FIT-TEST", "PFT")),
    ("Accident", Kind.INJURY, Reason.POST_ACCIDENT, ("INJ-CARE", "DRUG-NONDOT", "ALC-BREATH")),
)
_FAVOURITES = 2


def add_preferences(admin: Viewer, catalogue: Catalogue) -> None:
    for name, kind, reason, codes in _PACKAGES:
        package = Package(name, catalogue.named(*codes), kind, reason, _IN_CENTER)
        actions.add_package(package, by=admin)
    nearby = {
        site.pk: center
        for site in employers.worksites(admin.employer_id)
        for center in catalogue.centers
        if center.city in site.name
    }
    chosen = Defaults(catalogue.centers[0], "Bill to cost center 4100.", nearby)
    actions.set_defaults(chosen, shown=actions.shown_defaults(admin), by=admin)
    for center in catalogue.centers[:_FAVOURITES]:
        actions.set_favourite(center, wanted=True, by=admin)
