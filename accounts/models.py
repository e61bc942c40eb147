"""People who work here: users, teams, skills, presence, capacity and authority; and who looked at what."""

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.crypto import EncryptedTextField


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in. Roles are groups, kept equal to ``accounts.roles`` by ``manage.py setup_roles``."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60, help_text=_("As customers and colleagues see it."))
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    is_staff = models.BooleanField(_("may open the desk"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    totp_secret = EncryptedTextField(blank=True, default="", editable=False)
    totp_last_step = models.BigIntegerField(default=0, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False, help_text="Raised to end every session of this user.")
    preferences = models.JSONField(default=dict, blank=True, editable=False, help_text="Shortcuts, density, pinned panels.")

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [
            ("configure", "May configure the installation"),
            ("manage_team", "May manage the members of the own teams"),
            ("reveal_personal", "May reveal one personal field with a reason"),
        ]

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name or self.username


class Team(models.Model):
    """People who answer one kind of complaint; categories name it by code."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")

    class Meta:
        ordering = ["code"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self):
        return self.name_zh


class Membership(models.Model):
    """A user in a team, as member or as its lead."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
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

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="agents")
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
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=100, help_text=_("Units of work at the same time."))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        indexes = [models.Index(fields=["heartbeat_at"], condition=Q(state="ready"), name="accounts_presence_ready")]

    def __str__(self):
        return f"{self.user} {self.state}"


class AuthorityLimit(models.Model):
    """How much a role may grant without approval. Limits are added, never changed: the highest version counts."""

    class Scope(models.TextChoices):
        GRANT = "grant", _("per grant")
        COMPLAINT = "complaint", _("per complaint")
        ORDER = "order", _("per order")
        CUSTOMER = "customer", _("per customer")
        AGENT = "agent", _("per agent")

    role = models.CharField(_("role"), max_length=20)
    scope = models.CharField(_("scope"), max_length=20, choices=Scope)
    window = models.DurationField(_("window"), null=True, blank=True, help_text=_("Empty: for ever."))
    limit_fen = models.PositiveBigIntegerField(_("limit in fen"))
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("authority limit")
        verbose_name_plural = _("authority limits")
        constraints = [
            models.UniqueConstraint(
                fields=["role", "scope", "window", "version"], nulls_distinct=False, name="accounts_authoritylimit_version_once"
            )
        ]

    def __str__(self):
        return f"{self.role} {self.scope} {self.limit_fen}"


class AccessLog(models.Model):
    """Who saw a personal field, a file or an export: never the value itself. Append-only."""

    class Act(models.TextChoices):
        REVEAL = "reveal", _("revealed")
        DOWNLOAD = "download", _("downloaded")
        EXPORT = "export", _("exported")

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=10, choices=Act)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    network = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="accounts_access_subject"),
            models.Index(fields=["actor", "at"], name="accounts_access_actor"),
        ]

    def __str__(self):
        return f"{self.actor_id} {self.act} {self.subject_type} {self.subject_id}"
