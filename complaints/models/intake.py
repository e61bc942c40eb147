"""How a complaint comes in: drafts, contacts, messages, evidence and the customer's secret link."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint


class Draft(models.Model):
    """A visitor's unfinished form with its files, kept for seven days behind a signed cookie."""

    digest = models.CharField(max_length=64, unique=True)
    answers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="complaints_draft_expiry")]

    def __str__(self):
        return str(self.pk)


class Contact(models.Model):
    """One way the customer came; messages hang on it."""

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=20, choices=Complaint.Channel)
    origin = models.CharField(max_length=20, choices=Complaint.Origin)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["complaint", "at"], name="complaints_contact_by_time")]

    def __str__(self):
        return f"{self.channel} {self.at:%Y-%m-%d}"


class Message(models.Model):
    """A text on a complaint. A note has no recipient: it is never public and never leaves the house."""

    class Kind(models.TextChoices):
        PUBLIC = "public", _("message")
        NOTE = "note", _("internal note")

    class Author(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        HUMAN = "human", _("staff")
        AUTO = "auto", _("automatic")

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.PROTECT, related_name="messages")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PUBLIC)
    author_kind = models.CharField(max_length=10, choices=Author)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(max_length=8000)
    language = models.CharField(max_length=10, default="zh-hans")
    is_thanks = models.BooleanField(default=False)
    canned_codes = models.JSONField(default=list, blank=True)
    risk_marks = models.JSONField(default=list, blank=True, help_text="What in the text hints at anger or risk: rule, signal, start, end.")
    card = models.JSONField(
        null=True, blank=True, help_text="An item of the order that the customer sent: order, line, title, quantity, price."
    )
    created_at = models.DateTimeField(default=timezone.now)
    leaves_at = models.DateTimeField(null=True, help_text="A public reply can be taken back until then.")
    retracted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kind="note", author_kind="customer"), name="complaints_message_customer_writes_no_note")
        ]
        indexes = [models.Index(fields=["complaint", "id"], name="complaints_message_thread")]

    def __str__(self):
        return f"{self.complaint_id}/{self.pk}"


class Attachment(models.Model):
    """A file. The original is kept as evidence with its hash; pages show only re-encoded copies.

    Belongs to a draft until the complaint is filed, then to the complaint (and to the message it came with).
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("image")
        VIDEO = "video", _("video")

    key = models.CharField(max_length=43, unique=True, help_text="Random name in addresses and on disk.")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="attachments")
    complaint = models.ForeignKey(Complaint, null=True, db_index=False, on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="attachments")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    preview_path = models.CharField(max_length=200, blank=True)
    thumb_path = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    is_internal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(draft__isnull=True) | Q(complaint__isnull=True), name="complaints_attachment_draft_or_complaint"
            )
        ]
        indexes = [
            models.Index(fields=["complaint", "id"], name="complaints_attachment_of"),
            models.Index(fields=["sha256"], name="complaints_attachment_sha256"),
            models.Index(fields=["created_at"], condition=Q(complaint__isnull=True), name="complaints_attach_unclaimed"),
        ]

    def __str__(self):
        return self.name


class SecretLink(models.Model):
    """A revocable key to one complaint. Only the hash is stored; every saved, printed or sent link is a fresh one.

    ``contact_index`` names the address to which a link was mailed: whoever opens it reads that mailbox.
    """

    class Purpose(models.TextChoices):
        TRACK = "track", _("reading and answering")
        PRIVACY = "privacy", _("personal data")

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.CASCADE, related_name="secret_links")
    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.TRACK, db_default=Purpose.TRACK.value)
    contact_index = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["complaint"], name="complaints_secretlink_of")]

    def __str__(self):
        return f"{self.complaint_id}/{self.pk}"
