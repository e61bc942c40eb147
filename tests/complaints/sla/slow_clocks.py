"""The clocks of one complaint as somebody would keep them who looks at the wall every minute and knows the rules by heart.

Written from the rules alone: no calendar arithmetic, no rows, no rungs; a clock is a number that grows while its hours are open.
Moments are minutes since midnight of the first day.
"""

from dataclasses import dataclass, field

DAY = 1440
OPEN = {"service": (9 * 60, 21 * 60), "extended": (8 * 60, 23 * 60), "wall": (0, DAY)}
LIVE = {"new", "open", "waiting_customer", "waiting_internal", "snoozed"}
# calendar, first, next, resolution; in minutes, by priority
SHIPPED = {
    0: ("service", 240, 480, 2160),
    1: ("service", 240, 480, 2160),
    2: ("service", 120, 240, 1440),
    3: ("extended", 30, 60, 900),
}
COLUMN = {"first": 1, "next": 2, "resolution": 3}


@dataclass
class SlowClock:
    kind: str
    cycle: int
    started: int
    hours: str
    target: int
    used: int = 0
    state: str = "running"
    missed: int | None = None
    seen_four_fifths: bool = False
    pauses: int = 0
    ran_out: int | None = None
    ran_out_at: int | None = None  # the day of a department: when it is over

    def tick(self, minute: int) -> None:
        """One minute goes by."""
        since, until = OPEN[self.hours]
        if self.state == "running" and since <= minute % DAY < until:
            self.used += 1
            if self.used == self.target:
                self.ran_out = minute + 1

    @property
    def is_open(self) -> bool:
        return self.state in ("running", "paused")


def look_ahead(hours: str, minutes: int, now: int) -> int:
    """Wait until so many open minutes have gone by."""
    since, until = OPEN[hours]
    while minutes:
        minutes -= since <= now % DAY < until
        now += 1
    return now


