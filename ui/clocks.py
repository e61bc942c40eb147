"""The clock chip: how near a deadline is, said by an icon, words and, only when somebody must act, a fill."""

from datetime import datetime, timedelta

from django.utils.html import conditional_escape as esc
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ui.icons import icon
from ui.timefmt import left_words

ICONS = {"met": "check", "calm": "clock", "soon": "clock", "now": "bell", "over": "alert", "paused": "pause"}
RUNNING = ("calm", "soon", "now", "over")


def thresholds(allowance: timedelta) -> tuple[timedelta, timedelta]:
    """Return how much time is left when a clock turns *soon* (a quarter, at most 4 h) and *now* (a tenth, at most 30 min)."""
    return min(allowance / 4, timedelta(hours=4)), min(allowance / 10, timedelta(minutes=30))


def level_of(left: timedelta, allowance: timedelta) -> str:
    """Return the level of a running clock: calm, soon, now or over."""
    soon, urgent = thresholds(allowance)
    return "over" if left <= timedelta(0) else "now" if left <= urgent else "soon" if left <= soon else "calm"


def render_clock(label, due_at: datetime | None, *, level="", allowance: timedelta | None = None, reason="", legal=False) -> SafeString:
    """Render a chip; ``reason`` is why a paused clock stands.

    Give the level, or the allowance: from it the level is computed here and kept up to date by scripts.
    """
    at = now()
    level = level or (level_of(due_at - at, allowance) if allowance else "calm")
    counting = _counting(due_at, at, allowance, legal) if level in RUNNING else ""
    words = reason if level == "paused" else _("met") if level == "met" else left_words(due_at, at)
    drawn = icon("legal" if legal else ICONS[level], 16)
    said = f"<span>{esc(label)}</span> <span data-left>{esc(words)}</span>"
    return mark_safe(f'<sla-clock class="clock clock--{level}"{counting}>{drawn}{said}</sla-clock>')  # noqa: S308


def _counting(due_at: datetime, at: datetime, allowance: timedelta | None, legal: bool) -> str:
    marks = zip(("soon", "now"), thresholds(allowance), strict=True) if allowance else ()
    levels = "".join(f' data-{name}="{left.total_seconds():.0f}"' for name, left in marks)
    kind = ' data-legal="yes"' if legal else ""
    return f' data-due="{due_at.isoformat(timespec="seconds")}" data-at="{at.isoformat(timespec="seconds")}"{levels}{kind}'
