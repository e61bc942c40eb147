"""Things that somebody must do about a complaint by a moment, and saying that they are done. Calls have their own verbs."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import FollowUp, Message
from complaints.services.act import Act, lock_act, require_staff
from complaints.services.writing import write_message
from foundation.exceptions import Reason
from foundation.verbs import lock, require

NOTE = "complaints.note_complaint"
DONE = FollowUp.Outcome.DONE


@transaction.atomic
def finish_follow_up(follow_up: FollowUp, *, note: str, by: User, request_id: str | None = None) -> FollowUp:
    """Say what was done about it; the ``note`` stands in the thread. Who may is who sees it (``access.follow_ups_for``).

    ``RefusedError`` for one that is done, and for a call, which needs an outcome of its own.
    """
    act = lock_act(follow_up.complaint, "follow_up", by=by, request_id=request_id)
    row = lock(follow_up)
    if act.is_replay:
        return row
    require_staff(act, NOTE)
    require(_against_finishing(row, note))
    row.done_at, row.done_by, row.outcome = act.at, by, DONE
    row.save(update_fields=["done_at", "done_by", "outcome"])
    write_message(act, note, kind=Message.Kind.NOTE)
    act.note("follow_up.done", codes={"follow_up": row.pk, "kind": row.kind, "role": row.role, "outcome": str(row.outcome)})
    act.finish(raises_version=False)
    return row


def follow_missed_answer(act: Act) -> None:
    """The customer did not answer: the assignee decides what to do with what there is."""
    about = {"due_at": act.complaint.due_at, "owner_id": act.complaint.assignee_id}
    act.follow_up(FollowUp.Kind.NO_REPLY, role=FollowUp.Role.ASSIGNEE, **about)


def _against_finishing(row: FollowUp, note: str) -> list[Reason]:
    found = []
    if row.done_at:
        found.append(Reason("done", _("Somebody has done this already.")))
    elif row.kind not in FollowUp.LOOKS:
        found.append(Reason("call", _("Log the call instead.")))
    if not note.strip():
        found.append(Reason("empty", _("Write down in a few words what was done.")))
    return found
