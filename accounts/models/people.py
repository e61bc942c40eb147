"""People who work here: users, how they log in, and the powerful roles that another one confirms."""

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
