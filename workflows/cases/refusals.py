"""Everything that keeps somebody from a verb now: what they are, where the row stands, and the clauses of the guard."""

from collections.abc import Iterator

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.clauses import against_touching
from foundation.exceptions import Forbidden, Reason
from workflows.cases.asking import Asking
from workflows.cases.clauses import reasons_of
from workflows.machines import MACHINES
from workflows.machines.table import NOT_YET, Role


def reasons_against(asking: Asking) -> list[Reason]:
    """Empty: they may. Rights come first, then the state; where both allow it every clause of the guard is heard."""
    return [*_against_rights(asking)] or [*_against_state(asking)] or [*reasons_of(asking)]


def _against_rights(asking: Asking) -> Iterator[Reason]:
    verb, state = asking.verb, asking.row.state if asking.verb.sources else NOT_YET
    may_somewhere = {role for role in asking.roles if any(_has(asking, role, source) for source in verb.sources or (NOT_YET,))}
    if not may_somewhere:
        yield Forbidden("not_your_role", _not_your_role(", ".join(verb.roles)))
    elif state in verb.sources and not any(_has(asking, role, state) for role in may_somewhere):
        yield Forbidden("not_your_role_here", _("In this state only somebody else may do this."))
    elif Role.INTEGRATION in asking.roles and verb.scope not in asking.by.token_scopes:
        yield Forbidden("scope_missing", _("The token does not have the scope for this."))
    if Role.SYSTEM not in asking.roles and Role.FINANCE not in asking.roles:
        # The system ends what runs out by itself, and money is followed to its end.
        yield from against_touching(asking.case.complaint)


def _has(asking: Asking, role: str, state: str) -> bool:
    return asking.machine.may_use(asking.verb, state, role)


def _against_state(asking: Asking) -> Iterator[Reason]:
    row = asking.row
    if asking.verb.sources and row.state not in asking.verb.sources:
        yield Reason("state", _not_while(row.machine.name, row.state))


def _say_roles(names: str) -> str:
    words = ", ".join(str(Role(name).label) for name in names.split(", "))
    return gettext("Only these may do this: %(roles)s.") % {"roles": words}


def _say_not_while(machine: str, state: str) -> str:
    found = next(each for each in MACHINES if each.name == machine)
    return gettext("Not possible while it says “%(state)s”.") % {"state": found.state(state).label}


# Most pages leave away what the state rules out, so the words are made only where they are read.
_not_your_role = lazy(_say_roles, str)
_not_while = lazy(_say_not_while, str)
