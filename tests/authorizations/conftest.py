from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clearwork.centers.models import Service
from clearwork.database import scope
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7
from tests.cast import Cast


@pytest.fixture
def filled(cast: Cast) -> dict[str, Any]:
    return filled_in(cast)


def filled_in(cast: Cast) -> dict[str, Any]:
    """The form as Alice usually fills it in: a DOT physical for Maria in Dallas."""
    return {
        "submission": str(uuid7()),
        "who": "existing",
        "employee": str(cast.maria.pk),
        "worksite": str(cast.plant.pk),
        "kind": "non_injury",
        "reason": "pre_placement",
        "services": [str(cast.dot_physical.pk)],
        "modality": "in_center",
        "center": str(cast.dallas.pk),
        "valid_from": f"{clock.today()}",
        "expires": f"{clock.today() + timedelta(days=30)}",
    }


def telemed_care() -> dict[str, Any]:
    """What Telemed can do, as the form's services."""
    with scope.acting_as(scope.OPERATOR):
        care, _ = Service.objects.get_or_create(
            code="TELE-CARE", name="Video visit", kind="non_injury", modalities=["telemed"]
        )
    return {"services": [str(care.pk)]}
