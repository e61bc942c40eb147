"""What agents keep on their desk: saved views, macros and unsent texts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .complaint import Complaint


class SavedView(models.Model):
    """A filter of the queue, private or for a team."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=40)
    filter = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        permissions = [("share_savedview", "May save a view for the team")]
        constraints = [models.CheckConstraint(condition=Q(owner__isnull=False) | Q(team__isnull=False), name="complaints_savedview_owned")]

    def __str__(self):
        return self.name


class Macro(models.Model):
    """A text and some acts that an agent applies as a visible pending set; nothing happens before sending.

    ``actions`` is a list of ``{"act": "set_priority" | "add_tag" | "set_team" | "status", "value": …}``.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    team = models.ForeignKey("accounts.Team", null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("team"))
    category_code = models.CharField(_("category"), max_length=40, blank=True)
    body_zh = models.TextField(_("text (Chinese)"), blank=True)
    body_en = models.TextField(_("text (English)"), blank=True)
    actions = models.JSONField(_("acts"), default=list)
    initials = models.CharField(max_length=120, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("macro")
        verbose_name_plural = _("macros")

    def __str__(self):
        return self.name_zh


class ReplyDraft(models.Model):
    """An agent's unsent text on a complaint, saved while typing."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, on_delete=models.CASCADE, related_name="+")
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="reply_drafts")
    kind = models.CharField(max_length=10)
    body = models.TextField(max_length=8000)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "complaint", "kind"], name="complaints_replydraft_once")]

    def __str__(self):
        return f"{self.agent_id} {self.complaint_id}"
