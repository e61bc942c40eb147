"""Counting what somebody granted alone against what they may: goodwill by its own limits, any other amount by those of the case."""

from typing import TYPE_CHECKING

from workflows.cases.proposals import Proposal, amounts_of
from workflows.money.authority import give_back_authority, use_authority

if TYPE_CHECKING:
    from workflows.services.act import CaseAct


def put_authority(act: "CaseAct", proposal: Proposal) -> None:
    """Use up the authority of whoever decides; a chain that signed used nobody's."""
    for scope, amount_fen in amounts_of(act.case, proposal).items():
        if act.by is not None and amount_fen:
            use_authority(act.case, amount_fen, by=act.by, scope=scope)


def take_back_authority(act: "CaseAct") -> None:
    """What was granted is decided anew, or was not granted after all."""
    give_back_authority(act.case)
