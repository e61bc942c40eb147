"""Who works with whom on what, and when: teams, skills, shifts and presence."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .people import User


class Team(models.Model):
    """People who answer one kind of complaint; categories name it by code."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)
    plans_shifts = models.BooleanField(_("plans shifts"), default=False, help_text=_("Its members get work only while they are on shift."))
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        ordering = ["code"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self):
        return self.name_zh


class Membership(models.Model):
    """A user in a team, as member or as its lead."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("team"))
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    is_lead = models.BooleanField(_("leads the team"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="accounts_membership_once")]

    def __str__(self):
        return f"{self.user} – {self.team}"


class Skill(models.Model):
    """Something an agent can do, named by code from categories and rules."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)

    class Meta:
        ordering = ["code"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")

    def __str__(self):
        return self.name_zh


class AgentSkill(models.Model):
    """How well an agent masters a skill: 1 (knows it) to 5 (teaches it)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="skills", verbose_name=_("user"))
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="agents", verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(_("level"), default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "skill"], name="accounts_agentskill_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="accounts_agentskill_level_1_to_5"),
        ]

    def __str__(self):
        return f"{self.user} {self.skill} {self.level}"


class Presence(models.Model):
    """Whether an agent takes work now. Ready counts only with a heartbeat of at most 60 s."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        AWAY = "away", _("Away")
        OFFLINE = "offline", _("Offline")

    HEARTBEAT_SECONDS = 60

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="presence")
    state = models.CharField(max_length=10, choices=State, default=State.OFFLINE)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Since when it is so.")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=100, help_text=_("Units of work at the same time."))
    called_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="A lead asked them back; until they are ready.")
    called_by = models.ForeignKey(User, null=True, blank=True, editable=False, db_index=False, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        indexes = [models.Index(fields=["heartbeat_at"], condition=Q(state="ready"), name="accounts_presence_ready")]

    def __str__(self):
        return f"{self.user} – {self.get_state_display()}"


class Shift(models.Model):
    """When somebody works, and with how much room; or that they are on leave then, which goes before every shift."""

    user = models.ForeignKey(User, db_index=False, on_delete=models.CASCADE, related_name="shifts", verbose_name=_("user"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(
        _("capacity"), null=True, blank=True, help_text=_("Units of work at the same time; empty: as usual.")
    )
    is_leave = models.BooleanField(_("on leave"), default=False)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="accounts_shift_ends_after_start")]
        indexes = [models.Index(fields=["user", "ends_at"], name="accounts_shift_of_user")]

    def __str__(self):
        return f"{self.user} {self.starts_at:%Y-%m-%d %H:%M}"
