"""The complaint and everything that hangs on it."""

from .assignment import AgentLoad, AssignmentRequest, Decision
from .category import Category, Form
from .channel import Outbox, Survey, Template
from .complaint import Complaint, Link, Tag
from .desk import Macro, ReplyDraft, SavedView
from .event import ComplaintCursor, Event, EventFeed, EventPending
from .intake import Attachment, Contact, Draft, Message, SecretLink
from .privacy import FilingConsent, Hold, PrivacyRequest

__all__ = [
    "AgentLoad", "AssignmentRequest", "Attachment", "Category", "Complaint", "ComplaintCursor", "Contact", "Decision", "Draft", "Event",
    "EventFeed", "EventPending", "FilingConsent", "Form", "Hold", "Link", "Macro", "Message", "Outbox", "PrivacyRequest", "ReplyDraft",
    "SavedView", "SecretLink", "Survey", "Tag", "Template",
]  # fmt: skip
