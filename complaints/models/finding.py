"""How complaints are found by their words, and which prepared words and articles went into them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint
from .intake import Message


class ComplaintSearchRow(models.Model):
    """The terms of one complaint, each as a 64-bit digest, as ``complaints.search.indexing`` reads them from its texts.

    ``analysis`` names the way in which they were read; a row of another way is written anew by ``complaint_search_fill``.
    """

    complaint = models.OneToOneField(Complaint, primary_key=True, on_delete=models.CASCADE, related_name="search_row")
    terms = ArrayField(models.BigIntegerField(), default=list)
    analysis = models.CharField(max_length=8)

    class Meta:
        # Whoever searches must not read a list of what is not in the index yet; who writes is a sweep and has the time.
        indexes = [GinIndex(fields=["terms"], name="complaints_search_terms", fastupdate=False)]

    def __str__(self):
        return f"{self.complaint_id} {self.analysis}"


class CannedUse(models.Model):
    """One version of a canned reply that went into one message. What became of it is read from the complaint and its survey."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="canned_uses")
    message = models.ForeignKey(Message, db_index=False, on_delete=models.CASCADE, related_name="canned_uses")
    reply = models.ForeignKey("knowledge.CannedReply", db_index=False, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    team = models.ForeignKey("accounts.Team", db_index=False, on_delete=models.PROTECT, related_name="+")
    cycle = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=10)
    is_edited = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "reply"], name="complaints_canneduse_once")]
        indexes = [models.Index(fields=["reply", "version", "at"], name="complaints_canneduse_of")]

    def __str__(self):
        return f"{self.reply_id} v{self.version} in {self.message_id}"


class ArticleUse(models.Model):
    """What an agent did with an article on a complaint, once for each: the figures of the article count these."""

    class Act(models.TextChoices):
        INSERTED = "inserted", _("inserted")
        SOLVED = "solved", _("solved it")
        WRONG = "wrong", _("was wrong here")

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.CASCADE, related_name="article_uses")
    article = models.ForeignKey("knowledge.Article", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("knowledge.ArticleVersion", db_index=False, on_delete=models.CASCADE, related_name="+")
    act = models.CharField(max_length=10, choices=Act)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["complaint", "article", "act"], name="complaints_articleuse_once")]

    def __str__(self):
        return f"{self.complaint_id} {self.article_id} {self.act}"
