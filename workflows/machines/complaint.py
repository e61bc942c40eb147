"""The life of a complaint, read into the same form, so that one reader describes every machine."""

from django.utils.translation import gettext_lazy as _

from complaints import lifecycle
from complaints.lifecycle import ENDED, LIVE, Status, Who
from workflows.machines.table import Machine, State, Verb

# Where these verbs lead is written on the row when it leaves the state.
RETURNS_TO = {
    "wake": (Status.OPEN, Status.WAITING_INTERNAL),
    "unmerge": tuple(sorted(LIVE | {Status.RESOLVED})),
}


def _read_verb(row: lifecycle.Verb) -> Verb:
    sources = tuple(status for status in Status if status in row.sources)
    targets = (Status(row.target),) if row.target else RETURNS_TO.get(row.name, ())
    return Verb(row.name, row.name, row.label, "", sources, targets, tuple(who for who in Who if who in row.who))


COMPLAINT = Machine(
    name="complaint",
    label=_("Complaint"),
    help=_("The life of a complaint from filing to closing."),
    states=tuple(State(status) for status in Status),
    verbs=tuple(_read_verb(row) for row in lifecycle.VERBS.values()),
    start=Status.NEW,
    terminals=tuple(status for status in Status if status in ENDED),
    roles=tuple(Who),
    includes={Who.ASSIGNEE: {Who.AGENT}, Who.LEAD: {Who.ASSIGNEE, Who.AGENT}},
    is_shown_to_customers=False,
    declared_in="complaints/lifecycle.py",
    rules=(
        _("The assignee includes the leads of the team; agent is everybody on the staff who may write on the complaint."),
        _("What else must hold before a verb is carried out is in complaints/clauses.py."),
    ),
)
