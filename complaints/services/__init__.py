"""Every write to a complaint: one function per verb. Import from here."""

from complaints.services.evidence import add_evidence, claim_files
from complaints.services.explain import explain_verbs
from complaints.services.filing import Filing, file_complaint
from complaints.services.labels import add_tag, bind_order, set_category, set_priority, set_tags, unbind_order
from complaints.services.messages import post_note, post_reply
from complaints.services.notices import notify
from complaints.services.routing import assign_complaint, claim_complaint, release_complaint, transfer_complaint

__all__ = [
    "Filing", "add_evidence", "add_tag", "assign_complaint", "bind_order", "claim_complaint", "claim_files", "explain_verbs",
    "file_complaint", "notify", "post_note", "post_reply", "release_complaint", "set_category", "set_priority", "set_tags",
    "transfer_complaint", "unbind_order",
]  # fmt: skip
