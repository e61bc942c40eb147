"""Every clock of one complaint: what is owed by when, by which policy, and where each minute went."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from complaints import access
from complaints.desk import clock_acts, directory
from complaints.desk.doors import desk_view
from complaints.desk.places import place_of
from complaints.models import ClockRun, Complaint, Event
from complaints.services.pauses import LONGEST
from complaints.sla.strip import CLOSED, PAUSED, Segment, Strip, draw_strip
from complaints.sla.waivers import waivers_in
from complaints.sla.words import say_minutes
from ui.clocks import render_clock
from ui.localize import localized
from ui.timefmt import absolute, in_words

SHORTEST = timedelta(minutes=1)
MOST_LINES, MOST_RUNS, MOST_EVENTS = 300, 60, 2000
HEIGHTS = {CLOSED: 4, PAUSED: 12}
TALLEST = 24
ICONS = {CLOSED: "moon", PAUSED: "pause"}


@dataclass(frozen=True)
class Bar:
    """A rectangle of the drawn strip: left edge and width in percent, top and height in pixels."""

    x: str
    width: str
    y: int
    height: int
    kind: str


@dataclass(frozen=True)
class Line:
    """One stretch in words."""

    icon: str
    sentence: str
    is_ahead: bool = False


@dataclass
class ClockRow:
    """One clock as the desk shows it."""

    run: ClockRun
    title: str
    chip: SafeString | str
    basis: list[str]
    is_legal: bool
    is_unconfirmed: bool
    source: str = ""
    bars: list[Bar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    summary: str = ""
    is_cut: bool = False
    is_waived: bool = False

    @property
    def waiving_act(self) -> str:
        """The act that leaves it out of the figures, or counts it again; none for what was not missed."""
        return "" if self.run.missed_at is None else "count_target" if self.is_waived else "waive"


@desk_view()
def show_clocks(request, number):
    complaint = access.complaint_for(request.user, number)
    rows = strips_of(complaint, at=timezone.now())
    context = {"complaint": complaint, "rows": rows, "place": place_of(request), "is_dialog": bool(request.htmx)}
    if access.is_lead_of(request.user, complaint) and not complaint.erased_at:
        context["waiving"] = {name: title for name, title, *_rest in clock_acts.ACTS if name in clock_acts.WAIVING}
    return render(request, f"complaints/desk/{'_strips' if request.htmx else 'strips'}.html", context)


def open_clocks_of(complaint: Complaint) -> list[ClockRow]:
    """What is still owed, what is due first before the rest."""
    runs = _runs_of(complaint).filter(ended_at__isnull=True).order_by("due_at", "id")[:MOST_RUNS]
    return [_row(run) for run in runs]


def acts_on(rows: Iterable[ClockRow]) -> list[tuple[str, str]]:
    """The acts that fit these clocks: name and title."""
    paused = {row.run.pause_reason for row in rows if row.run.state == ClockRun.State.PAUSED} & set(LONGEST)
    has_solution = any(row.run.kind == ClockRun.Kind.RESOLUTION and row.run.state == ClockRun.State.RUNNING for row in rows)
    has_notice = any(row.is_legal for row in rows)
    fitting = {"external": True, **dict.fromkeys(clock_acts.WAIVING, False), "pause": has_solution, "resume_clock": bool(paused)}
    fitting |= dict.fromkeys(("external_draft", "external_approve", "external_answer"), has_notice)
    return [(name, str(title)) for name, title, *_rest in clock_acts.ACTS if fitting[name]]


def strips_of(complaint: Complaint, *, at: datetime) -> list[ClockRow]:
    """Every clock with its strip, those that still run before those that are over."""
    runs = list(_runs_of(complaint).order_by("-id")[:MOST_RUNS])
    said = _events_of(complaint, [run.pk for run in runs])
    rows = [_with_waiver(_with_strip(_row(run), draw_strip(said[run.pk], at=at)), said[run.pk]) for run in runs]
    return sorted(rows, key=lambda row: (not row.run.is_open, row.run.due_at is None))


def _runs_of(complaint: Complaint):
    return ClockRun.objects.filter(complaint=complaint).select_related("policy", "external__rule", "calendar__calendar")


def _events_of(complaint: Complaint, run_ids: Sequence[int]) -> dict[int, list[Event]]:
    found = defaultdict(list)
    for event in access.clock_events_of(complaint).only("kind", "at", "codes", "actor_id")[:MOST_EVENTS]:
        if event.codes.get("run") in run_ids:
            found[event.codes["run"]].append(event)
    return found


def _row(run: ClockRun) -> ClockRow:
    rule = run.external.rule if run.external_id else None
    title = localized(rule, "name") if rule else run.get_kind_display()
    return ClockRow(
        run=run,
        title=title,
        chip=_chip(run) if run.is_open else "",
        basis=list(_basis(run)),
        is_legal=run.kind in ClockRun.STATUTORY,
        is_unconfirmed=bool(rule and not rule.confirmed_at),
        source=rule.source if rule else "",
    )


def _chip(run: ClockRun) -> SafeString:
    if run.state == ClockRun.State.PAUSED:
        return render_clock(_("Paused"), None, level="paused", reason=run.get_pause_reason_display())
    label = run.get_kind_display()
    allowance = max(run.due_at - run.started_at, SHORTEST)
    return render_clock(label, run.due_at, allowance=allowance, legal=run.kind in ClockRun.STATUTORY)


def _basis(run: ClockRun) -> Iterator[str]:
    """By what it is counted: the policy and its version, the calendar and its version."""
    if run.policy_id:
        yield _("%(policy)s, version %(version)d") % {"policy": localized(run.policy, "name"), "version": run.policy.version}
    if run.calendar_id:
        name = localized(run.calendar.calendar, "name")
        yield _("hours of “%(calendar)s”, version %(version)d") % {"calendar": name, "version": run.calendar.version}
    else:
        yield _("every day and night")
    if run.is_uncovered:
        yield _("beyond the public holidays that are known")


def _with_strip(row: ClockRow, strip: Strip) -> ClockRow:
    if strip.started_at is None:
        return row
    row.bars = list(_bars(strip))
    lines = [*_lines(strip), *_endings(row.run, strip)]
    row.lines, row.is_cut = lines[-MOST_LINES:], len(lines) > MOST_LINES
    row.summary = _("%(used)s of %(target)s used") % {"used": _span(strip.consumed_s), "target": _span(strip.target_s)}
    return row


def _with_waiver(row: ClockRow, events: Sequence[Event]) -> ClockRow:
    waiver = waivers_in(events).get(row.run.pk)
    if waiver:
        row.is_waived = True
        row.lines.append(Line("shield", _say_waiver(waiver)))
    return row


def _say_waiver(waiver: Event) -> str:
    name, why = str(directory.colleagues.get(waiver.actor_id) or ""), ClockRun.Waiver(waiver.codes["reason"]).label
    words = {"at": absolute(waiver.at), "name": name, "reason": why}
    return _("%(at)s: left out of the figures by %(name)s, because %(reason)s.") % words


def _bars(strip: Strip) -> Iterator[Bar]:
    if not strip.segments:
        return
    first, last = strip.segments[0].start, strip.segments[-1].end
    whole = (last - first) / timedelta(seconds=1)
    for each in strip.segments:
        left, wide = (each.start - first) / timedelta(seconds=1), (each.end - each.start) / timedelta(seconds=1)
        height = HEIGHTS.get(each.kind, TALLEST)
        kind = f"{each.kind}{' strip__bar--ahead' if each.is_ahead else ''}"
        yield Bar(f"{left / whole:.4%}", f"{wide / whole:.4%}", (TALLEST - height) // 2, height, kind)


def _lines(strip: Strip) -> Iterator[Line]:
    used = 0
    for each in strip.segments:
        used += each.seconds
        yield Line(ICONS.get(each.kind, "clock"), _say(each, used), each.is_ahead)


def _say(segment: Segment, used: int) -> str:
    words = {"from": absolute(segment.start), "to": absolute(segment.end)}
    span = in_words(segment.end - segment.start)
    if segment.kind == PAUSED:
        return _say_pause(segment, words)
    if segment.kind == CLOSED:
        return _("%(from)s to %(to)s: closed, does not count.") % words
    if segment.is_ahead:
        return _("%(from)s to %(to)s: %(time)s that are left.") % {**words, "time": span}
    return _("%(from)s to %(to)s: %(time)s count, %(used)s used by then.") % {**words, "time": _span(segment.seconds), "used": _span(used)}


def _say_pause(segment: Segment, words: dict) -> str:
    reason = ClockRun.Pause(segment.reason).label
    if segment.by is None:
        return _("%(from)s to %(to)s: paused, %(reason)s.") % {**words, "reason": reason}
    name = str(directory.colleagues.get(segment.by) or "")
    return _("%(from)s to %(to)s: paused by %(name)s, %(reason)s.") % {**words, "reason": reason, "name": name}


def _endings(run: ClockRun, strip: Strip) -> Iterator[Line]:
    if strip.missed_at:
        yield Line("alert", _("%(at)s: due and missed.") % {"at": absolute(strip.missed_at)})
    if strip.ended_at:
        yield Line("done", _("%(at)s: ended, %(state)s.") % {"at": absolute(strip.ended_at), "state": run.get_state_display()})
    elif strip.due_at and strip.missed_at is None:
        yield Line("flag", _("%(at)s: due.") % {"at": absolute(strip.due_at)}, is_ahead=True)


def _span(seconds: int) -> str:
    """Time of a calendar in hours: a day of working time is no day."""
    return say_minutes(max(1, seconds // 60)) if seconds else _("nothing")
