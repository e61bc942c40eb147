"""The one clock that a row and the workspace's head show: when the next answer is due, and how pressing that is."""

from datetime import datetime, timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from complaints.lifecycle import Status
from complaints.models import ClockRun
from ui.clocks import render_clock
from ui.timefmt import relative

SHORTEST = timedelta(minutes=1)
# What still runs after the complaint was answered.
AFTER = {ClockRun.Kind.REVIEW, *ClockRun.STATUTORY}
PAUSED = {Status.WAITING_CUSTOMER, Status.SNOOZED}


def draw_clock(complaint, at: datetime) -> SafeString | str:
    """The clock chip of a live complaint; nothing once it is answered or ended."""
    if complaint.status in PAUSED and not complaint.due_kind:
        return _draw_paused(complaint, at)
    if not (complaint.is_live or complaint.due_kind in AFTER):
        return ""
    label = ClockRun.Kind(complaint.due_kind).label if complaint.due_kind else _("Due")
    return render_clock(label, complaint.due_at, allowance=max(complaint.due_at - complaint.due_since, SHORTEST))


def _draw_paused(complaint, at: datetime) -> SafeString:
    until = complaint.timer_at or complaint.due_at
    words = _("customer, until %(time)s") if complaint.status == Status.WAITING_CUSTOMER else _("until %(time)s")
    return render_clock(_("Paused"), until, level="paused", reason=words % {"time": relative(until, at)})
