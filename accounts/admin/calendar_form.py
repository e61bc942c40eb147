"""The form that publishes a calendar: a line of hours per weekday, and a line per day that differs."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.calendars import draft_version, newest_version
from accounts.hours_text import HoursTextError, read_special_day, read_windows, write_special_day, write_windows
from accounts.models import Calendar, CalendarDay, CalendarVersion
from accounts.services.calendars import NOTHING_NEW, SHIPPED_ZONE, reasons_against, says_the_same
from foundation.exceptions import Reason

DAY_FIELDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_SPECIAL_DAYS = 400
OFFICE = "09:00-12:00, 13:30-18:00"


class HoursField(forms.CharField):
    """The windows of a weekday; empty is closed."""

    def __init__(self, *, label):
        super().__init__(label=label, required=False, max_length=200, widget=AdminTextInputWidget)

    def prepare_value(self, value):
        return value if isinstance(value, str) else write_windows(value or [])

    def clean(self, value):
        try:
            return read_windows(super().clean(value))
        except HoursTextError as error:
            raise ValidationError(str(error)) from None


class SpecialDaysField(forms.CharField):
    """A line for each date with hours of its own; every fault is said with its line."""

    widget = forms.Textarea(attrs={"rows": 8, "class": "code lines", "spellcheck": "false", "dir": "auto"})

    def prepare_value(self, value):
        return value if isinstance(value, str) else "\n".join(write_special_day(day) for day in value or [])

    def clean(self, value):
        days: dict = {}
        faults = []
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            if fault := _take_line(line, days):
                faults.append(_("Line %(line)d: %(fault)s") % {"line": number, "fault": fault})
        if len(days) > MOST_SPECIAL_DAYS:
            faults.append(_("At most %(most)d days.") % {"most": MOST_SPECIAL_DAYS})
        if faults:
            raise ValidationError(faults)
        return [days[day] for day in sorted(days)]


class CalendarForm(forms.ModelForm):
    """The newest version of a calendar, or a new calendar, as it is to be from now on."""

    by = None
    is_preview = False
    newest: CalendarVersion | None = None
    draft: CalendarVersion | None = None
    is_same = False

    zone = forms.CharField(label=gettext_lazy("time zone"), max_length=60, initial=SHIPPED_ZONE)
    follows_public_days = forms.BooleanField(label=gettext_lazy("follows public days"), required=False, initial=True)
    monday = HoursField(label=WEEKDAYS[0])
    tuesday = HoursField(label=WEEKDAYS[1])
    wednesday = HoursField(label=WEEKDAYS[2])
    thursday = HoursField(label=WEEKDAYS[3])
    friday = HoursField(label=WEEKDAYS[4])
    saturday = HoursField(label=WEEKDAYS[5])
    sunday = HoursField(label=WEEKDAYS[6])
    special_days = SpecialDaysField(label=gettext_lazy("days that differ"), required=False, strip=False, max_length=40_000)
    reason = forms.CharField(label=gettext_lazy("reason of the change"), required=False, max_length=200, widget=AdminTextInputWidget)
    seen = forms.IntegerField(label=gettext_lazy("version seen"), required=False, widget=forms.HiddenInput)

    class Meta:
        model = Calendar
        fields = ["code", "name_zh", "name_en"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        self.newest = newest_version(self.instance)
        for name, value in self._first_values().items():
            self.fields[name].initial = value
        self.fields["special_days"].help_text = _("A line each: date, hours or “closed”, reason. These go before public days and the week.")
        self.fields["monday"].help_text = _("Windows with a comma between them; one past midnight is written 20:00-02:00. Empty: closed.")
        self.fields["follows_public_days"].help_text = _("Closed on public holidays; make-up days are worked like a Monday.")

    def is_valid(self):
        """Looking is not publishing: a preview always comes back to the page."""
        return super().is_valid() and not self.is_preview

    def clean(self):
        answers = super().clean()
        for reason in [] if self.errors else self._find_reasons(answers):
            self.add_error(None, str(reason.text))
        return answers

    def week(self) -> list[list[list[int]]]:
        return [self.cleaned_data[name] for name in DAY_FIELDS]

    def renames(self) -> bool:
        return bool({"name_zh", "name_en"} & set(self.changed_data))

    def content(self) -> dict[str, Any]:
        """What ``publish_calendar`` is told."""
        named = {name: self.cleaned_data[name] for name in ("zone", "follows_public_days", "special_days", "reason")}
        return named | {"week": self.week(), "expected_version": self.cleaned_data["seen"]}

    def shown(self) -> tuple[CalendarVersion, list[CalendarDay]] | None:
        """The version to draw, and its special days: what was written if it holds, before that the newest one."""
        if self.is_bound:
            return (self.draft, self.cleaned_data["special_days"]) if self.draft else None
        return (self.newest, list(self.instance.days.all())) if self.newest else None

    def _find_reasons(self, answers: dict[str, Any]) -> list[Reason]:
        asked = {"newest": self.newest, "by": self.by, "expected_version": answers["seen"]}
        found = reasons_against(week=self.week(), zone=answers["zone"], **asked)
        if found:
            return found
        content = {name: answers[name] for name in ("zone", "follows_public_days", "special_days")}
        self.draft = draft_version(self.instance, week=self.week(), **content)
        self.is_same = says_the_same(self.newest, self.draft)
        return [NOTHING_NEW] if self.is_same and not (self.is_preview or self.renames()) else []

    def _first_values(self) -> dict[str, Any]:
        if self.newest is None:
            return dict(zip(DAY_FIELDS, [OFFICE] * 5 + [""] * 2, strict=True))
        kept = {name: getattr(self.newest, name) for name in ("zone", "follows_public_days")}
        days = dict(zip(DAY_FIELDS, self.newest.week, strict=True))
        return kept | days | {"special_days": list(self.instance.days.all()), "seen": self.newest.version}


def _take_line(line: str, days: dict) -> str:
    """Put the day of a line to the others; returns what is wrong with it."""
    if not line.strip():
        return ""
    try:
        day = read_special_day(line)
    except HoursTextError as error:
        return str(error)
    if day.date in days:
        return _("%(day)s stands there twice.") % {"day": day.date}
    days[day.date] = day
    return ""
