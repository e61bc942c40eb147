"""The spine of a case, put together from its states and its verbs."""

from django.utils.translation import gettext_lazy as _

from workflows.machines.spine_states import BORN_BY_SPLIT, NEXT_AFTER_GRANT, STATES, CaseState
from workflows.machines.spine_verbs import VERBS
from workflows.machines.table import Machine

__all__ = ["NEXT_AFTER_GRANT", "SPINE", "CaseState"]

SPINE = Machine(
    name="case",
    label=_("After-sales case"),
    help=_("The spine of a case says only whose turn it is; the tracks hold the facts."),
    states=STATES,
    verbs=VERBS,
    start=CaseState.DRAFT,
    terminals=(CaseState.CLOSED,),
    also_born=BORN_BY_SPLIT,
    has_clocks=True,
    declared_in="workflows/machines/spine.py",
    rules=(
        _(
            "After a grant: nothing to receive leads to settling; a parcel that the carrier has scanned, or that comes back by itself, "
            "to in transit; otherwise to awaiting return."
        ),
        _("A parcel scanned after the case left the return phase changes only its tracks and opens a task of the lead."),
        _("A case begins as a draft, or is split off in one of three states with its parent named."),
        _("Entering a state that staff own opens a task, unless the procedure of the case opens its own."),
        _("A pending approval belongs to the phase it was proposed from."),
        _("Whoever acts on behalf of the customer needs a recorded request."),
        _("An integration acts only within the scopes of its token."),
        _("After archiving the case never moves; finance works on the refund alone."),
    ),
)
