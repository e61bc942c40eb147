"""Appeals: the customer objects to a decision, and somebody who did not decide looks again."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import timing
from complaints.clauses import CURE_LEAD
from complaints.models import Complaint, Message
from complaints.services.act import Act, lock_act, require_staff, take_up
from complaints.services.calls import AFTER, cancel_calls
from complaints.services.ending import put_reopening
from complaints.services.writing import write_message
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require, require_version


@transaction.atomic
def appeal_complaint(complaint: Complaint, *, reason: str, request_id: str | None = None) -> Complaint:
    """The customer appeals, once per decision, within 15 days; another lead answers within 48 hours."""
    act = take_up(complaint, "appeal", by=None, as_customer=True, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require([] if reason.strip() else [Reason("empty", _("Tell us why you object."))])
    contact = act.complaint.contacts.order_by("id").first()
    write_message(act, reason, author_kind=Message.Author.CUSTOMER, contact=contact)
    act.set(appealed_at=act.at, appeal_decided_at=None)
    cancel_calls(act, AFTER, cause="appeal")
    act.note("appeal.filed", codes={"cycle": act.complaint.cycle, "outcome": act.complaint.outcome})
    act.tell("appealed", values={"date": (act.at + timing.APPEAL_ANSWER).isoformat()})
    return act.finish()


@transaction.atomic
def decide_appeal(
    complaint: Complaint, *, is_upheld: bool, answer: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Answer an appeal. Upheld: the complaint is opened again. Otherwise the decision stands, and the customer reads why."""
    act = lock_act(complaint, "decide_appeal", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_staff(act, "complaints.change_complaint_state")
    require(_against_deciding(act, answer))
    message = write_message(act, answer, leaves_at=act.at + timing.UNDO_SEND)
    if is_upheld:
        put_reopening(act, cause="lead")
    else:
        act.set(appeal_decided_at=act.at)
        act.note("appeal.decided", codes={"upheld": False})
    act.tell("reply", message=message, at=message.leaves_at)
    return act.finish()


def _against_deciding(act: Act, answer: str) -> list[Reason]:
    found: list[Reason] = []
    if not act.is_lead:
        found.append(Forbidden("not_lead", _("Only a lead can do this."), CURE_LEAD))
    elif act.by.pk == act.complaint.resolved_by_id:
        found.append(Forbidden("own_decision", _("You made this decision, so another lead answers the appeal.")))
    if not act.complaint.has_open_appeal:
        found.append(Reason("no_appeal", _("There is no open appeal.")))
    if not answer.strip():
        found.append(Reason("empty", _("Write what the customer will read.")))
    return found
