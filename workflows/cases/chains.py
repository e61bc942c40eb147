"""Whose signatures a proposal needs: what the policy wants, what the amount wants, and what the procedure adds."""

from workflows.cases.proposals import Proposal
from workflows.cases.windows import is_within_statutory_window
from workflows.flows.gates import signatures_ahead
from workflows.machines.table import Role
from workflows.models import Case

# Above this, money needs finance beside the lead.
FINANCE_FROM_FEN = 50_000
ORDER = (Role.LEAD, Role.MANAGER, Role.FINANCE)


def chain_for(case: Case, proposal: Proposal) -> list[str]:
    """Roles in the order in which they are asked, each once; never empty."""
    wanted = {*case.policy.approvers, *(each.role for each in signatures_ahead(case))} if proposal.is_grant else set()
    if proposal.total_fen > FINANCE_FROM_FEN:
        wanted |= {Role.LEAD, Role.FINANCE}
    if not proposal.is_grant and is_within_statutory_window(case, case.since):
        wanted.add(Role.LEAD)
    return [str(role) for role in ORDER if role in wanted] or [str(Role.LEAD)]
