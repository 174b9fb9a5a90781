"""The choices of every list's filter: from the catalogue as it is now."""

from __future__ import annotations

from clearwork.centers import directory
from clearwork.centers.models import MedicalCenter
from clearwork.database import scope
from tests.cast import Cast


def test_a_filter_offers_what_is_open_by_place_and_name(cast: Cast) -> None:
    with scope.acting_as(scope.OPERATOR):
        before = directory.places()
        MedicalCenter.objects.filter(pk=cast.mesa.pk).update(
            name="Beside\x1e the \x1fRiver", state="TX", city="Dallas"
        )
        cast.dot_physical.name = "A\x1fnew name"
        cast.dot_physical.save()
        after, services = directory.places(), directory.services()
        MedicalCenter.objects.filter(pk=cast.dallas.pk).update(is_active=False)
        closed = directory.places()
    assert list(before.states) == [("", "Any state"), ("AZ", "AZ"), ("TX", "TX")]
    assert list(after.states) == [("", "Any state"), ("TX", "TX")]
    assert [words for _, words in after.centers] == [
        "Any center",
        "Beside the River (Dallas, TX)",
        f"{cast.dallas.name} (Dallas, TX)",
    ]
    assert [words for _, words in services][:2] == ["Any service", "Anew name"]
    assert list(closed.centers)[1:] == [(str(cast.mesa.pk), "Beside the River (Dallas, TX)")]
