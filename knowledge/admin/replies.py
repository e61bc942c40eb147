"""Stock admin of canned replies: agents keep their own, leads those of their teams, managers the shop's."""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from accounts.redirects import see_other
from foundation.exceptions import ReasonedError, VersionConflictError
from knowledge import access, services
from knowledge.models import CannedReply
from knowledge.reply_figures import COLUMNS, WithFigures
from ui.changelists import HouseAdmin

WHOSE = (("own", _("only me")), ("team", _("a team")), ("shop", _("the whole shop")))
RIGHTS = {"own": "knowledge.own_cannedreply", "team": "knowledge.team_cannedreply", "shop": "knowledge.shop_cannedreply"}


class CannedReplyForm(forms.ModelForm):
    """The texts of a reply; a new one also says whose it is."""

    whose = forms.ChoiceField(label=_("available to"), choices=WHOSE)
    expected_version = forms.IntegerField(label=_("version"), widget=forms.HiddenInput, required=False)

    class Meta:
        model = CannedReply
        fields = ["code", "title_zh", "title_en", "body_zh", "body_en", "tier", "scene", "category_code", "team", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["whose"]
            self.fields["expected_version"].initial = self.instance.version
        else:
            self._offer_levels()

    def _offer_levels(self) -> None:
        self.fields["whose"].choices = [(key, label) for key, label in WHOSE if self.user.has_perm(RIGHTS[key])]
        self.fields["team"].queryset = access.teams_offered_to(self.user)

    def clean(self):
        cleaned = super().clean()
        if "whose" in self.fields and cleaned.get("whose") == "team" and not cleaned.get("team"):
            self.add_error("team", _("Choose the team."))
        self._check_in_service(cleaned)
        return cleaned

    def _check_in_service(self, cleaned) -> None:
        """The service's own words beside the form, before anything is written."""
        if self.errors:
            return
        for reason in services.reasons_against(self.reply_of(cleaned), by=self.user):
            self.add_error(None, reason.text)

    def reply_of(self, cleaned) -> CannedReply:
        if self.instance.pk:
            return CannedReply(**{**_as_kept(self.instance), **{name: cleaned[name] for name in services.EDITABLE if name in cleaned}})
        return CannedReply(**self.new_fields(cleaned))

    def new_fields(self, cleaned) -> dict:
        whose = cleaned["whose"]
        texts = {name: cleaned[name] for name in ("code", *services.EDITABLE)}
        return texts | {"team": cleaned["team"] if whose == "team" else None, "owner": self.user if whose == "own" else None}


@admin.register(CannedReply)
class CannedReplyAdmin(WithFigures, HouseAdmin):
    form = CannedReplyForm
    list_display = ["code", "title_zh", "title_en", "tier", "category_code", "whose", "version", *COLUMNS, "is_active"]
    list_filter = ["tier", "scene", "is_active"]
    list_select_related = ["team", "owner"]
    search_fields = ["code", "title_zh", "title_en", "initials", "body_zh", "body_en"]
    sortable_by = ("code", "title_zh", "title_en", "tier", "category_code", "version")
    ordering = ["tier", "code"]
    readonly_fields = ("figures",)

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=access.visible_to(request.user).values("pk"))

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("knowledge.view_cannedreply")

    def has_add_permission(self, request):
        return any(request.user.has_perm(right) for right in RIGHTS.values())

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return self.has_add_permission(request)
        return access.may_keep(request.user, owner_id=obj.owner_id, team_id=obj.team_id)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def get_fields(self, request, obj=None):
        texts = ["title_zh", "title_en", "body_zh", "body_en", "tier", "scene", "category_code", "is_active"]
        if obj is None:
            return ["code", "whose", "team", *texts]
        return [*texts, "expected_version", "figures"] if self.has_change_permission(request, obj) else ["code", *texts, "figures"]

    @admin.display(description=_("available to"))
    def whose(self, reply):
        return reply.owner or reply.team or _("the whole shop")

    def save_model(self, request, obj, form, change):
        if not change:
            made = services.create_reply(by=request.user, **form.new_fields(form.cleaned_data))
            obj.pk, obj._state.adding = made.pk, False
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in services.EDITABLE}
        services.edit_reply(obj, by=request.user, expected_version=form.cleaned_data.get("expected_version"), **changes)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except VersionConflictError:
            text = _("Somebody changed this reply meanwhile. Here is the newest version; please look again.")
            self.message_user(request, text, messages.ERROR)
        except ReasonedError as error:
            self.message_user(request, error.reasons[0].text, messages.ERROR)
        return see_other(request.get_full_path())


def _as_kept(reply: CannedReply) -> dict:
    return {field.name: getattr(reply, field.name) for field in CannedReply._meta.concrete_fields if field.name != "id"}
