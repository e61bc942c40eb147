"""The complaint and everything that hangs on it."""

from .assignment import AgentLoad, AssignmentRequest, Decision
from .category import Category, Form
from .channel import Outbox, Template
from .chat import ChatSession
from .clock import Clock, ClockRun, ExternalRecord, FollowUp, LegalRule, SlaPolicy
from .complaint import Complaint, Link, Tag
from .desk import Macro, ReplyDraft, SavedView
from .effort import EffortMark, WorkStretch
from .event import ComplaintCursor, Event, EventFeed, EventPending
from .finding import ArticleUse, CannedUse, ComplaintSearchRow
from .intake import Attachment, Contact, Draft, Message, SecretLink
from .privacy import FilingConsent, Hold, PrivacyRequest
from .region import RegionPause, RegionPauseRun
from .survey import Survey

__all__ = [
    "AgentLoad", "ArticleUse", "AssignmentRequest", "Attachment", "CannedUse", "Category", "ChatSession", "Clock", "ClockRun",
    "Complaint", "ComplaintCursor", "ComplaintSearchRow", "Contact", "Decision", "Draft", "EffortMark", "Event", "EventFeed",
    "EventPending", "ExternalRecord", "FilingConsent", "FollowUp", "Form", "Hold", "LegalRule", "Link", "Macro", "Message", "Outbox",
    "PrivacyRequest", "RegionPause", "RegionPauseRun", "ReplyDraft", "SavedView", "SecretLink", "SlaPolicy", "Survey", "Tag",
    "Template", "WorkStretch",
]  # fmt: skip
