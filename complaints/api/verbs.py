"""The verbs that a machine may use, each with its input and its service.

Left out on purpose: a machine declines nothing, and it does not assign, merge or transfer; people do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from complaints import services
from complaints.api import written
from complaints.api.access import order_of
from complaints.api.uploads import own_uploads
from complaints.intake.matching import Match
from complaints.intake.submission import snapshot
from complaints.models import Complaint
from foundation.exceptions import Reason, RefusedError
from foundation.rest import StrictSerializer

Service = Callable[..., Any]


@dataclass(frozen=True)
class Verb:
    """A verb of the API: what it takes in and what it calls with ``(complaint, by=, request_id=, **input)``."""

    takes: type[StrictSerializer]
    calls: Service


def ask_customer(complaint: Complaint, *, by, attachments=(), **rest) -> None:
    services.ask_customer(complaint, by=by, attachments=own_uploads(attachments, by=by), **rest)


def bind_order(complaint: Complaint, *, order: str, **rest) -> None:
    found = order_of(complaint.merchant, order)
    if found is None:
        raise RefusedError([Reason("unknown_order", _("There is no such order in this shop."))])
    match = Match(found, "integration")
    services.bind_order(complaint, order=found, evidence=match.proof, snapshot=snapshot(match), **rest)


VERBS: dict[str, Verb] = {
    "ask_customer": Verb(written.ReplyWrite, ask_customer),
    "answer": Verb(written.SummaryWrite, services.answer_complaint),
    "hand_over": Verb(written.HandOverWrite, services.hand_over),
    "hand_back": Verb(written.SummaryWrite, services.hand_back),
    "snooze": Verb(written.SnoozeWrite, services.snooze_complaint),
    "wake": Verb(written.VersionWrite, services.wake_complaint),
    "resolve": Verb(written.ResolveWrite, services.resolve_complaint),
    "reopen": Verb(written.ReasonWrite, services.reopen_complaint),
    "withdraw": Verb(written.ReasonWrite, services.withdraw_complaint),
    "resume": Verb(written.VersionWrite, services.resume_complaint),
    "escalate": Verb(written.ReasonWrite, services.escalate_complaint),
    "set_priority": Verb(written.PriorityWrite, services.set_priority),
    "set_tags": Verb(written.TagsWrite, services.set_tags),
    "bind_order": Verb(written.BindOrderWrite, bind_order),
}
