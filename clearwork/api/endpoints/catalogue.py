"""What can be ordered, and where: the codes an order is made of."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel

from clearwork.api.answers import answer
from clearwork.api.entry import asks
from clearwork.api.rules import Scope
from clearwork.api.schemas import Center
from clearwork.authorizations.rules import Kind, Modality
from clearwork.centers import queries
from clearwork.centers.models import MedicalCenter

router = Router(tags=["Authorizations"])


class ServiceOut(BaseModel):
    code: str
    name: str
    kind: Kind
    modalities: list[Modality]
    is_dot_test: bool


class ServiceList(BaseModel):
    items: list[ServiceOut]


class CenterOut(Center):
    street: str
    city: str
    state: str
    postal_code: str
    phone: str

    @classmethod
    def of(cls, center: MedicalCenter) -> CenterOut:
        return cls(**{name: getattr(center, name) for name in cls.model_fields})


class CenterList(BaseModel):
    items: list[CenterOut]


@router.get("/services", response=ServiceList, **asks(Scope.AUTHORIZATIONS_READ))
def list_services(request: HttpRequest) -> HttpResponse:
    """All that can be authorized."""
    items = [
        ServiceOut(
            code=service.code,
            name=service.name,
            kind=Kind(service.kind),
            modalities=[Modality(one) for one in service.modalities],
            is_dot_test=bool(service.dot_test),
        )
        for service in queries.services().order_by("code")
    ]
    return answer(ServiceList(items=items))


@router.get("/centers", response=CenterList, **asks(Scope.AUTHORIZATIONS_READ))
def list_centers(request: HttpRequest) -> HttpResponse:
    """The medical centers that take orders."""
    found = queries.centers().order_by("code")
    return answer(CenterList(items=[CenterOut.of(center) for center in found]))
