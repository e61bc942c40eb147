"""A live conversation about a complaint: from the customer's first message to its end."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint
from .intake import Contact


class ChatSession(models.Model):
    """A customer who talks with us now. Its messages are those of ``contact``; the complaint is what it is about.

    ``timer_at`` is when its state ends by itself (an offer that nobody takes, a line that stays dead). How far each side has read is the
    number of the newest message that lay open before them; nobody else's looking counts.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting for a person")
        OFFERED = "offered", _("offered to an agent")
        ACTIVE = "active", _("in conversation")
        ENDED = "ended", _("ended")
        ABANDONED = "abandoned", _("left while waiting")
        LEFT_MESSAGE = "left_message", _("turned into a message")
        CALLBACK = "callback", _("turned into a callback")

    LIVE = frozenset({State.QUEUED, State.OFFERED, State.ACTIVE})

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.PROTECT, related_name="chats")
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="chat")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="chats"
    )
    queued_at = models.DateTimeField(default=timezone.now)
    offered_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    timer_at = models.DateTimeField(null=True)
    customer_seen_at = models.DateTimeField(default=timezone.now, help_text="When the customer's page was last heard of.")
    freed_gap_ms = models.PositiveIntegerField(null=True, help_text="Since the place before was taken, while somebody waited.")
    rating = models.PositiveSmallIntegerField(null=True)
    customer_got = models.BigIntegerField(default=0, db_default=0, help_text="The newest message that the customer's page holds.")
    customer_read = models.BigIntegerField(default=0, db_default=0, help_text="The newest message that lay open before the customer.")
    agent_read = models.BigIntegerField(default=0, db_default=0, help_text="The newest message that lay open before the agent.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"], condition=Q(state__in=["queued", "offered", "active"]), name="complaints_chatsession_one_live"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "active"]) | Q(agent__isnull=False), name="complaints_chatsession_active_has_agent"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="complaints_chatsession_rating_1_to_5"
            ),
        ]
        indexes = [
            models.Index(fields=["complaint", "-id"], name="complaints_chatsession_latest"),
            models.Index(fields=["timer_at"], condition=Q(timer_at__isnull=False), name="complaints_chatsession_timer"),
            models.Index(fields=["queued_at", "id"], condition=Q(state="queued"), name="complaints_chatsession_queue"),
            models.Index(fields=["agent"], condition=Q(state__in=["offered", "active"]), name="complaints_chatsession_agent"),
            models.Index(fields=["queued_at"], name="complaints_chatsession_day"),
            models.Index(fields=["agent", "accepted_at"], condition=Q(accepted_at__isnull=False), name="complaints_chatsession_talks"),
            models.Index(fields=["-accepted_at"], condition=Q(accepted_at__isnull=False), name="complaints_chatsession_taken"),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.state}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE
