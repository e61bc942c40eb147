"""What of a complaint goes with age. A held complaint keeps everything; texts and the chain stay until somebody asks."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from complaints.channels.mailbox import discard_letters, old_letters
from complaints.intake.uploads import delete_unshared
from complaints.lifecycle import LIVE
from complaints.models import Attachment, Draft, Hold, Outbox, PrivacyRequest, ReplyDraft, SecretLink, WorkStretch
from foundation.retention import delete_rows, keep

HELD = Exists(Hold.objects.filter(complaint=OuterRef("complaint"), lifted_at__isnull=True))


def forget_files(rows: list[Attachment]) -> int:
    """Rows first; a file goes after the commit, unless another complaint needs it too."""
    paths = [row.path for row in rows]
    gone = delete_rows(rows)
    transaction.on_commit(lambda: [delete_unshared(path) for path in paths], robust=True)
    return gone


@keep("complaints.evidence", period="EVIDENCE", forget=forget_files)
def old_evidence(before: datetime) -> QuerySet[Attachment]:
    """Files of complaints that ended long ago."""
    ended = Attachment.objects.filter(complaint__isnull=False).exclude(complaint__status__in=LIVE)
    ended_at = Coalesce("complaint__closed_at", "complaint__last_message_at")
    return ended.annotate(ended_at=ended_at).filter(~HELD, ended_at__lt=before).order_by("pk")


@keep("complaints.outbox", period="MAIL")
def old_mail(before: datetime) -> QuerySet[Outbox]:
    """Notices that left, failed or were taken back."""
    waiting = [Outbox.State.QUEUED, Outbox.State.SENDING]
    return Outbox.objects.filter(~HELD, created_at__lt=before).exclude(state__in=waiting).order_by("pk")


@keep("complaints.mailbox", period="MAIL", forget=discard_letters)
def letters_of_the_trial(before: datetime) -> list[str]:
    """Mails in the mailbox of the trial run."""
    return old_letters(before)


@keep("complaints.links", period="LINKS")
def ended_links(before: datetime) -> QuerySet[SecretLink]:
    """Secret links that ended or were revoked."""
    return SecretLink.objects.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before)).order_by("pk")


@keep("complaints.reply_drafts", period="REPLY_DRAFTS")
def old_reply_drafts(before: datetime) -> QuerySet[ReplyDraft]:
    """Texts that an agent never sent."""
    return ReplyDraft.objects.filter(saved_at__lt=before).order_by("pk")


@keep("complaints.privacy_requests", period="PRIVACY_REQUESTS")
def old_requests(before: datetime) -> QuerySet[PrivacyRequest]:
    """Wishes about personal data that were decided long ago."""
    decided = PrivacyRequest.objects.filter(~HELD).exclude(status__in=PrivacyRequest.OPEN)
    return decided.annotate(ended_at=Coalesce("done_at", "decided_at")).filter(ended_at__lt=before).order_by("pk")


@keep("complaints.drafts")
def ended_drafts(now: datetime) -> QuerySet[Draft]:
    """Visitors' forms past their seven days, with the rows of their files."""
    return Draft.objects.filter(expires_at__lt=now).order_by("expires_at")


@keep("complaints.effort")
def settled_stretches(now: datetime) -> QuerySet[WorkStretch]:
    """What pages reported of an agent's time, once it is settled and has told what came before what."""
    is_settled = Q(ended_at__lte=F("agent__effort_mark__settled_to"))
    return WorkStretch.objects.filter(is_settled, ended_at__lt=now - timedelta(hours=1)).order_by("pk")
