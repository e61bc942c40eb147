"""The flow definition of a case at work: its steps follow every verb. It moves no case itself."""

from typing import TYPE_CHECKING

from workflows.flows.standing import phase_of
from workflows.services.flow_book import FlowBook

if TYPE_CHECKING:
    from workflows.services.act import CaseAct


def advance_case(act: "CaseAct") -> None:
    """Bring the steps of the case in line with where it is now: end what the verbs finished, leave the old phase, open what follows.

    Writes steps, opens and ends their tasks and adds their notices. Call it under the lock of the case, after each verb, step and timer.
    """
    book = FlowBook(act)
    book.catch_up()
    for verb in act.verbs:
        book.close(verb)
    book.enter(phase_of(act.case))
    book.settle()
    book.write()
