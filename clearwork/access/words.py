"""What a person may see and do, in plain words. Pure, from the table of permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clearwork.access.decide import EVERYTHING, Grants
from clearwork.access.permissions import Permission
from clearwork.access.roles import PERMISSIONS
from clearwork.accounts.models import Role

LAST_ADMIN = (
    "This is your company's last Admin User. Make someone else an Admin User first; nothing"
    " was changed."
)


@dataclass(frozen=True)
class InWords:
    """Sentences, each whole."""

    may: tuple[str, ...]
    may_not: tuple[str, ...]


# One sentence for those who hold the permission, one for those who do not ("" for none: what
# everyone holds, or what another sentence already says).
_SENTENCES: Mapping[Permission, tuple[str, str]] = {
    Permission.AUTHORIZATION_CREATE: ("Create authorizations.", "Cannot create authorizations."),
    Permission.AUTHORIZATION_READ_ALL: (
        "See everyone's authorizations.",
        "Cannot see authorizations created by others.",
    ),
    Permission.AUTHORIZATION_READ_OWN: ("Follow authorizations from the order to the results.", ""),
    Permission.AUTHORIZATION_CANCEL: ("Extend and cancel authorizations.", ""),
    Permission.AUTHORIZATION_EXTEND: ("", ""),
    Permission.AUTHORIZATION_RESEND: ("", ""),
    Permission.EMPLOYEE_READ: ("", ""),  # the grants say whom: see _employees
    Permission.EMPLOYEE_ADD: ("", ""),
    Permission.EMPLOYEE_EDIT: (
        "Change employees' records, and mark who has left.",
        "Cannot change employees' records.",
    ),
    Permission.CENTER_READ: ("", ""),
    Permission.PACKAGE_READ: ("", ""),
    Permission.PACKAGE_EDIT: (
        "Save service packages for everyone.",
        "Cannot change service packages.",
    ),
    Permission.DEFAULTS_EDIT: ("Set the defaults for new authorizations.", ""),
    Permission.RESULT_READ: ("", ""),  # the grants say which: see _results
    Permission.RESULT_RESTORE: ("Restore archived results, with a reason.", ""),
    Permission.RESULT_HOLD: ("Put results on legal hold, so they are not destroyed.", ""),
    Permission.COMPANY_READ: ("", ""),
    Permission.COMPANY_EDIT: (
        "Change company information and worksites.",
        "Cannot change company information.",
    ),
    Permission.CONTACT_READ_OWN: ("", ""),
    Permission.CONTACT_READ_ALL: ("", "Cannot see other contacts."),
    Permission.CONTACT_EDIT: ("Add, change and remove contacts.", ""),
    Permission.ACCESS_MANAGE: (
        "Invite people, set what they see, and turn their access on or off.",
        "Cannot change anyone's access.",
    ),
    Permission.ACCESS_REVIEW: ("", ""),
    Permission.SUBSCRIPTION_READ: ("", ""),
    Permission.SUBSCRIPTION_EDIT: ("Set who receives which report.", ""),
    Permission.AUDIT_READ: ("See who changed whose access, and when.", ""),
    Permission.OWN_SETTINGS: ("Choose email notifications.", ""),
}


def in_words(role: str, granted: Grants, worksites: Sequence[str] = ()) -> InWords:
    """Of one person. `worksites` are the names of the granted ones, where they are a list."""
    held = PERMISSIONS.get(role, frozenset())
    grants = EVERYTHING if role == Role.ADMIN else granted
    results = _results(grants, worksites)
    may = [yes for permission, (yes, _) in _SENTENCES.items() if permission in held]
    may_not = [no for permission, (_, no) in _SENTENCES.items() if permission not in held]
    (may if grants.any else may_not).insert(0, results)
    if Permission.EMPLOYEE_READ in held:
        may.append(_employees(grants, worksites))
    if grants.any and grants.restrictions_only:
        may_not.insert(0, "Cannot see anything else of a visit.")
    return InWords(_said(may), _said(may_not))


def _results(grants: Grants, worksites: Sequence[str]) -> str:
    if not grants.any:
        return "Cannot see visits and results."
    kinds = joined([kind.replace("_", "-") for kind in grants.kinds])
    what = "work status reports (restrictions) of" if grants.restrictions_only else ""
    of = "visits" if grants.restrictions_only else "results"
    where = "all worksites" if grants.worksites is None else joined(worksites)
    return " ".join(f"See {what} {kinds} {of} of {where}.".split())


def _employees(grants: Grants, worksites: Sequence[str]) -> str:
    if grants.worksites is None:
        return "Find employees by name and add new ones."
    return f"Find employees of {joined(worksites) or 'no worksite'} only, and add new ones there."


def joined(words: Sequence[str]) -> str:
    """One, one and two, one, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _said(sentences: Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, sentences))
