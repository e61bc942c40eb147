"""Stock admin of shifts: a list to search and to rescue in. Leads plan the week of their teams at the desk."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.admin.people import run_for_each, show_refusal
from accounts.models import Shift, User
from accounts.services import plan_shift, put_on_leave, remove_shift
from accounts.services.shifts import reasons_against
from accounts.shifts import shifts_visible_to
from foundation.exceptions import ReasonedError
from ui.changelists import HouseAdmin


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return f"{person.name} · {person.username}"


class ShiftForm(forms.ModelForm):
    """A shift, or a leave, of somebody whom the person at the page may plan for."""

    by = None

    user = PersonField(label=_("user"), queryset=User.objects.none())
    starts_at = forms.SplitDateTimeField(label=_("starts"), widget=admin.widgets.AdminSplitDateTime)
    ends_at = forms.SplitDateTimeField(label=_("ends"), widget=admin.widgets.AdminSplitDateTime)

    class Meta:
        model = Shift
        fields = ["user", "starts_at", "ends_at", "capacity", "is_leave"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["user"].queryset = access.plannable(User.objects.filter(is_active=True), self.by).order_by("name", "pk")

    def _post_clean(self):
        super()._post_clean()
        for reason in [] if self.errors else reasons_against(self.instance, by=self.by):
            self.add_error(None, str(reason.text))


@admin.register(Shift)
class ShiftAdmin(HouseAdmin):
    """A planned shift is not changed: it is taken out of the plan, and another one is planned."""

    list_display = ["user", "starts_at", "ends_at", "capacity", "is_leave"]
    list_filter = ["is_leave"]
    list_select_related = ["user"]
    ordering = ["-starts_at", "-id"]
    form = ShiftForm
    actions = ["take_out"]

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=shifts_visible_to(request.user).values("pk"))

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return access.may_configure(request.user) or request.user.has_perm("accounts.manage_team")

    def has_add_permission(self, request):
        return self.has_view_permission(request)

    def has_change_permission(self, request, obj=None):
        return False

    def get_form(self, request, obj=None, **options):
        if obj is not None:
            return super().get_form(request, obj, **options | {"form": forms.ModelForm})
        form = super().get_form(request, obj, **options)
        form.by = request.user
        return form

    def formfield_for_dbfield(self, field, request, **options):
        """People are chosen here and edited on their own page."""
        return super().formfield_for_dbfield(field, request, **options) if field.name != "user" else None

    def save_model(self, request, obj, form, change):
        times = {"starts_at": obj.starts_at, "ends_at": obj.ends_at}
        room = {} if obj.is_leave else {"capacity": obj.capacity}
        planned = (put_on_leave if obj.is_leave else plan_shift)(obj.user, **times, **room, by=request.user)
        obj.pk, obj._state.adding = planned.pk, False

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ReasonedError as error:
            return show_refusal(self, request, error)

    @admin.action(description=_("Take out of the plan"), permissions=["view"])
    def take_out(self, request, chosen):
        run_for_each(self, request, chosen, remove_shift)
