"""Keeping, changing, pausing, removing a report, and asking for it at once: the only doors to saved reports."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from analytics.access import sight_of
from analytics.desk.choice import choice_of
from analytics.models import ReportMail, SavedReport
from foundation.exceptions import Forbidden, Reason
from foundation.hints import hint
from foundation.verbs import lock, require

from .access import SAVE, is_page_open, recipients_for
from .due import next_due

TASK = "analytics.reports"
MOST_REPORTS, MOST_RECIPIENTS = 100, 50
Shared, Rhythm = SavedReport.Shared, SavedReport.Rhythm


@dataclass(frozen=True)
class Page:
    """Which page of figures: a board or one figure, and what is chosen on it."""

    board: str
    metric: str
    query: str


@dataclass(frozen=True)
class Wish:
    """How a report is called, with whom it is shared, and when it goes to whom."""

    name: str
    shared: str = Shared.NOBODY
    team: Team | None = None
    role: str = ""
    rhythm: str = Rhythm.NEVER
    weekday: int = 0
    month_day: int = 1
    hour: int = 8
    recipients: Sequence[User] = ()


@transaction.atomic
def save_report(page: Page, wish: Wish, *, by: User) -> SavedReport:
    """Keep a page of figures under a name. ``NotAllowedError`` or ``RefusedError`` with the reasons."""
    sight = sight_of(by)
    is_open = sight is not None and is_page_open(page.board, page.metric, sight)
    require([*_against(wish, by), *([] if is_open else [Forbidden("no_page", _("You do not see this page of figures."))])])
    if SavedReport.objects.filter(owner=by, removed_at__isnull=True).count() >= MOST_REPORTS:
        require([Reason("too_many", _("You keep %(number)d reports already.") % {"number": MOST_REPORTS}, _("Delete one first."))])
    report = SavedReport(owner=by, board=page.board, metric=page.metric, query=clean_query(page.query, by))
    return _write(report, wish)


@transaction.atomic
def change_report(report: SavedReport, wish: Wish, *, by: User) -> SavedReport:
    """Change name, sharing, times and recipients of an own report. What has been planned leaves as planned."""
    report = lock(report)
    require([*_against_stranger(report, by), *_against(wish, by)])
    return _write(report, wish)


@transaction.atomic
def pause_report(report: SavedReport, *, is_paused: bool, by: User) -> SavedReport:
    """Stop the mails of an own report, or let them go on from the next due time. What was missed is not sent."""
    report = lock(report)
    require([*_against_stranger(report, by), *_against_right(by)])
    report.is_paused = is_paused
    return _schedule(report)


@transaction.atomic
def remove_report(report: SavedReport, *, by: User) -> SavedReport:
    """Take an own report away: nobody sees it and no mail leaves any more. ``restore_report`` brings it back."""
    report = lock(report)
    require(_against_stranger(report, by))
    report.removed_at, report.due_at = timezone.now(), None
    report.save(update_fields=["removed_at", "due_at"])
    report.mails.filter(state=ReportMail.State.QUEUED).delete()
    return report


@transaction.atomic
def restore_report(report: SavedReport, *, by: User) -> SavedReport:
    """Bring a removed report back as it was; its mails go on from the next due time."""
    report = lock(report)
    require([*_against_stranger(report, by), *_against_right(by)])
    report.removed_at = None
    return _schedule(report)


@transaction.atomic
def send_now(report: SavedReport, *, by: User, at: datetime | None = None) -> ReportMail:
    """Send it to whoever asks, at once and nobody else. Asking again within the minute is the same mail."""
    moment = (at or timezone.now()).replace(second=0, microsecond=0)
    reason = Reason("no_address", _("There is no mail address in your profile."))
    require([*_against_stranger(report, by), *([] if by.email else [reason])])
    mail, _is_new = ReportMail.objects.get_or_create(report=report, recipient=by, due_at=moment)
    hint(TASK)
    return mail


def clean_query(query: str, by: User) -> str:
    """What an address chooses, as the pages write it; anything else in it is left out. It keeps to what may be chosen, not to rows."""
    return choice_of(QueryDict(query), sight_of(by)).query


def last_mails(reports: Sequence[SavedReport]) -> QuerySet[ReportMail]:
    """What became of the newest mail of each report to each recipient."""
    rows = ReportMail.objects.filter(report__in=reports).select_related("recipient")
    return rows.order_by("report", "recipient", "-due_at").distinct("report", "recipient")


def _write(report: SavedReport, wish: Wish) -> SavedReport:
    wish = _tidied(wish)
    for name in ("name", "shared", "team", "role", "rhythm", "weekday", "month_day", "hour"):
        setattr(report, name, getattr(wish, name))
    _schedule(report)
    report.recipients.exclude(user__in=wish.recipients).delete()
    known = set(report.recipients.values_list("user_id", flat=True))
    for user in wish.recipients:
        if user.pk not in known:
            report.recipients.create(user=user)
    return report


def _tidied(wish: Wish) -> Wish:
    """Without what its own choices leave unsaid: a team where it is shared with a role, recipients where nothing is sent."""
    return replace(
        wish,
        name=wish.name.strip()[:80],
        team=wish.team if wish.shared == Shared.TEAM else None,
        role=wish.role if wish.shared == Shared.ROLE else "",
        recipients=wish.recipients if wish.rhythm != Rhythm.NEVER else (),
    )


def _schedule(report: SavedReport) -> SavedReport:
    report.due_at = next_due(report, timezone.now())
    report.save()
    return report


def _against(wish: Wish, by: User) -> list[Reason]:
    strangers = {user.pk for user in wish.recipients} - set(recipients_for(by).values_list("pk", flat=True))
    faults = {
        "no_name": (not wish.name.strip(), _("A report needs a name.")),
        "no_team": (wish.shared == Shared.TEAM and wish.team is None, _("Say with which team you share it.")),
        "no_role": (wish.shared == Shared.ROLE and not wish.role, _("Say with which role you share it.")),
        "nobody": (wish.rhythm != Rhythm.NEVER and not wish.recipients, _("Say who gets the mail.")),
        "crowd": (len(wish.recipients) > MOST_RECIPIENTS, _("A report goes to at most %(number)d people.") % {"number": MOST_RECIPIENTS}),
        "strangers": (bool(strangers), _("Some of these people cannot get figures from you.")),
    }
    return [*_against_right(by), *(Reason(code, text) for code, (is_so, text) in faults.items() if is_so)]


def _against_right(by: User) -> list[Reason]:
    return [] if by.has_perm(SAVE) else [Forbidden("no_permission", _("Your role does not include keeping reports."))]


def _against_stranger(report: SavedReport, by: User) -> list[Reason]:
    return [] if report.owner_id == by.pk else [Forbidden("not_yours", _("This report belongs to somebody else."))]
