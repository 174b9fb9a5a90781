"""What care can be asked for, and how a catalogue speaks of it. Pure."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from clearwork.foundation.choices import LabelledEnum


class Modality(LabelledEnum):
    IN_CENTER = "in_center", "In center"
    CENTER_TELEMEDICINE = "center_telemedicine", "Telemedicine at a center"
    TELEMED = "telemed", "Telemed (centralized)"
    TELEREHAB = "telerehab", "Telerehab (centralized)"


CENTRALIZED = frozenset({Modality.TELEMED, Modality.TELEREHAB})


class Kind(LabelledEnum):
    INJURY = "injury", "Injury"
    NON_INJURY = "non_injury", "Non-injury"


class Reason(LabelledEnum):
    PRE_PLACEMENT = "pre_placement", "Pre-placement"
    RANDOM = "random", "Random"
    POST_ACCIDENT = "post_accident", "Post-accident"
    REASONABLE_SUSPICION = "reasonable_suspicion", "Reasonable suspicion"
    RETURN_TO_DUTY = "return_to_duty", "Return to duty"
    FOLLOW_UP = "follow_up", "Follow-up"
    PERIODIC = "periodic", "Periodic"
    OTHER = "other", "Other"


class Category(LabelledEnum):
    """The shelves of the catalogue, in the order people look for them."""

    INJURY_CARE = "injury_care", "Injury care"
    THERAPY = "therapy", "Physical and occupational therapy"
    PHYSICALS = "physicals", "Physicals"
    DRUG_AND_ALCOHOL = "drug_and_alcohol", "Drug and alcohol testing"
    RESPIRATORY = "respiratory", "Respirators and lungs"
    HEARING_AND_VISION = "hearing_and_vision", "Hearing and vision"
    HUMAN_PERFORMANCE = "human_performance", "Human performance"
    SURVEILLANCE = "surveillance", "Medical surveillance"
    VACCINATION = "vaccination", "Vaccines and immunity"
    LABORATORY = "laboratory", "Laboratory and imaging"


class DotTest(LabelledEnum):
    """Which test under 49 CFR part 40 a service may be."""

    DRUG = "drug", "DOT drug test"
    ALCOHOL = "alcohol", "DOT alcohol test"


_EARTH_MILES = 3_958.8  # its mean radius


def miles_between(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Great-circle miles between two (latitude, longitude) in degrees: the haversine formula."""
    (north, east), (north_2, east_2) = ((radians(a), radians(b)) for a, b in (here, there))
    half = sin((north_2 - north) / 2) ** 2
    half += cos(north) * cos(north_2) * sin((east_2 - east) / 2) ** 2
    return 2 * _EARTH_MILES * asin(min(1, sqrt(half)))
