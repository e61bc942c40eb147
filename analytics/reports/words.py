"""Saved reports in words, for a reader in their language."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import LABELS
from analytics.access import Sight
from analytics.desk.choice import PERIODS, choice_of
from analytics.desk.page import say_filters
from analytics.models import ReportMail, SavedReport
from ui.localize import localized

from .access import sees_report
from .letters import title_of_page, url_of
from .saving import last_mails

Rhythm, Shared = SavedReport.Rhythm, SavedReport.Shared


@dataclass(frozen=True)
class Line:
    """One report in the list. ``troubles`` are recipients who got none the last time, for its owner."""

    report: SavedReport
    is_own: bool
    page: str
    url: str
    chosen: list[str]
    shared: str
    rhythm: str
    recipients: list[str]
    troubles: list[ReportMail]


def lines_of(reports: Sequence[SavedReport], user: User) -> list[Line]:
    """Reports as this reader sees them: what is somebody else's without its recipients; what they see no figure of is left out."""
    own = [report for report in reports if report.owner_id == user.pk]
    mails: dict[int, list[ReportMail]] = {}
    for mail in last_mails(own):
        mails.setdefault(mail.report_id, []).append(mail)
    return [_line(report, user, mails.get(report.pk, [])) for report in reports if report.owner_id == user.pk or sees_report(report, user)]


def _line(report: SavedReport, user: User, mails: list[ReportMail]) -> Line:
    is_own = report.owner_id == user.pk
    names = [each.user.name for each in report.recipients.all()] if is_own else []
    troubles = [mail for mail in mails if mail.state == ReportMail.State.FAILED]
    return Line(
        report, is_own, title_of_page(report), url_of(report), say_choice(report, user), say_shared(report), say_rhythm(report), names,
        troubles,
    )  # fmt: skip


def say_choice(report: SavedReport, user: User) -> list[str]:
    """The days and filters that were kept with it."""
    choice = choice_of(QueryDict(report.query), Sight(user))
    days = str(PERIODS[choice.period]) if choice.period else f"{choice.span.first} – {choice.span.last}"
    return [days, *say_filters(choice)]


def say_shared(report: SavedReport) -> str:
    if report.shared == Shared.TEAM:
        return _("Team %(name)s") % {"name": localized(report.team, "name")} if report.team else _("a team that is no more")
    return str(LABELS.get(report.role, report.role)) if report.shared == Shared.ROLE else ""


def say_rhythm(report: SavedReport) -> str:
    """When it leaves."""
    told = {"time": f"{report.hour:02d}:00", "weekday": WEEKDAYS[report.weekday], "day": report.month_day}
    words = {
        Rhythm.DAILY: _("every day at %(time)s"),
        Rhythm.WEEKLY: _("every week on %(weekday)s at %(time)s"),
        Rhythm.MONTHLY: _("every month on day %(day)d at %(time)s"),
    }
    return words[report.rhythm] % told if report.rhythm in words else ""
