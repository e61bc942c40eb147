"""Every write to a complaint: one function per verb. Import from here."""

from complaints.services.appeals import appeal_complaint, decide_appeal
from complaints.services.effort import correct_effort
from complaints.services.ending import (
    confirm_complaint,
    decline_complaint,
    give_up_complaint,
    reopen_complaint,
    resolve_complaint,
    resume_complaint,
    withdraw_complaint,
)
from complaints.services.evidence import claim_files
from complaints.services.explain import explain_verbs
from complaints.services.filing import Filing, file_complaint
from complaints.services.incoming import add_evidence, post_customer_message
from complaints.services.joining import (
    escalate_complaint,
    link_complaints,
    mark_spam,
    merge_complaints,
    restore_complaint,
    unmerge_complaint,
)
from complaints.services.labels import add_tag, bind_order, set_category, set_priority, set_tags, unbind_order
from complaints.services.messages import ask_customer, log_call, post_note, post_reply, retract_message
from complaints.services.notices import notify
from complaints.services.progress import (
    answer_complaint,
    begin_complaint,
    hand_back,
    hand_over,
    miss_answer,
    snooze_complaint,
    wake_complaint,
)
from complaints.services.risk import set_risk
from complaints.services.routing import assign_complaint, claim_complaint, release_complaint, transfer_complaint
from complaints.services.splitting import split_complaint
from complaints.services.watching import unwatch_complaint, watch_complaint

__all__ = [
    "Filing", "add_evidence", "add_tag", "answer_complaint", "appeal_complaint", "ask_customer", "assign_complaint",
    "begin_complaint", "bind_order", "claim_complaint", "claim_files", "confirm_complaint", "correct_effort", "decide_appeal",
    "decline_complaint", "escalate_complaint", "explain_verbs", "file_complaint", "give_up_complaint", "hand_back", "hand_over",
    "link_complaints", "log_call", "mark_spam", "merge_complaints", "miss_answer", "notify", "post_customer_message", "post_note",
    "post_reply", "release_complaint", "reopen_complaint", "resolve_complaint", "restore_complaint", "resume_complaint",
    "retract_message", "set_category", "set_priority", "set_risk", "set_tags", "snooze_complaint", "split_complaint",
    "transfer_complaint", "unbind_order", "unmerge_complaint", "unwatch_complaint", "wake_complaint", "watch_complaint",
    "withdraw_complaint",
]  # fmt: skip