@dataclass
class SlowComplaint:
    now: int
    priority: int = 1
    status: str = "new"
    before: str = ""
    cycle: int = 1
    has_reply: bool = False
    needs_reply: bool = True
    unanswered: int | None = None
    asked: int = 0
    timer: int | None = None
    expected: int | None = None
    policies: dict = field(default_factory=lambda: dict(SHIPPED))
    clocks: list[SlowClock] = field(default_factory=list)

    def __post_init__(self):
        self.unanswered = self.filed = self.now
        self.follow()

    def wait(self, minutes: int) -> None:
        for _minute in range(minutes):
            for clock in self.clocks:
                clock.tick(self.now)
            self.now += 1

    def target(self, kind: str) -> tuple[str, int]:
        row = self.policies[self.priority]
        return row[0], row[COLUMN[kind]] // (2 if kind == "resolution" and self.cycle > 1 else 1)

    def owed(self) -> list[tuple[str, int | None]]:
        """(kind, since when)"""
        if self.status not in LIVE:
            return []
        owed: list[tuple[str, int | None]] = []
        if self.cycle == 1 and not self.has_reply:
            owed.append(("first", self.filed))
        elif not self.has_reply or self.needs_reply:
            owed.append(("next", self.unanswered))
        if "waiting_internal" in (self.status, self.before if self.status == "snoozed" else ""):
            owed.append(("stage", self.expected))
        return [*owed, ("resolution", None)]

    def find(self, kind: str, since: int | None) -> SlowClock | None:
        for clock in reversed(self.clocks):
            if clock.kind != kind or clock.cycle != self.cycle:
                continue
            if kind == "stage" and clock.ran_out_at == since:
                return clock
            if kind == "next" and (clock.is_open or since in (None, clock.started)):
                return clock
            if kind in ("first", "resolution"):
                return clock
        return None

    def follow(self, *, tightens: bool = False) -> None:
        """Have a clock for what is owed and none for what is not."""
        owed = self.owed()
        wanted = [self.find(*each) for each in owed]
        for clock in self.clocks:
            if clock.is_open and clock not in wanted:
                self.end(clock)
        for (kind, since), known in zip(owed, wanted, strict=True):
            clock = known or self.begin(kind, since)
            if not clock.is_open:
                clock.state = "running"
            if kind == "resolution":
                tightens = self.pause_or_resume(clock) or tightens
            if tightens and known and kind != "stage":
                self.tighten(clock)

    def begin(self, kind: str, since: int | None) -> SlowClock:
        if kind == "stage":
            clock = SlowClock(kind, self.cycle, self.now, "wall", since - self.now)
            clock.ran_out_at = since
        else:
            clock = SlowClock(kind, self.cycle, self.now if since is None else since, *self.target(kind))
        self.clocks.append(clock)
        return clock

    def end(self, clock: SlowClock) -> None:
        if clock.state == "running" and clock.ran_out is not None and clock.ran_out < self.now:
            clock.missed = clock.ran_out
        withdrawn = self.status == "withdrawn"
        clock.state = "missed" if clock.missed is not None else "cancelled" if withdrawn else "met"

    def pause_or_resume(self, clock: SlowClock) -> bool:
        """Whether something ran out just before the pause, which raises the priority."""
        if self.status == "waiting_customer" and clock.state == "running" and clock.pauses < 2:
            has_risen = self.notice(clock)
            clock.state, clock.pauses = "paused", clock.pauses + 1
            return has_risen
        if self.status != "waiting_customer" and clock.state == "paused":
            clock.state = "running"
        return False

    def tighten(self, clock: SlowClock) -> None:
        """What stands still has no more than the new target left when it goes on."""
        if not clock.is_open or clock.missed is not None:
            return
        hours, minutes = self.target(clock.kind)
        if look_ahead(hours, minutes, self.now) < self.due(clock):
            clock.hours, clock.target = hours, clock.used + minutes

    def due(self, clock: SlowClock) -> int:
        if clock.ran_out is not None:
            return clock.ran_out
        return look_ahead(clock.hours, clock.target - clock.used, self.now)

    def notice(self, clock: SlowClock) -> bool:
        """Somebody looks at a clock that runs; whether the priority rose by what they saw."""
        if clock.state != "running":
            return False
        if clock.used * 60 >= clock.target * 60 * 80 // 100 and not clock.seen_four_fifths:
            clock.seen_four_fifths = True
            if self.status == "snoozed":
                self.status, self.timer = self.before, None
        if clock.ran_out is None or clock.missed is not None:
            return False
        clock.missed = clock.ran_out
        has_risen, self.priority = self.priority < 2, max(self.priority, 2)
        return has_risen

    def sweep(self) -> None:
        has_risen = [self.notice(clock) for clock in self.clocks if clock.is_open]
        self.follow(tightens=any(has_risen))

    # What people do. Each is called only where it is allowed.
    def message(self) -> None:
        if self.status in ("resolved", "closed"):
            self.cycle, self.status, self.has_reply, self.asked, self.timer = self.cycle + 1, "open", False, 0, None
        elif self.status == "waiting_customer":
            self.status, self.timer = "open", None
        elif self.status == "snoozed":
            self.status, self.timer = self.before, None
        if self.status != "withdrawn":
            self.owe()
        self.follow()

    def owe(self) -> None:
        self.needs_reply, self.unanswered = True, self.now if self.unanswered is None else self.unanswered

    def reply(self, then: str = "") -> None:
        self.has_reply, self.needs_reply, self.unanswered = True, False, None
        if self.status == "new":
            self.status = "open"
        if then == "ask_customer":
            self.status, self.asked, self.timer = "waiting_customer", self.asked + 1, self.now + 72 * 60
        if then == "resolve":
            self.status, self.timer = "resolved", self.now + 7 * DAY
        self.follow()

    def reply_and_take_it_back(self) -> None:
        had, asked_at = self.has_reply, self.unanswered
        self.reply()
        self.has_reply, self.unanswered = had, asked_at
        self.needs_reply = asked_at is not None
        self.follow()

    def hand_over(self) -> None:
        self.status, self.expected = "waiting_internal", (self.now // DAY + 2) * DAY - 1
        self.follow()

    def hand_back(self) -> None:
        self.status = "open"
        self.follow()

    def snooze(self, until: int) -> None:
        self.before, self.status, self.timer = self.status, "snoozed", until
        self.follow()

    def withdraw(self) -> None:
        self.status, self.timer, self.needs_reply, self.unanswered = "withdrawn", None, False, None
        self.follow()

    def resume(self) -> None:
        self.cycle, self.status, self.has_reply, self.asked = self.cycle + 1, "open", False, 0
        self.owe()
        self.follow()

    def set_priority(self, priority: int) -> None:
        changes, self.priority = priority != self.priority, priority
        self.follow(tightens=changes)

    def timers(self) -> None:
        if self.timer is None or self.timer > self.now:
            return
        self.timer = None
        if self.status == "waiting_customer":
            self.status = "open"
        elif self.status == "snoozed":
            self.status = self.before
        elif self.status == "resolved":
            self.status = "closed"
        self.follow()
