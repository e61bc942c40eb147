"""Writing down what is proposed and what is decided: one revision after the other, of which one holds."""

from typing import TYPE_CHECKING

from workflows.cases.proposals import Proposal
from workflows.models import Approval, Resolution

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

Standing = Resolution.Standing


def write_resolution(act: "CaseAct", proposal: Proposal, *, standing: str) -> Resolution:
    """The next revision of the case; one that holds takes the place of the one before."""
    case = act.case
    revision = case.revision + 1
    if standing == Standing.CURRENT:
        void_others(act)
    resolution = Resolution.objects.create(
        case=case,
        revision=revision,
        standing=standing,
        is_grant=proposal.is_grant,
        rows=proposal.rows(case),
        amount_fen=proposal.total_fen,
        currency=case.currency,
        shares=dict(proposal.shares),
        basis=dict(proposal.basis),
        digest=proposal.digest(case, revision),
        has_consent=proposal.has_consent,
        proposed_by=act.by,
        decided_by=act.by if standing == Standing.CURRENT else None,
        at=act.at,
    )
    act.set(revision=revision)
    return resolution


def make_current(act: "CaseAct", resolution: Resolution) -> None:
    """What was proposed holds from now on."""
    void_others(act, keep=resolution.pk)
    resolution.standing, resolution.decided_by = Standing.CURRENT, act.by
    resolution.save(update_fields=["standing", "decided_by"])


def void_others(act: "CaseAct", keep: int | None = None) -> None:
    Resolution.objects.filter(case=act.case).exclude(standing=Standing.VOID).exclude(pk=keep).update(standing=Standing.VOID)


def void_chain(act: "CaseAct") -> None:
    """Signatures under something that changed lose their force."""
    for approval in Approval.objects.select_for_update(no_key=True).filter(case=act.case, resolution__isnull=False, state="pending"):
        act.move(approval, "void", ended_at=act.at)
