"""Stock admin of when the house works: calendars, published as versions, and the public days that they follow."""

from datetime import date

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.calendar_form import DAY_FIELDS, CalendarForm
from accounts.admin.public_days_form import PublicDaysForm
from accounts.calendars import newest_with_days, with_newest
from accounts.models import Calendar, PublicDay
from accounts.months import draw_months, following, preceding
from accounts.services import import_public_days, publish_calendar, rename_calendar
from ui.changelists import HouseAdmin

LAST_YEAR = 2200
MONTHS = 3


@admin.register(Calendar)
class CalendarAdmin(HouseAdmin):
    """Whoever may only look sees the months; whoever may publish begins with the newest version, and the old ones stay."""

    list_display = ["code", "name_zh", "name_en", "version", "zone", "is_following", "known_until"]
    ordering = ["code"]
    form = CalendarForm
    change_form_template = "admin/accounts/calendar/change_form.html"

    def visible_rows(self, request, rows):
        return with_newest(rows)

    def get_fields(self, request, obj=None):
        names = ["code", "name_zh", "name_en"]
        if not self._may_publish(request, obj):
            return names
        return [*names, "zone", *DAY_FIELDS, "follows_public_days", "special_days", "reason", "seen"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def get_form(self, request, obj=None, **options):
        if not self._may_publish(request, obj):
            return super().get_form(request, obj, **options | {"form": forms.ModelForm})
        form = super().get_form(request, obj, **options)
        form.by, form.is_preview = request.user, "_preview" in request.POST
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        shown = self._shown(context["adminform"].form, obj)
        if shown is not None:
            first = _month_asked(request)
            context["shown_version"], special_days = shown
            context["months"] = draw_months(shown[0], first, special_days=special_days, count=MONTHS)
            context["weekday_names"] = [WEEKDAYS_ABBR[number] for number in range(7)]
            context |= {"month_before": preceding(first), "month_after": following(first)}
        context["versions"] = obj.versions.select_related("published_by")[:10] if obj else []
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def save_model(self, request, obj, form, change):
        if change and form.renames():
            rename_calendar(obj, name_zh=obj.name_zh, name_en=obj.name_en, by=request.user)
        if not form.is_same:
            publish_calendar(obj, **form.content(), by=request.user)

    def response_add(self, request, obj, post_url_continue=None):
        return self.response_change(request, obj)

    def response_change(self, request, obj):
        messages.success(request, gettext("Published. What is promised from now on counts with it; running promises stay as they are."))
        return HttpResponseRedirect(reverse("admin:accounts_calendar_change", args=[obj.pk]))

    @admin.display(description=_("version"))
    def version(self, calendar):
        return calendar.newest_number

    @admin.display(description=_("time zone"))
    def zone(self, calendar):
        return calendar.newest_zone

    @admin.display(description=_("follows public days"), boolean=True)
    def is_following(self, calendar):
        return calendar.newest_follows

    @admin.display(description=_("public days known until"), empty_value="–")
    def known_until(self, calendar):
        return calendar.newest_covered_until

    def _may_publish(self, request, obj) -> bool:
        return self.has_change_permission(request, obj) if obj else self.has_add_permission(request)

    def _shown(self, form, obj):
        if isinstance(form, CalendarForm):
            return form.shown()
        return newest_with_days(obj) if obj else None


@admin.register(PublicDay)
class PublicDayAdmin(HouseAdmin):
    """Days are read here. A year's days are brought in whole, from the file or the text of its notice."""

    list_display = ["date", "kind", "name_zh", "name_en", "notice", "year"]
    list_filter = ["kind", "year"]
    ordering = ["-date"]
    form = PublicDaysForm
    change_form_template = "admin/accounts/publicday/change_form.html"

    def has_change_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return ["file", "text", "reason"] if obj is None else ["date", "kind", "name_zh", "name_en", "notice", "year"]

    def get_form(self, request, obj=None, **options):
        if obj is not None:
            return super().get_form(request, obj, **options | {"form": forms.ModelForm})
        form = super().get_form(request, obj, **options)
        form.is_preview = "_preview" in request.POST
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if add:
            context |= context["adminform"].form.preview()
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def save_model(self, request, obj, form, change):
        imported = import_public_days(form.cleaned_data["text"], by=request.user, reason=form.cleaned_data["reason"])
        obj.__dict__.update(imported.first.__dict__)
        calendars = "、".join(str(version) for version in imported.versions) or "–"
        words = gettext("%(added)d days added, %(removed)d taken away. New versions: %(calendars)s.")
        messages.success(request, words % {"added": imported.added, "removed": imported.removed, "calendars": calendars})

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(reverse("admin:accounts_publicday_changelist"))


def _month_asked(request: HttpRequest) -> date:
    """``?month=2026-12``, else this one; anything else is this one, too."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        asked = timezone.localdate()
    return asked.replace(day=1) if 1970 <= asked.year < LAST_YEAR else timezone.localdate().replace(day=1)
