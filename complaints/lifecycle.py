"""The life of a complaint as one table: which verb leads from where to where, and who may use it.

The table is the declaration. ``@transition`` sources and roles, the allowed-verbs list of the desk, the tracker's buttons,
the documents in ``docs/machines/`` and the state × role × verb test are all read from it.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    NEW = "new", _("New")
    OPEN = "open", _("In progress")
    WAITING_CUSTOMER = "waiting_customer", _("Waiting for customer")
    WAITING_INTERNAL = "waiting_internal", _("With another department")
    SNOOZED = "snoozed", _("Follow-up later")
    RESOLVED = "resolved", _("Resolved, to be confirmed")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Merged")
    SPAM = "spam", _("Not accepted")


LIVE = frozenset({Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_INTERNAL, Status.SNOOZED})
WORKED = frozenset({Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_INTERNAL, Status.SNOOZED})
ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.MERGED, Status.SPAM})

STAGES = {
    Status.NEW: "new",
    Status.OPEN: "ours",
    Status.WAITING_CUSTOMER: "customer",
    Status.WAITING_INTERNAL: "outside",
    Status.SNOOZED: "ours",
    Status.RESOLVED: "answered",
    Status.CLOSED: "closed",
    Status.WITHDRAWN: "withdrawn",
    Status.MERGED: "closed",
    Status.SPAM: "withdrawn",
}


def stage_of(status: str, cycle: int = 1) -> str:
    """The ring to draw for a state; work that was reopened shows it."""
    return "reopened" if status == Status.OPEN and cycle > 1 else STAGES[Status(status)]


class Who(TextChoices):
    """Who may use a verb. ``assignee`` includes the leads of the team; ``agent`` is anyone who may write on the row."""

    CUSTOMER = "customer", _("customer")
    ASSIGNEE = "assignee", _("assignee")
    AGENT = "agent", _("agent")
    LEAD = "lead", _("lead")
    SYSTEM = "system", _("system")


@dataclass(frozen=True)
class Verb:
    """One row of the table; ``target`` None keeps the state (or returns to the one before)."""

    name: str
    label: str
    sources: frozenset[str]
    target: str | None
    who: frozenset[str]


def _verb(name, label, sources, target, *who):
    return Verb(name, label, frozenset(sources), target, frozenset(who))


_S, _W = Status, Who
VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in [
        _verb("begin", _("Begin"), {_S.NEW}, _S.OPEN, _W.ASSIGNEE, _W.SYSTEM),
        _verb("ask_customer", _("Ask the customer"), {_S.OPEN}, _S.WAITING_CUSTOMER, _W.ASSIGNEE),
        _verb("answer", _("Answer"), {_S.WAITING_CUSTOMER}, _S.OPEN, _W.CUSTOMER, _W.ASSIGNEE),
        _verb("no_answer", _("No answer"), {_S.WAITING_CUSTOMER}, _S.OPEN, _W.SYSTEM),
        _verb("hand_over", _("Hand over"), {_S.OPEN}, _S.WAITING_INTERNAL, _W.ASSIGNEE, _W.SYSTEM),
        _verb("hand_back", _("Hand back"), {_S.WAITING_INTERNAL}, _S.OPEN, _W.ASSIGNEE, _W.SYSTEM),
        _verb("snooze", _("Follow up later"), {_S.OPEN, _S.WAITING_INTERNAL}, _S.SNOOZED, _W.ASSIGNEE),
        _verb("wake", _("Wake"), {_S.SNOOZED}, None, _W.CUSTOMER, _W.ASSIGNEE, _W.SYSTEM),
        _verb("resolve", _("Resolve"), WORKED, _S.RESOLVED, _W.ASSIGNEE),
        _verb("decline", _("Decline"), WORKED, _S.RESOLVED, _W.ASSIGNEE),
        _verb("give_up", _("Could not reach the customer"), {_S.OPEN}, _S.RESOLVED, _W.ASSIGNEE),
        _verb("confirm", _("Confirm"), {_S.RESOLVED}, _S.CLOSED, _W.CUSTOMER, _W.SYSTEM),
        _verb("reopen", _("Reopen"), {_S.RESOLVED, _S.CLOSED}, _S.OPEN, _W.CUSTOMER, _W.ASSIGNEE),
        _verb("appeal", _("Appeal"), {_S.RESOLVED, _S.CLOSED}, None, _W.CUSTOMER),
        _verb("withdraw", _("Withdraw"), LIVE | {_S.RESOLVED}, _S.WITHDRAWN, _W.CUSTOMER, _W.AGENT),
        _verb("resume", _("Resume"), {_S.WITHDRAWN}, _S.OPEN, _W.CUSTOMER, _W.LEAD),
        _verb("merge", _("Merge"), LIVE | {_S.RESOLVED}, _S.MERGED, _W.AGENT),
        _verb("unmerge", _("Undo the merge"), {_S.MERGED}, None, _W.AGENT),
        _verb("split", _("Split"), LIVE | {_S.RESOLVED}, None, _W.AGENT),
        _verb("mark_spam", _("Mark as spam"), {_S.NEW}, _S.SPAM, _W.AGENT),
        _verb("restore", _("Restore"), {_S.SPAM}, _S.NEW, _W.AGENT),
        _verb("escalate", _("Escalate"), LIVE, None, _W.CUSTOMER, _W.AGENT, _W.SYSTEM),
    ]
}
