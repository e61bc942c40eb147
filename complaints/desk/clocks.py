"""The one clock that a row and the workspace's head show: when the next answer is due, and how pressing that is."""

from datetime import datetime, timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from complaints.lifecycle import Status
from ui.clocks import render_clock
from ui.timefmt import relative

SHORTEST = timedelta(minutes=1)
PAUSED = {Status.WAITING_CUSTOMER, Status.SNOOZED}


def draw_clock(complaint, at: datetime) -> SafeString | str:
    """The clock chip of a live complaint; nothing once it is answered or ended."""
    if complaint.status in PAUSED:
        return _draw_paused(complaint, at)
    if not complaint.is_live:
        return ""
    is_first = complaint.first_reply_at is None
    label = _("First reply") if is_first else _("Reply") if complaint.needs_reply else _("Resolve")
    since = complaint.filed_at if is_first else complaint.last_message_at
    return render_clock(label, complaint.due_at, allowance=max(complaint.due_at - since, SHORTEST))


def _draw_paused(complaint, at: datetime) -> SafeString:
    until = complaint.timer_at or complaint.due_at
    words = _("customer, until %(time)s") if complaint.status == Status.WAITING_CUSTOMER else _("until %(time)s")
    return render_clock(_("Paused"), until, level="paused", reason=words % {"time": relative(until, at)})
