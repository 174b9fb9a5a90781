"""How the matrix of contacts and report types speaks. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from clearwork.employers.rules import ReleaseClass, ReleaseStanding, ReportKind, ReportType

_UNRELEASED = {
    None: ("locked", "Needs a request"),
    ReleaseStanding.WAITING: ("waiting", "Waiting"),
    ReleaseStanding.DECLINED: ("declined", "Declined"),
    ReleaseStanding.EXPIRED: ("expired", "Expired"),
}


@dataclass(frozen=True)
class Cell:
    """One contact, one report type. `look` picks icon and colour, `text` says it."""

    report_type: ReportType
    look: str
    text: str

    @property
    def label(self) -> str:
        return self.report_type.label

    @property
    def short(self) -> str:
        """For a narrow column, whose head says the rest."""
        if self.look == "locked":
            return "Request"
        return self.text.removesuffix(" sites") if self.look == "some" else self.text

    @property
    def receives(self) -> bool:
        return self.look in ("all", "some")


@dataclass(frozen=True)
class Sites:
    """Of how many worksites a contact receives a type; `total` open ones there are."""

    total: int
    open: int = 0
    closed: int = 0


def cell(report_type: ReportType, sites: Sites, standing: ReleaseStanding | None) -> Cell:
    beyond = report_type.release_class is ReleaseClass.DOCUMENTED_REQUEST
    if beyond and standing is not ReleaseStanding.APPROVED:
        return Cell(report_type, *_UNRELEASED[standing])
    if not sites.open and not sites.closed:
        return Cell(report_type, "none", "–")
    if sites.open and sites.open == sites.total:
        return Cell(report_type, "all", "All sites")
    if not sites.open:
        return Cell(report_type, "some", f"{sites.closed} closed")
    return Cell(report_type, "some", f"{sites.open} of {sites.total} sites")


def of_one_site(report_type: ReportType, *, yes: bool, standing: ReleaseStanding | None) -> Cell:
    """The cell where a single worksite is asked about."""
    shown = cell(report_type, Sites(total=1, open=int(yes)), standing)
    return Cell(report_type, "all", "Yes") if shown.look == "all" else shown


def types_of(kind: str, one: str = "") -> list[ReportType]:
    """The matrix's columns: one type, those of a kind, or ("") all."""
    if one:
        return [ReportType(one)]
    return [t for t in ReportType if not kind or t.kind == kind]


def grouped_types() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select or check boxes, by kind."""
    return [(kind.label, [(t.value, t.label) for t in types_of(kind)]) for kind in ReportKind]


def counted(number: int, one: str, many: str = "") -> str:
    """`counted(2, "worksite")` is "2 worksites"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_words(adds: int, removes: int, contacts: int) -> str:
    """What a change will do, before it is done."""
    if not adds and not removes:
        return "This changes nothing."
    who = counted(contacts, "contact")
    return f"This adds {adds:,} and removes {removes:,}, for {who}."
