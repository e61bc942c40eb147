"""Stock admin of people and teams. Every change goes through ``accounts.services``."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import access, roles, services
from accounts.models import AccessLog, AgentSkill, AuthorityLimit, Membership, Presence, RoleGrant, Skill, Team, User
from accounts.redirects import see_other
from foundation.exceptions import ReasonedError
from ui.changelists import HouseAdmin, HouseInline, ReadOnlyAdmin

ROLE_CHOICES = [(role, roles.LABELS[role]) for role in roles.HUMAN]


class UserForm(forms.ModelForm):
    """An account with its roles; passwords are chosen by their owners, through a mail."""

    roles = forms.MultipleChoiceField(label=_("roles"), choices=ROLE_CHOICES, widget=forms.CheckboxSelectMultiple, required=False)

    class Meta:
        model = User
        fields = ["username", "name", "email", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "roles" in self.fields and self.instance.pk:
            self.fields["roles"].initial = sorted(self.instance.role_names)


class MembershipInline(HouseInline):
    model = Membership
    verbose_name, verbose_name_plural = _("team"), _("teams")


class SkillInline(HouseInline):
    model = AgentSkill
    verbose_name, verbose_name_plural = _("skill"), _("skills")


class CapacityInline(HouseInline):
    model = Presence
    fk_name, fields = "user", ["capacity"]
    can_delete = False
    verbose_name = verbose_name_plural = _("capacity")


@admin.register(User)
class UserAdmin(HouseAdmin):
    """Administrators make accounts and give roles; leads look after skills and capacity in their teams."""

    form = UserForm
    list_display = ["username", "name", "role_labels", "is_active", "uses_second_factor", "last_login"]
    list_filter = ["is_active", "language"]
    search_fields = ["username", "name"]
    sortable_by = ("username", "name", "last_login")
    ordering = ["username"]
    actions = ["deactivate", "activate", "drop_second_factor", "mail_password_link"]

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=access.users_visible_to(request.user).values("pk")).prefetch_related("groups")

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return access.may_configure(request.user) or request.user.has_perm("accounts.manage_team")

    has_change_permission = has_view_permission

    def get_readonly_fields(self, request, obj=None):
        if not access.may_configure(request.user):
            return ["username", "name", "email", "language"]
        return ["username"] if obj else []

    def get_fields(self, request, obj=None):
        own = ["username", "name", "email", "language"]
        return [*own, "roles"] if access.may_configure(request.user) else own

    def get_inlines(self, request, obj):
        everyone = [SkillInline, CapacityInline] if obj else []
        return [MembershipInline, *everyone] if access.may_configure(request.user) else everyone

    def get_inline_instances(self, request, obj=None):
        return [_open_inline(inline(self.model, self.admin_site)) for inline in self.get_inlines(request, obj)]

    def get_actions(self, request):
        return super().get_actions(request) if access.may_configure(request.user) else {}

    def save_model(self, request, obj, form, change):
        if not access.may_configure(request.user):
            return
        with transaction.atomic():
            made = self._edit(obj, form, request.user) if change else self._create(form, request.user)
        obj.pk, obj._state.adding = made.pk, False
        self._say_what_waits(request, obj)

    def _create(self, form, by):
        return services.create_user(**form.cleaned_data, by=by)

    def _edit(self, obj, form, by):
        wanted = form.cleaned_data["roles"]
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "roles"}
        user = services.edit_user(obj, by=by, **changes) if changes else obj
        if "roles" in form.changed_data:
            services.set_roles(obj, wanted, by=by)
        return user

    def _say_what_waits(self, request, obj):
        for grant in access.open_grants_of(obj):
            label = roles.LABELS[grant.role]
            messages.warning(request, _("The role %(role)s waits until another administrator confirms it.") % {"role": label})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ReasonedError as error:
            return show_refusal(self, request, error)

    @admin.display(description=_("roles"))
    def role_labels(self, user):
        return "、".join(str(roles.LABELS[name]) for name in roles.HUMAN if name in {group.name for group in user.groups.all()})

    @admin.display(description=_("second factor"), boolean=True)
    def uses_second_factor(self, user):
        return user.has_second_factor

    @admin.action(description=_("Close the chosen accounts"))
    def deactivate(self, request, chosen):
        run_for_each(self, request, chosen, services.deactivate_user)

    @admin.action(description=_("Open the chosen accounts again"))
    def activate(self, request, chosen):
        run_for_each(self, request, chosen, services.activate_user)

    @admin.action(description=_("Switch off the second factor (lost phone)"))
    def drop_second_factor(self, request, chosen):
        run_for_each(self, request, chosen, services.remove_second_factor)

    @admin.action(description=_("Send a link to choose a password"))
    def mail_password_link(self, request, chosen):
        run_for_each(self, request, chosen.exclude(email=""), services.mail_password_link)


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    """Powerful roles that wait for a second administrator."""

    list_display = ["user", "role_label", "asked_by", "asked_at", "decided_by", "is_accepted"]
    list_filter = ["is_accepted"]
    list_select_related = ["user", "asked_by", "decided_by"]
    ordering = ["-id"]
    actions = ["confirm", "turn_down"]

    @admin.display(description=_("role"))
    def role_label(self, grant):
        return roles.LABELS.get(grant.role, grant.role)

    @admin.action(description=_("Confirm the chosen roles"))
    def confirm(self, request, chosen):
        run_for_each(self, request, chosen, services.decide_grant, accept=True)

    @admin.action(description=_("Turn the chosen roles down"))
    def turn_down(self, request, chosen):
        run_for_each(self, request, chosen, services.decide_grant, accept=False)


@admin.register(Team)
class TeamAdmin(HouseAdmin):
    list_display = ["code", "name_zh", "name_en", "is_active"]
    search_fields = ["code", "name_zh", "name_en"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(Skill)
class SkillAdmin(HouseAdmin):
    list_display = ["code", "name_zh", "name_en"]
    search_fields = ["code", "name_zh", "name_en"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


class LimitForm(forms.ModelForm):
    """A new limit; its version is the next one."""

    role = forms.ChoiceField(label=_("role"), choices=ROLE_CHOICES)

    class Meta:
        model = AuthorityLimit
        fields = ["role", "scope", "window", "limit_fen"]


@admin.register(AuthorityLimit)
class AuthorityLimitAdmin(ReadOnlyAdmin):
    """Limits are added, never changed: the highest version of a kind counts."""

    list_display = ["role", "scope", "window", "limit_fen", "version", "created_at"]
    list_filter = ["role", "scope"]
    ordering = ["role", "scope", "window", "-version"]
    form = LimitForm

    def get_fields(self, request, obj=None):
        return ["role", "scope", "window", "limit_fen"] if obj is None else ["role", "scope", "window", "limit_fen", "version"]

    def has_add_permission(self, request):
        return request.user.has_perm("accounts.add_authoritylimit")

    def save_model(self, request, obj, form, change):
        limit = services.add_limit(**form.cleaned_data, by=request.user)
        obj.pk, obj.version, obj._state.adding = limit.pk, limit.version, False


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    """Who saw what and why. The value that was seen is nowhere."""

    list_display = ["at", "actor", "act", "subject_type", "subject_id", "field", "reason", "network"]
    list_filter = ["act", "subject_type"]
    list_select_related = ["actor"]
    ordering = ["-id"]

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=access.access_log_visible_to(request.user).values("pk"))


def _open_inline(inline):
    """Rights on the account are rights on what hangs on it: the tables themselves have no page of their own."""
    inline.has_add_permission = inline.has_change_permission = inline.has_view_permission = lambda request, obj=None: True
    inline.has_delete_permission = lambda request, obj=None: inline.can_delete
    return inline


def run_for_each(model_admin, request, chosen, service, **options):
    """Run a service on each chosen row and say what was refused, row by row."""
    done = 0
    for row in chosen:
        try:
            service(row, by=request.user, **options)
            done += 1
        except ReasonedError as error:
            model_admin.message_user(request, f"{row}: {error.reasons[0].text}", messages.ERROR)
    if done:
        model_admin.message_user(request, _("Done: %(count)d.") % {"count": done}, messages.SUCCESS)


def show_refusal(model_admin, request, error: ReasonedError):
    for reason in error.reasons:
        model_admin.message_user(request, reason.text, messages.ERROR)
    return see_other(request.get_full_path())
