"""Guards of a repair."""

from datetime import timedelta

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.machines.table import Role

ANSWER_WITHIN = timedelta(days=7)


@against("in_warranty")
def costs_nothing(asking: Asking) -> bool:
    return asking.row.in_warranty


@against("quote_needed")
def needs_a_quote(asking: Asking) -> bool:
    return not asking.row.in_warranty


@against("finding_missing", needs=("finding",))
def says_no_finding(asking: Asking) -> bool:
    return not str(asking.given("finding") or "").strip()


@against("quote_changed", needs=("amount",))
def is_another_amount(asking: Asking) -> bool:
    return asking.given("amount") != asking.row.quote_fen


@against("quote_running")
def has_time_to_answer(asking: Asking) -> bool:
    """Customer and agent may decline at once; silence declines after a week."""
    return Role.SYSTEM in asking.roles and asking.at < asking.row.since + ANSWER_WITHIN
