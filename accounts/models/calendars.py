"""When the house works: named calendars in versions that never change, and the public days that they were made with."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ui.localize import localized


class PublicDay(models.Model):
    """A public holiday, or a day of a weekend that is worked instead. ``year`` is the one that the notice is about."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("holiday")
        MAKE_UP = "make_up", _("make-up working day")

    date = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    notice = models.CharField(_("notice"), max_length=120, help_text=_("Where it was announced."))
    year = models.PositiveSmallIntegerField(_("year of the notice"))

    class Meta:
        ordering = ["date"]
        verbose_name = _("public day")
        verbose_name_plural = _("public days")

    def __str__(self):
        return f"{self.date} {self.name_zh}"


class Calendar(models.Model):
    """Working hours under a name. What counts is its newest version."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)

    class Meta:
        ordering = ["code"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self):
        return localized(self, "name")


class CalendarDay(models.Model):
    """The hours of one date in one calendar, whatever the week and the public days say: a sale, half a day, a typhoon."""

    calendar = models.ForeignKey(Calendar, db_index=False, on_delete=models.CASCADE, related_name="days", verbose_name=_("calendar"))
    date = models.DateField(_("date"))
    windows = models.JSONField(_("hours"), default=list, blank=True, help_text=_("Pairs of times; none: closed."))
    reason = models.CharField(_("reason"), max_length=120)

    class Meta:
        ordering = ["calendar", "date"]
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="accounts_calendarday_once")]

    def __str__(self):
        return f"{self.calendar} {self.date}"


class CalendarVersion(models.Model):
    """A calendar as it stood when it was published, public and special days included: whoever counts with it needs nothing else.

    ``week`` has seven lists of ``[start, end]`` in minutes of the day, Monday first; an end beyond 1440 is in the next night. ``days``
    holds the dates that differ, as ISO date → list of such pairs. Public days are known until ``covered_until``; empty: the calendar
    does not follow them.
    """

    calendar = models.ForeignKey(Calendar, db_index=False, on_delete=models.PROTECT, related_name="versions", verbose_name=_("calendar"))
    version = models.PositiveIntegerField(_("version"))
    zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    week = models.JSONField(_("week"))
    days = models.JSONField(_("days that differ"), default=dict, blank=True)
    follows_public_days = models.BooleanField(_("follows public days"), default=True)
    covered_until = models.DateField(_("public days known until"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["calendar", "-version"]
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of calendars")
        constraints = [models.UniqueConstraint(fields=["calendar", "version"], name="accounts_calendarversion_once")]

    def __str__(self):
        return f"{self.calendar} v{self.version}"
