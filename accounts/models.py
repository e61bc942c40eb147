"""People who work here: users, teams, skills, presence, capacity and authority; and who looked at what."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import roles
from foundation.crypto import BLIND_INDEX_LENGTH, EncryptedTextField
from foundation.leases import LeasedRow


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in, or the account that a machine's token acts as.

    Roles are groups, kept equal to ``accounts.roles`` by ``manage.py setup_roles``; what a role may do is read from that module,
    so no page asks the database for permissions. A superuser is an administrator, nothing more.
    """

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
    totp_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Empty: the second factor is not in use.")
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

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The roles held; comes with the row when a session or a token brought it, one query otherwise."""
        return self.roles_of(self.groups.values_list("name", flat=True) if self.pk else [])

    def roles_of(self, group_names) -> frozenset[str]:
        """The roles that these groups stand for; groups of other names give no rights."""
        held = roles.PERMISSIONS.keys() & set(group_names)
        return frozenset(held | {roles.ADMIN} if self.is_superuser else held)

    @cached_property
    def permission_names(self) -> frozenset[str]:
        return roles.permissions_of(self.role_names)

    @cached_property
    def team_ids(self) -> frozenset[int]:
        """The teams that the user is in; comes with the row when a session brought it."""
        return frozenset(self.memberships.values_list("team_id", flat=True))

    @cached_property
    def led_team_ids(self) -> frozenset[int]:
        return frozenset(self.memberships.filter(is_lead=True).values_list("team_id", flat=True))

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_at is not None

    @property
    def needs_second_factor(self) -> bool:
        """Whether a password alone does not let this user in."""
        obliged = settings.BIHUAN_SECOND_FACTOR == "required" and bool(self.role_names & roles.SECOND_FACTOR_REQUIRED)
        return obliged or self.has_second_factor

    def has_perm(self, perm: str, obj=None) -> bool:
        return self.is_active and perm in self.permission_names

    def has_perms(self, perm_list, obj=None) -> bool:
        return all(self.has_perm(perm) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in self.permission_names)

    def get_all_permissions(self, obj=None) -> set[str]:
        return set(self.permission_names) if self.is_active else set()

    def _get_session_auth_hash(self, secret=None) -> str:
        """What a session must still match: a new password and a raised epoch both end it, without a query of their own."""
        worth = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.User.session", worth, secret=secret, algorithm="sha256").hexdigest()


class RecoveryCode(models.Model):
    """A code that stands in for the second factor once. Stored as a keyed digest, so a stolen table opens nothing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=BLIND_INDEX_LENGTH)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="accounts_recoverycode_once")]

    def __str__(self):
        return f"{self.user_id} {'used' if self.used_at else 'unused'}"


class PasswordMail(LeasedRow):
    """A wish for a mail with a link to choose a password. Also written for an unknown name, so that both cost the same."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    is_invitation = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(sent_at__isnull=True), name="accounts_passwordmail_due")]

    def __str__(self):
        return f"{self.user_id} {self.asked_at:%Y-%m-%d %H:%M}"


class RoleGrant(models.Model):
    """A powerful role that one administrator asked for and another one must confirm."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    is_accepted = models.BooleanField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("role to confirm")
        verbose_name_plural = _("roles to confirm")
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], condition=Q(decided_at__isnull=True), name="accounts_rolegrant_one_open"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(decided_by=models.F("asked_by")) & ~Q(decided_by=models.F("user"))),
                name="accounts_rolegrant_by_another",
            ),
            models.CheckConstraint(condition=~Q(asked_by=models.F("user")), name="accounts_rolegrant_not_for_oneself"),
        ]

    def __str__(self):
        return f"{self.user} {self.role}"


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
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("capacity"), default=100, help_text=_("Units of work at the same time."))

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        indexes = [models.Index(fields=["heartbeat_at"], condition=Q(state="ready"), name="accounts_presence_ready")]

    def __str__(self):
        return f"{self.user} – {self.get_state_display()}"


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
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

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
        SEARCH = "search", _("searched")

    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("who"))
    act = models.CharField(_("act"), max_length=10, choices=Act)
    subject_type = models.CharField(_("kind of row"), max_length=40)
    subject_id = models.BigIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    network = models.GenericIPAddressField(_("network"), null=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="accounts_access_subject"),
            models.Index(fields=["actor", "at"], name="accounts_access_actor"),
        ]

    def __str__(self):
        return f"{self.actor_id} {self.act} {self.subject_type} {self.subject_id}"
