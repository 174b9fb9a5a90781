"""An order as the clinic understands it, read from OMG^O19 or ORM^O01."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clearwork.demo.clinic import wire

CONTROLS = {"NW", "XO", "CA"}
ORDER_TYPES = {("OMG", "O19"), ("ORM", "O01")}
_REQUIRED = "101^Required field missing^HL70357"
_NOT_IN_TABLE = "103^Table value not found^HL70357"


@dataclass(frozen=True)
class Service:
    """A service ordered: OBR-4."""

    code: str
    name: str


@dataclass(frozen=True)
class Order:
    """One authorization as a center received it; `control` is ORC-1: NW, XO or CA."""

    control_id: str
    control: str
    number: str
    namespace: str
    sender: tuple[str, str]
    receiver: tuple[str, str]
    employee_id: str
    account: str
    family: str
    given: str
    birth_date: str
    employer: str
    reason: str
    services: tuple[Service, ...]
    observations: Mapping[str, str]

    @property
    def injury(self) -> bool:
        return self.observations.get("KIND") == "injury"


def read(block: bytes) -> Order:
    """The order in a block; raises wire.Refusal with what the sender must mend."""
    message = wire.parse(block)
    msh, orc, pid = (message.first(name) for name in ("MSH", "ORC", "PID"))
    _check(msh, orc, pid, message)
    return Order(
        control_id=msh.value(10),
        control=orc.value(1),
        number=orc.value(2),
        namespace=orc.value(2, 2),
        sender=(msh.value(3), msh.value(4)),
        receiver=(msh.value(5), msh.value(6)),
        employee_id=pid.value(3),
        account=pid.value(3, 4) or orc.value(21, 10),
        family=pid.value(5),
        given=pid.value(5, 2),
        birth_date=pid.value(7)[:8],
        employer=orc.value(21),
        reason=orc.value(16, 2),
        services=_services(message),
        observations={obx.value(3): obx.value(5) for obx in message.all("OBX")},
    )


def _services(message: wire.Message) -> tuple[Service, ...]:
    named = (Service(obr.value(4), obr.value(4, 2)) for obr in message.all("OBR"))
    return tuple(service for service in named if service.code)


def _check(msh: wire.Segment, orc: wire.Segment, pid: wire.Segment, message: wire.Message) -> None:
    if (msh.value(9), msh.value(9, 2)) not in ORDER_TYPES:
        kind = "200^Unsupported message type^HL70357"
        raise wire.Refusal("AR", kind, "Only OMG^O19 and ORM^O01 are taken", "MSH^1^9")
    required = [
        (msh.value(10), "MSH^1^10", "Message control ID"),
        (msh.value(5), "MSH^1^5", "Receiving application"),
        (pid.value(5), "PID^1^5", "Patient name"),
        (orc.value(2), "ORC^1^2", "Placer order number"),
        (_services(message), "OBR^1^4", "Service"),
    ]
    for present, location, name in required:
        if not present:
            raise wire.Refusal("AE", _REQUIRED, f"{name} is required", location)
    if orc.value(1) not in CONTROLS:
        text = "Only new orders (NW), changes (XO) and cancellations (CA) are taken"
        raise wire.Refusal("AE", _NOT_IN_TABLE, text, "ORC^1^1")
