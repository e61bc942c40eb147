"""Stock admin of the deadlines that the law or a platform sets: read against the text in force, then confirmed."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.people import run_for_each
from complaints.models import LegalRule
from complaints.services.external import confirm_legal_rule, publish_legal_rule
from ui.changelists import HouseAdmin

CONTENT = ["name_zh", "name_en", "amount", "unit", "source", "effective_from"]


class LegalRuleForm(forms.ModelForm):
    """What a version says. One that says the same would only take back the confirmation."""

    amount = forms.IntegerField(label=_("how many"), min_value=1, max_value=1000)
    effective_from = forms.DateField(label=_("in force from"), initial=timezone.localdate, widget=admin.widgets.AdminDateWidget)

    class Meta:
        model = LegalRule
        fields = ["code", "platform", *CONTENT]

    def clean(self):
        answers = super().clean()
        if self.instance.pk and not self.has_changed():
            raise forms.ValidationError(_("This is the newest version already; nothing was changed."))
        return answers


@admin.register(LegalRule)
class LegalRuleAdmin(HouseAdmin):
    """The newest version of each. Saving adds one, which waits to be confirmed; notices keep the one they were counted by."""

    list_display = ["name_zh", "platform", "version", "deadline", "source", "effective_from", "is_confirmed"]
    list_filter = ["platform"]
    ordering = ["platform", "code"]
    form = LegalRuleForm
    actions = ["confirm"]

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=LegalRule.objects.order_by("code", "-version").distinct("code").values("pk"))

    def get_fields(self, request, obj=None):
        return ["code", "platform", *CONTENT, *(["version", "is_confirmed", "confirmed_by", "confirmed_at"] if obj else [])]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "platform", "version", "is_confirmed", "confirmed_by", "confirmed_at"] if obj else []

    def save_model(self, request, obj, form, change):
        content = {name: getattr(obj, name) for name in ["platform", *CONTENT]}
        published = publish_legal_rule(obj.code, **content, by=request.user)
        obj.pk, obj.version = published.pk, published.version
        obj.confirmed_by = obj.confirmed_at = None

    @admin.display(description=_("deadline"))
    def deadline(self, rule):
        return f"{rule.amount} {rule.get_unit_display()}"

    @admin.display(description=_("confirmed"))
    def is_confirmed(self, rule):
        return _("yes") if rule.confirmed_at else _("To be confirmed")

    @admin.action(description=_("Confirm against the text in force"), permissions=["change"])
    def confirm(self, request, chosen):
        run_for_each(self, request, chosen, confirm_legal_rule)
