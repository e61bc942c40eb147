"""Stock admin of canned replies: agents keep their own, leads those of their teams, managers the shop's."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from knowledge import access, services
from knowledge.admin.carried_out import CarriedOutAdmin, CarriedOutForm, LinesField, shown_fields
from knowledge.models import CannedReply
from knowledge.reply_figures import COLUMNS, WithFigures
from ui.changelists import HouseAdmin

WHOSE = (("own", _("only me")), ("team", _("a team")), ("shop", _("the whole shop")))
RIGHTS = {"own": "knowledge.own_cannedreply", "team": "knowledge.team_cannedreply", "shop": "knowledge.shop_cannedreply"}


class CannedReplyForm(CarriedOutForm, forms.ModelForm):
    """The texts of a reply; a new one also says whose it is."""

    whose = forms.ChoiceField(label=_("available to"), choices=WHOSE)
    expected_version = forms.IntegerField(label=_("version"), widget=forms.HiddenInput, required=False)

    class Meta:
        model = CannedReply
        fields = ["code", "title_zh", "title_en", "body_zh", "body_en", "tier", "scene", "category_code", "team", "is_active"]
        field_classes = {"body_zh": LinesField, "body_en": LinesField}

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
        return cleaned

    def carry_out(self) -> None:
        answers = self.cleaned_data
        if self.instance.pk is None:
            self.made = services.create_reply(by=self.user, **self._new_fields(answers))
            return
        changes = {name: answers[name] for name in self.changed_data if name in services.EDITABLE}
        self.made = services.edit_reply(self.instance, by=self.user, expected_version=answers["expected_version"], **changes)

    def tell_conflict(self, current: CannedReply) -> None:
        self.theirs = shown_fields(current, services.EDITABLE)
        self.data["expected_version"] = str(current.version)
        text = _("Somebody changed this reply meanwhile. Your words are kept here. Saving again replaces what stands there now.")
        self.add_error(None, text)

    def _new_fields(self, cleaned) -> dict:
        whose = cleaned["whose"]
        texts = {name: cleaned[name] for name in ("code", *services.EDITABLE)}
        return texts | {"team": cleaned["team"] if whose == "team" else None, "owner": self.user if whose == "own" else None}


@admin.register(CannedReply)
class CannedReplyAdmin(CarriedOutAdmin, WithFigures, HouseAdmin):
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
