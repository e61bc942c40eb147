"""What a call looks like on the desk: whom to call by when, how often somebody has tried, and one tap for what came of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.chat.callbacks import ATTEMPTS, FEWEST_TRIES, NO_ANSWER, attempts_on
from complaints.chat.hours import Window, call_windows
from complaints.desk import directory
from complaints.desk.doors import new_request_id
from complaints.lifecycle import Status
from complaints.models import FollowUp
from ui.masking import mask_name, mask_text

Outcome = FollowUp.Outcome
REOPENED = frozenset({Status.RESOLVED, Status.CLOSED})
# What each button says. The first ones are tapped every day, the others end a call without anybody reached.
TAPS = {
    Outcome.REACHED_OK: _("Reached, all is well"),
    Outcome.REACHED_NOT_OK: _("Reached, not settled"),
    NO_ANSWER: _("No answer, try again"),
    Outcome.REFUSED: _("Did not want to talk"),
    Outcome.UNREACHABLE: _("No answer, give up"),
    Outcome.CANCELLED: _("No longer needed"),
}
REOPEN = _("Not settled: open it again")
TRIED = {Outcome.REACHED_OK: _("reached, settled"), Outcome.REACHED_NOT_OK: _("reached, not settled"), NO_ANSWER: _("no answer")}


class AttemptForm(forms.Form):
    """What came of a call, or another time for it."""

    outcome = forms.ChoiceField(choices=[(outcome, TAPS[outcome]) for outcome in (*ATTEMPTS, Outcome.CANCELLED)], required=False)
    summary = forms.CharField(label=_("What was said"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    window = forms.ChoiceField(label=_("Move it to"), required=False)
    request_id = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, call: FollowUp, **options):
        super().__init__(*args, auto_id=f"call{call.pk}_%s", **options)
        self.windows = {window.code: window for window in call_windows(timezone.now())}
        self.fields["window"].choices = [(code, window.words) for code, window in self.windows.items()]


def draw_calls(
    calls: Collection[FollowUp], *, own: Collection[int], kept: dict[int, AttemptForm] | None = None, may_take: bool = False
) -> list[dict[str, Any]]:
    """Rows for the calls, which came with their complaints.

    ``own`` are those that may be logged, ``kept`` forms that were refused; ``may_take``: the others may be taken over.
    """
    at, tries, kept = timezone.now(), _tries_by_call(calls), kept or {}
    drawn = ((call, _draw(call, at, is_own=call.pk in own, kept=kept.get(call.pk))) for call in calls)
    return [row | {"tries": tries.get(call.pk, []), "may_take": may_take} for call, row in drawn]


def _draw(call: FollowUp, at: datetime, *, is_own: bool, kept: AttemptForm | None) -> dict[str, Any]:
    complaint, is_open = call.complaint, call.done_at is None
    return {
        "call": call,
        "complaint": complaint,
        "window": Window(call.starts_at, call.due_at) if call.starts_at else None,
        "is_open": is_open,
        "is_late": is_open and call.due_at < at,
        "is_now": is_open and (call.starts_at or at) <= at <= call.due_at,
        "name": mask_name(complaint.contact_name),
        "subject": mask_text(complaint.subject),
        "resolution": mask_text(complaint.resolution),
        "owner": str(directory.colleagues.get(call.owner_id) or "") if call.owner_id else "",
        "is_own": is_own and is_open,
        "taps": _taps(call),
        "form": kept or AttemptForm(call=call, initial={"request_id": new_request_id()}),
        "is_kept": kept is not None,
    }


def _taps(call: FollowUp) -> list[tuple[str, Any]]:
    """The buttons; giving up is offered once this try may be the last that is needed."""
    words = TAPS | ({Outcome.REACHED_NOT_OK: REOPEN} if call.complaint.status in REOPENED else {})
    return [(str(tap), words[tap]) for tap in words if tap != Outcome.UNREACHABLE or call.attempts + 1 >= FEWEST_TRIES]


def _tries_by_call(calls: Collection[FollowUp]) -> dict[int, list[tuple[datetime, Any, str]]]:
    found: dict[int, list[tuple[datetime, Any, str]]] = {}
    for event in attempts_on(calls) if calls else ():
        outcome = event.codes["outcome"]
        by = str(directory.colleagues.get(event.actor_id) or "")
        found.setdefault(event.codes["follow_up"], []).append((event.at, TRIED.get(outcome) or TAPS.get(outcome, ""), by))
    return found
