"""Boards as they were drawn a moment ago: shown again at once for a few seconds, and for a minute while nothing new was counted.

Kept in each process; a restart forgets them. An event is folded within two seconds and a drawing is looked at anew after three, so what
happened is in the figures within ten.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from django.db.models import Max
from django.utils.safestring import SafeString

from analytics.models import AnalyticsCursor, DirtyNode, Goal, Remark

AT_ONCE_SECONDS, AT_MOST_SECONDS = 3.0, 60.0
MOST = 100


@dataclass(frozen=True)
class Drawing:
    """What was drawn when, after which goals and remarks, and after what had been counted."""

    text: SafeString
    drawn_at: float
    marks: Hashable
    counted: Hashable

    def is_good(self, marks: Hashable) -> bool:
        age = time.monotonic() - self.drawn_at
        return self.marks == marks and age < AT_MOST_SECONDS and (age < AT_ONCE_SECONDS or self.counted == what_is_counted())


_drawings: OrderedDict[Hashable, Drawing] = OrderedDict()
_lock = Lock()


def drawn(name: Hashable, draw: Callable[[], tuple[SafeString, bool]]) -> SafeString:
    """The drawing of that name, or a new one. ``draw`` also says whether it is whole; one that still waits for something is not kept."""
    marks = what_is_marked()
    with _lock:
        known = _drawings.get(name)
    if known and known.is_good(marks):
        return known.text
    began, counted = time.monotonic(), what_is_counted()
    text, is_whole = draw()
    if is_whole:
        _keep(name, Drawing(text, began, marks, counted))
    return text


def _keep(name: Hashable, drawing: Drawing) -> None:
    with _lock:
        _drawings[name] = drawing
        _drawings.move_to_end(name)
        while len(_drawings) > MOST:
            _drawings.popitem(last=False)


def forget() -> None:
    """Draw everything anew."""
    with _lock:
        _drawings.clear()


def what_is_marked() -> Hashable:
    """Changes with every goal and every remark, which whoever wrote it wants to see at once."""
    goals, remarks = Goal.objects.aggregate(Max("set_at")), Remark.objects.aggregate(Max("at"), Max("removed_at"))
    return (*goals.values(), *remarks.values())


def what_is_counted() -> Hashable:
    """Changes with everything that is folded into facts or added up in sums of days."""
    return (*AnalyticsCursor.objects.order_by("feed").values_list("feed", "pos"), DirtyNode.objects.filter(level=0).count())
