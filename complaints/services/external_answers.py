"""What is answered to an authority or a platform: one person proposes the words, another one approves them."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import Complaint, ExternalRecord
from complaints.services.act import Act, lock_act, require_permission
from complaints.services.external import STATE, against_answered, note_step
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require, require_version

LONGEST_REPLY = 8000


@transaction.atomic
def draft_external_answer(
    complaint: Complaint, *, record: ExternalRecord, reply: str, by: User, expected_version: int | None, request_id: str | None = None
) -> ExternalRecord:
    """Propose the words of the answer. Other words than those that were approved need to be approved anew."""
    act, row = _take_up(complaint, record, "external_draft", by, expected_version, request_id)
    if act.is_replay:
        return row
    require([*against_answered(act.complaint, row), *_against_words(reply)])
    row.reply, row.drafted_by, row.approved_by = reply.strip(), by, None
    return _keep(act, row, "drafted")


@transaction.atomic
def approve_external_answer(
    complaint: Complaint, *, record: ExternalRecord, by: User, expected_version: int | None, request_id: str | None = None
) -> ExternalRecord:
    """Approve the proposed words as they stand; ``expected_version`` makes sure that they are those that were read.

    ``NotAllowedError`` for whoever proposed them, whatever else they may do.
    """
    act, row = _take_up(complaint, record, "external_approve", by, expected_version, request_id)
    if act.is_replay:
        return row
    require([*against_answered(act.complaint, row), *_against_approving(row, by)])
    row.approved_by = by
    return _keep(act, row, "approved")


def _take_up(complaint, record, verb: str, by: User, expected_version: int | None, request_id: str | None) -> tuple[Act, ExternalRecord]:
    act = lock_act(complaint, verb, by=by, request_id=request_id)
    row = lock(record, "rule")
    if not act.is_replay:
        require_version(act.complaint, expected_version)
        require_permission(act, STATE)
    return act, row


def _keep(act: Act, row: ExternalRecord, step: str) -> ExternalRecord:
    row.save(update_fields=["reply", "drafted_by", "approved_by"])
    note_step(act, row, step, {"reply": row.reply})
    act.finish()
    return row


def _against_words(reply: str) -> list[Reason]:
    if 0 < len(reply.strip()) <= LONGEST_REPLY:
        return []
    return [Reason("reply", _("Write the answer, at most %(most)d characters.") % {"most": LONGEST_REPLY})]


def _against_approving(row: ExternalRecord, by: User) -> list[Reason]:
    if not row.reply:
        return [Reason("nothing", _("No answer is proposed yet."))]
    if row.approved_by_id:
        return [Reason("approved", _("This answer is approved already."))]
    if row.drafted_by_id == by.pk:
        return [Forbidden("own", _("Who proposed an answer does not approve it."), _("Ask a colleague of the team."))]
    return []
