"""What the shop knows how to say: canned replies. Knows of no complaint; categories and teams are named by code."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CannedReply(models.Model):
    """A reply text that an agent inserts, reads and sends. Both languages are required.

    ``tier`` base holds facts, step and date; empathy holds one sentence put in front of a base reply.
    ``initials`` are the pinyin initials of the Chinese title and the English words' initials (``tk`` finds 退款).
    """

    class Tier(models.TextChoices):
        BASE = "base", _("Base")
        EMPATHY = "empathy", _("Empathy")

    class Scene(models.TextChoices):
        CONSULT = "consult", _("Question")
        COMPLAINT = "complaint", _("Complaint")
        AFTER_SALES = "after_sales", _("After sales")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    tier = models.CharField(_("tier"), max_length=10, choices=Tier, default=Tier.BASE)
    scene = models.CharField(_("scene"), max_length=20, choices=Scene, default=Scene.COMPLAINT)
    category_code = models.CharField(_("category"), max_length=40, blank=True, help_text=_("Empty: for every category."))
    team = models.ForeignKey("accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("team"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    title_zh = models.CharField(_("title (Chinese)"), max_length=60)
    title_en = models.CharField(_("title (English)"), max_length=60)
    body_zh = models.TextField(_("text (Chinese)"), max_length=4000)
    body_en = models.TextField(_("text (English)"), max_length=4000)
    initials = models.CharField(max_length=120, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["tier", "code"]
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        permissions = [
            ("own_cannedreply", "May keep own canned replies"),
            ("team_cannedreply", "May keep the canned replies of the own teams"),
            ("shop_cannedreply", "May keep every canned reply"),
        ]

    def __str__(self):
        return self.title_zh


class CannedReplyVersion(models.Model):
    """One published wording of a canned reply, kept so that a sent text can be traced to it."""

    reply = models.ForeignKey(CannedReply, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body_zh = models.TextField()
    body_en = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="knowledge_cannedreplyversion_once")]

    def __str__(self):
        return f"{self.reply_id} v{self.number}"
