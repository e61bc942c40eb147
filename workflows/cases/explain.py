"""What somebody may do with a row of a case, and in words why not: the same clauses that the services ask."""

from dataclasses import dataclass
from typing import Any

from foundation.exceptions import Reason
from workflows.access import roles_of
from workflows.cases.asking import Asking
from workflows.cases.refusals import reasons_against
from workflows.machines.table import NOT_YET, Role, Verb
from workflows.models import Case
from workflows.models.moves import Declared

# What speaks against a customer in words for staff, put so that it tells nothing of the house.
FOR_CUSTOMERS = frozenset({"flow.step_pending", "above_authority", "second_person", "not_eligible", "chain_open"})


@dataclass(frozen=True)
class Explained:
    """One verb of one row. ``needs`` are the arguments that it takes; ``in_state`` is false where the state alone rules it out."""

    verb: Verb
    is_allowed: bool
    in_state: bool
    reasons: tuple[Reason, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return self.verb.args

    def as_row(self) -> dict[str, Any]:
        """As the API gives it."""
        reasons = [{"code": each.code, "text": str(each.text), "cure": str(each.cure)} for each in self.reasons]
        return {
            "verb": self.verb.name,
            "label": str(self.verb.label),
            "help": str(self.verb.help),
            "allowed": self.is_allowed,
            "in_state": self.in_state,
            "needs": list(self.needs),
            "adverse": self.verb.adverse,
            "money": self.verb.money,
            "reasons": reasons,
        }


def explain_case(case: Case, by: Any, *, as_customer: bool = False) -> list[Explained]:
    """Every verb of the case that is ever open to this kind of person."""
    return explain_row(case, case, by, as_customer=as_customer)


def explain_row(row: Declared, case: Case, by: Any, *, as_customer: bool = False, roles: frozenset[str] | None = None) -> list[Explained]:
    """The same for a track of the case. ``roles``: as what somebody acts, where that is known already."""
    roles = roles_of(by, case, as_customer=as_customer) if roles is None else roles
    shared = Asking(row, row.machine.verbs[0], case, by, roles, is_rehearsal=True)
    return [_explain(shared, verb) for verb in row.machine.verbs if _is_ever_open(verb, row, roles)]


def allowed_verbs(row: Declared, case: Case, by: Any, *, as_customer: bool = False) -> set[str]:
    """The names of what is possible now."""
    return {each.verb.name for each in explain_row(row, case, by, as_customer=as_customer) if each.is_allowed}


def _is_ever_open(verb: Verb, row: Declared, roles: frozenset[str]) -> bool:
    return any(row.machine.may_use(verb, source, role) for role in roles for source in verb.sources or (NOT_YET,))


def _explain(shared: Asking, verb: Verb) -> Explained:
    # One asking for all verbs: the rows behind the clauses are read once.
    shared.verb = verb
    reasons = reasons_against(shared)
    if Role.CUSTOMER in shared.roles:
        reasons = [_for_customer(reason) for reason in reasons]
    in_state = not verb.sources or shared.row.state in verb.sources
    return Explained(verb, not reasons, in_state, tuple(reasons))


def _for_customer(reason: Reason) -> Reason:
    return Reason(reason.code, reason.text) if reason.code in FOR_CUSTOMERS else reason
