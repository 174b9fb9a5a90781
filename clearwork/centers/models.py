"""The network's own catalogue, and what each employer prefers of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from clearwork.centers.hours import UnreadableHours, Week
from clearwork.centers.rules import Category, DotTest, Kind, Modality, Reason
from clearwork.centers.zips import time_zones
from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7


def in_center_only() -> list[str]:
    return [Modality.IN_CENTER.value]


def valid_hours(text: str) -> None:
    try:
        Week.read(text)
    except UnreadableHours as error:
        raise ValidationError(str(error)) from error


def valid_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError("Give the time zone's IANA name, e.g. America/Chicago.")


class Service(models.Model):
    """One thing that can be authorized.

    `bring` holds one item a line; `prepare` is what to do beforehand. What every visit
    needs (a photo ID, this authorization) is left to the pass.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    name_es = models.CharField(max_length=120, blank=True)
    category = models.CharField(
        max_length=20, choices=Category.choices(), default=Category.PHYSICALS
    )
    kind = models.CharField(max_length=12, choices=Kind.choices())
    # A test after an accident, say, is ordered together with the care for the injury.
    with_injury = models.BooleanField(default=False)
    modalities = ArrayField(
        models.CharField(max_length=20, choices=Modality.choices()), default=in_center_only
    )
    dot_test = models.CharField(max_length=10, choices=DotTest.choices(), blank=True)
    description = models.CharField(max_length=300, blank=True)
    bring = models.TextField(blank=True)
    bring_es = models.TextField(blank=True)
    prepare = models.CharField(max_length=500, blank=True)
    prepare_es = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def ways(self) -> list[str]:
        return [Modality(one).label for one in self.modalities]

    def fits(self, kind: str, modality: str) -> bool:
        """Whether it can be authorized for this kind of care in this way."""
        of_kind = self.kind == kind or (self.with_injury and kind == Kind.INJURY)
        return of_kind and modality in self.modalities


class MedicalCenter(models.Model):
    class OrderMessage(models.TextChoices):
        OMG_O19 = "OMG_O19", "OMG^O19 (general clinical order)"
        ORM_O01 = "ORM_O01", "ORM^O01 (order, before v2.5)"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    # Degrees (WGS 84). Where they are missing the center's distance is not known.
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    phone = models.CharField(max_length=40)
    time_zone = models.CharField(max_length=40, validators=(valid_time_zone,))
    opening_hours = models.CharField(max_length=200, blank=True, validators=(valid_hours,))
    offers_telemedicine = models.BooleanField(default=False)
    services = models.ManyToManyField(Service, related_name="centers")
    is_active = models.BooleanField(default=True)
    order_message = models.CharField(
        max_length=10, choices=OrderMessage.choices, default=OrderMessage.OMG_O19
    )
    hl7_application = models.CharField(max_length=180)
    hl7_facility = models.CharField(max_length=180)
    hl7_host = models.CharField(max_length=255)
    hl7_port = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hl7_application", "hl7_facility"), name="center_hl7_sender"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__isnull=False,
                    longitude__range=(-180, 180),
                ),
                name="center_place",
            ),
            models.CheckConstraint(
                condition=~models.Q(time_zone=""), name="center_has_a_time_zone"
            ),
        )
        ordering = ("state", "city", "name")

    def __str__(self) -> str:
        return f"{self.name} ({self.city}, {self.state})"

    @property
    def address(self) -> str:
        return f"{self.street}, {self.city}, {self.state} {self.postal_code}"

    @property
    def week(self) -> Week:
        return Week.read(self.opening_hours)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def hours(self) -> str:
        """Its opening hours in words; "" where they are not known."""
        return self.week.in_words()

    @property
    def is_open_now(self) -> bool:
        return self.week.is_open(clock.now(), self.zone)

    @property
    def open_now(self) -> str:
        """E.g. "Open now until 5 p.m.", told in the center's own time zone."""
        return self.week.now(clock.now(), self.zone)


class ServicePackage(TenantModel):
    """Services an employer orders together, and what else such an order usually says."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices(), blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices(), blank=True)
    modality = models.CharField(max_length=20, choices=Modality.choices(), blank=True)
    services = models.ManyToManyField(Service, through="PackagedService", related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint("employer", Lower("name"), name="service_package_name"),
        )
        ordering = (Lower("name"),)

    def __str__(self) -> str:
        return self.name


class PackagedService(TenantModel):
    package = TenantForeignKey(ServicePackage, models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "package", "service"), name="service_packaged_once"
            ),
        )


class FavouriteCenter(TenantModel):
    """A center one user chose to see first."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    center = models.ForeignKey(MedicalCenter, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "user", "center"), name="favourite_once"),
        )


class EmployerDefaults(TenantModel):
    """What an employer's new authorizations begin with."""

    center = models.ForeignKey(
        MedicalCenter, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    billing_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer",), name="employer_defaults_once"),
        )


class WorksiteDefaults(TenantModel):
    """The center nearest to one worksite, where it is not the employer's usual one."""

    worksite = TenantForeignKey("employers.Worksite", models.CASCADE, related_name="+")
    center = models.ForeignKey(MedicalCenter, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "worksite"), name="worksite_defaults_once"),
        )
