"""When a track ends badly: somebody hears of it, and a case that was being carried out needs a decision."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models.moves import Declared

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

# What usually helps, the best first, by what went wrong: shown on the task of whoever decides.
REMEDIES = {
    "refund": ("retry_payment", "full", "changed"),
    "outbound": ("changed", "full", "partial"),
    "repair": ("changed", "full", "return_goods"),
}
FINANCE_LOOKS = timedelta(hours=4)


def put_track_failed(act: "CaseAct", track: Declared, **codes: Any) -> None:
    """A track ended badly (C23): a case that was being carried out needs a decision; any other one keeps its way, and a role hears of it.

    After completion only money that came back opens the case again.
    """
    kind = track.machine.name
    role = Role.FINANCE if kind == "refund" else Role.LEAD
    act.open_task(f"{kind}_failed", role=role, due=FINANCE_LOOKS, codes={kind: track.pk, "remedies": list(REMEDIES[kind])})
    is_settling = act.case.state == CaseState.SETTLING
    has_bounced = act.case.state == CaseState.COMPLETED and track.state == "bounced"
    if is_settling or has_bounced:
        act.move(act.case, "track_failed", codes={"track": kind, kind: track.pk, **codes})
        act.tell("case_needs_care")
