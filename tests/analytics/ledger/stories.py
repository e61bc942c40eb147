"""Made-up lives of a complaint, with another one that may be merged into it: events as the services write them, without a database."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from analytics.ledger.entries import Entry, Group, Kin, Settings
from tests.analytics.ledger.slowly import ZONE, Case, Event

SETTINGS = Settings(zone=ZONE)
# Some days before and after the end of a year and of a month; the hours go through the night.
BEGINNING = datetime(2026, 2, 26, 1, 0, tzinfo=UTC)
ROOT, OTHER = 11, 12
AGENTS = (101, 102, 103)
TEAMS = (1, 2, 3)
LIVE = ("new", "open", "waiting_customer", "waiting_internal", "snoozed")
CHANNELS = ("web", "chat", "phone", "email")
SCALES = ("csat", "ces", "nps_tx")


class OpenByDay:
    """Open from 9 to 21 o'clock, every day: enough to see whether the right two moments are given."""

    def between(self, start: datetime, end: datetime) -> int:
        total, day = 0.0, start.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        while day < end:
            total += max(0.0, (min(end, day + timedelta(hours=21)) - max(start, day + timedelta(hours=9))).total_seconds())
            day += timedelta(days=1)
        return int(total)


gaps = st.one_of(st.integers(0, 9), st.integers(0, 400), st.integers(0, 40_000), st.integers(0, 900_000))


class Complaint:
    """One chain and where it stands."""

    def __init__(self, number: int) -> None:
        self.number, self.seq, self.status, self.cycle, self.before = number, 0, "new", 1, "new"
        self.contacts: list[int] = []


class Story:
    """Lives through steps; each may be refused by the state, as in the house, and then writes nothing."""

    def __init__(self, origin: str, channel: str, has_hours: bool) -> None:
        self.at, self.entries, self.numbers = BEGINNING, [], 100
        self.root, self.other = Complaint(ROOT), None
        self.merged = False
        self.sessions: dict[int, str] = {}
        self.runs: dict[int, str] = {}
        self.surveys: list[int] = []
        self.calls: list[int] = []
        self.posted: list[int] = []
        self.refunds: list[int] = []
        self.kin: list[datetime] = []
        self.has_hours = has_hours
        self.file(self.root, origin, channel)

    @property
    def now(self) -> Complaint:
        return self.root

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def note(self, kind: str, /, *, on: Complaint | None = None, by: int | None = None, author: str = "", **codes) -> None:
        on = on or self.root
        on.seq += 1
        author = author or ("human" if by else "system")
        self.entries.append(Entry(self.at, on.number, on.seq, kind, by, author, codes))

    def step(self, gap: int, verb: str, number: int) -> None:
        self.at += timedelta(seconds=gap, microseconds=number * 130_003 % 1_000_000)
        STEPS[verb](self, number)

    def end(self) -> Group:
        members = (OTHER,) if self.merged else ()
        entries = [each for each in self.entries if each.subject == ROOT or self.merged]
        return Group(
            root=ROOT,
            entries=tuple(sorted(entries, key=lambda each: each[:3])),
            members=members,
            kin=tuple(Kin(at, 99) for at in self.kin),
            hours={7: OpenByDay()} if self.has_hours else {},
        )

    # What may happen. ``number`` chooses among the possible.

    def file(self, complaint: Complaint, origin: str, channel: str) -> None:
        contact = self.number()
        complaint.contacts.append(contact)
        by = AGENTS[0] if origin == "agent" else None
        codes = {"contact": contact, "channel": channel, "origin": origin, "merchant": 5, "team": 1, "priority": 1, "category": "a.b"}
        author = {"customer": "customer", "agent": "human"}.get(origin, "system")
        self.note("complaint.filed", on=complaint, by=by, author=author, **codes)
        self.post("customer", on=complaint, by=by)

    def post(self, who: str, *, on: Complaint | None = None, by: int | None = None, thanks: bool = False, public: bool = True) -> None:
        on = on or self.root
        message = self.number()
        contact = on.contacts[-1] if who == "customer" else None
        about = {"message": message, "contact": contact, "author_kind": who, "public": public, "thanks": thanks}
        self.note("message.posted", on=on, by=by, author=who if who != "bot" else "auto", **about)
        if who in ("customer", "human"):
            self.posted.append(message)

    def says(self, number: int) -> None:
        on = self.other if self.merged and number % 3 == 0 else self.root
        self.post("customer", on=on, thanks=number % 5 == 1)

    def replies(self, number: int) -> None:
        self.post("human", by=AGENTS[number % 3], public=number % 4 != 1)
        if self.root.status == "new":
            self.move("begin", "open", by=AGENTS[number % 3])

    def sounds(self, number: int) -> None:
        self.post(("auto", "bot", "system")[number % 3])

    def retracts(self, number: int) -> None:
        if self.posted:
            self.note("message.retracted", by=AGENTS[0], message=self.posted[-1 - number % min(2, len(self.posted))])

    def classifies(self, number: int) -> None:
        if self.posted:
            self.note("message.classified", by=AGENTS[0], message=self.posted[number % len(self.posted)], thanks=bool(number % 2))

    def comes_again(self, number: int) -> None:
        contact = self.number()
        self.root.contacts.append(contact)
        self.note("contact.added", author="customer", contact=contact, channel=CHANNELS[number % 4], origin="customer")
        self.post("customer")

    def phones(self, number: int) -> None:
        contact = self.number()
        self.note("contact.added", by=AGENTS[1], contact=contact, channel="phone", origin="agent")
        self.note("call.logged", by=AGENTS[1], contact=contact, reached=bool(number % 3))

    def talks(self, number: int) -> None:
        live = [session for session, state in self.sessions.items() if state in ("queued", "active")]
        if not live:
            contact, session = self.number(), self.number()
            self.root.contacts.append(contact)
            self.note("contact.added", author="customer", contact=contact, channel="chat", origin="customer")
            self.post("customer")
            self.note("chat.queued", author="customer", session=session, contact=contact, team=1)
            self.sessions[session] = "queued"
            return
        self._go_on_talking(live[0], number)

    def _go_on_talking(self, session: int, number: int) -> None:
        agent, state = AGENTS[number % 3], self.sessions[session]
        ways = {
            "queued": [("chat.joined", "active", {}), ("chat.abandoned", "over", {"cause": "customer"}), ("chat.converted", "over", {})],
            "active": [("chat.left", "queued", {"cause": "lost"}), ("chat.ended", "over", {"cause": "agent"}),
                       ("chat.ended", "over", {"cause": "silent"})],
        }  # fmt: skip
        kind, self.sessions[session], codes = ways[state][number % 3]
        self.note(kind, by=agent if kind == "chat.joined" else None, session=session, agent=agent, **codes)
        if kind == "chat.left":
            self.note("chat.queued", session=session, cause="lost")

    def move(self, verb: str, to: str, *, by: int | None = None, author: str = "", **codes) -> None:
        about = {"from": self.root.status, "to": to, "verb": verb, "cycle": self.root.cycle, **codes}
        self.root.before, self.root.status = self.root.status, to
        self.note("status.changed", by=by, author=author, **about)

    def is_worked(self) -> bool:
        return self.root.status in LIVE and self.root.status != "new"

    def waits(self, number: int) -> None:
        status, by = self.root.status, AGENTS[number % 3]
        if status == "open" and number % 2:
            self.move("ask_customer", "waiting_customer", by=by)
            self.note("waiting.set", by=by, waiting_on="customer")
        elif status == "open":
            whom = ("warehouse", "finance", "carrier", "supplier", "elsewhere")[number % 5]
            self.move("hand_over", "waiting_internal", by=by)
            self.note("waiting.set", by=by, waiting_on=whom, until="2026-03-09")
        elif status.startswith("waiting"):
            self.move("answer", "open", by=by)
            self.note("waiting.set", by=by, waiting_on="us")

    def sleeps(self, number: int) -> None:
        if self.root.status in ("open", "waiting_internal"):
            self.move("snooze", "snoozed", by=AGENTS[0])
        elif self.root.status == "snoozed":
            self.move("wake", self.root.before)

    def resolves(self, number: int) -> None:
        if not self.is_worked():
            return
        verb, outcome = [("resolve", "solved"), ("resolve", "solved"), ("decline", "declined"), ("give_up", "no_response")][number % 4]
        by = AGENTS[number % 3]
        self.move(verb, "resolved", by=by)
        self.note("reason.set", by=by, reason=("lost", "late")[number % 2])
        self.note("liability.set", by=by, liability={"carrier": 60, "shop": 40} if number % 3 else {"customer": 100})
        self.note("cycle.resolved", by=by, outcome=outcome, cycle=self.root.cycle, solver=by if number % 5 else None)

    def confirms(self, number: int) -> None:
        if self.root.status == "resolved":
            self.move("confirm", "closed")
            self.note("cycle.confirmed", how="unobjected", cycle=self.root.cycle, outcome="solved")

    def reopens(self, number: int) -> None:
        if self.root.status not in ("resolved", "closed"):
            return
        is_correction = number % 3 == 0 and self.root.status == "resolved"
        self.move("reopen", "open", author="customer", **({"correction": True} if is_correction else {}))
        if is_correction:
            self.note("cycle.reopened", cycle=self.root.cycle, correction=True, cause="solver")
        else:
            self.root.cycle += 1
            self.note("cycle.reopened", author="customer", cycle=self.root.cycle, correction=False, cause="customer")

    def leaves(self, number: int) -> None:
        if self.root.status == "withdrawn":
            self.move("resume", "open", author="customer")
            self.root.cycle += 1
            self.note("cycle.reopened", author="customer", cycle=self.root.cycle, correction=False, cause="resumed")
        elif number % 3 == 0 and self.root.status in (*LIVE, "resolved"):
            self.move("withdraw", "withdrawn", author="customer")

    def is_nothing(self, number: int) -> None:
        if self.root.status == "spam":
            self.move("restore", "new", by=AGENTS[0])
        elif self.root.status == "new" and number % 4 == 0:
            self.move("mark_spam", "spam", by=AGENTS[0])
            self.note("excluded.set", by=AGENTS[0], exclusion="spam")

    def meets_another(self, number: int) -> None:
        if self.other is None:
            self.other = Complaint(OTHER)
            self.file(self.other, ("customer", "agent")[number % 2], CHANNELS[number % 4])
        elif self.root.status in (*LIVE, "resolved"):
            self.merged = not self.merged
            kind = "complaint.merged" if self.merged else "complaint.unmerged"
            self.note(kind, by=AGENTS[0], role="survivor", other=OTHER)
            self.note(kind, on=self.other, by=AGENTS[0], role="child", other=ROOT)
            if number % 2:
                self.note("priority.set", by=AGENTS[0], **{"from": 1, "to": 2})

    def is_given(self, number: int) -> None:
        kinds = ["assigned", "assigned", "unassigned", "taken_back"]
        who = {"agent": AGENTS[number % 3], "team": TEAMS[number % 2]} if number % 4 < 2 else {"agent": None}
        self.note(kinds[number % 4], **who, cause="manual")

    def changes_team(self, number: int) -> None:
        planned = {"planned": True} if number % 4 == 0 else {}
        self.note("team.changed", by=AGENTS[0], **{"from": TEAMS[number % 3], "to": TEAMS[(number + 1 + number // 3) % 3]}, **planned)

    def is_labelled(self, number: int) -> None:
        by = AGENTS[0] if number % 2 else None
        self.note("priority.set", by=by, **{"from": number % 3, "to": (number + 1) % 3})

    def is_timed(self, number: int) -> None:
        if number % 4 == 0 or not self.runs:
            run = self.number()
            kind = ("first", "next", "resolution", "contact", "legal")[number % 5]
            due = (self.at + timedelta(minutes=number * 7)).isoformat()
            calendar = {"calendar": 7} if self.has_hours else {}
            self.note("clock.started", run=run, kind=kind, cycle=self.root.cycle, due_at=due, **calendar)
            self.runs[run] = "running"
            return
        run = list(self.runs)[number % len(self.runs)]
        self._go_on_timing(run, number)

    def _go_on_timing(self, run: int, number: int) -> None:
        due = (self.at + timedelta(minutes=number)).isoformat()
        ways = {
            "running": [
                ("clock.met", "over", {"met_at": self.at.isoformat()}), ("clock.missed", "running", {"due_at": self.at.isoformat()}),
                ("clock.cancelled", "over", {}), ("clock.recomputed", "running", {"due_at": due}), ("clock.warned", "running", {}),
                ("clock.paused", "paused", {"reason": ("customer_info", "regulator")[number % 2]}), ("clock.excluded", "running", {}),
                ("clock.included", "running", {}),
            ],
            "paused": [
                ("clock.resumed", "running", {"due_at": due}), ("clock.met", "over", {"met_at": self.at.isoformat()}),
                ("clock.cancelled", "over", {}), ("clock.recomputed", "paused", {"due_at": None}),
            ],
            "over": [("clock.recomputed", "running", {"due_at": due})],
        }  # fmt: skip
        options = ways[self.runs[run]]
        kind, self.runs[run], codes = options[number // 4 % len(options)]  # by the remainder of four it was decided to go on
        self.note(kind, run=run, **codes)

    def is_asked(self, number: int) -> None:
        if number % 3 == 0 or not self.surveys:
            self.surveys.append(self.surveys[-1] if self.surveys and number % 6 == 0 else self.number())
            kind = "survey.suppressed" if number % 4 == 3 else "survey.invited"
            self._survey(kind, self.surveys[-1], number, solver=AGENTS[number % 3], **({"reason": "cap"} if number % 4 == 3 else {}))
            return
        kind = ("survey.delivered", "survey.answered", "survey.edited", "survey.expired")[number % 4]
        score = {"score": 1 + number % 5, "once": (None, True, False)[number % 3]} if kind in ("survey.answered", "survey.edited") else {}
        self._survey(kind, self.surveys[-1], number, **score)

    def _survey(self, kind: str, survey: int, number: int, **codes) -> None:
        self.note(kind, survey=survey, scale=SCALES[survey % 3], version=1, cycle=self.root.cycle, **codes)

    def is_called(self, number: int) -> None:
        due = (self.at + timedelta(minutes=number * 3)).isoformat()
        if number % 11 == 10:
            self.note("callback.cancelled", kind="after_resolution", cycle=self.root.cycle, cause="no_contact")
            return
        if number % 3 == 0 or not self.calls:
            self.calls.append(self.number())
            self.note("callback.due", follow_up=self.calls[-1], kind="after_resolution", due_at=due)
            return
        about = {"follow_up": self.calls[-1], "kind": "after_resolution"}
        outcome = ("no_answer", "reached_ok", "reached_not_ok", "refused")[number % 4]
        if number % 7 == 1:
            self.note("callback.cancelled", **about, due_at=due, cause="withdraw")
        elif number % 7 == 2:
            self.note("callback.moved", **about, due_at=due)
        else:
            self.note("callback.attempted", by=AGENTS[number % 3], **about, outcome=outcome)

    def is_paid(self, number: int) -> None:
        about = {"currency": ("CNY", "USD")[number % 6 == 5], "kind": ("price", "compensation", "freight")[number % 3]}
        if number % 4 == 0 and self.refunds:
            self.note("refund.bounced", refund=self.refunds[-1], fen=500, **about)
        elif number % 5 == 4:
            self.note("recovery.collected", fen=300, bearer="carrier", **about)
        else:
            self.refunds.append(self.number() if number % 3 else (self.refunds or [77])[-1])
            self.note("refund.succeeded", refund=self.refunds[-1], fen=500, **about)

    def is_worked_on(self, number: int) -> None:
        agent, contact = AGENTS[number % 3], self.root.contacts[number % len(self.root.contacts)] if number % 4 else None
        if number % 5 == 0:
            self.note("effort.corrected", by=agent, agent=agent, contact=contact, delta_ms=-1000 * (number % 7))
        else:
            times = {"active_ms": 1234 * number, "hold_ms": 10 * number, "wrapup_ms": 77}
            self.note("effort.recorded", agent=agent, contact=contact, **times)

    def goes_outside(self, number: int) -> None:
        kind = "external.changed" if number % 2 else "case.opened"
        self.note(kind, record=1, step="noted")

    def has_kin(self, number: int) -> None:
        self.kin.append(self.at)


STEPS = {
    "says": Story.says, "replies": Story.replies, "sounds": Story.sounds, "retracts": Story.retracts, "classifies": Story.classifies,
    "comes again": Story.comes_again, "phones": Story.phones, "talks": Story.talks, "waits": Story.waits, "sleeps": Story.sleeps,
    "resolves": Story.resolves, "confirms": Story.confirms, "reopens": Story.reopens, "leaves": Story.leaves,
    "is nothing": Story.is_nothing, "meets another": Story.meets_another, "is given": Story.is_given,
    "changes team": Story.changes_team, "is labelled": Story.is_labelled, "is timed": Story.is_timed, "is asked": Story.is_asked,
    "is called": Story.is_called, "is paid": Story.is_paid, "is worked on": Story.is_worked_on, "goes outside": Story.goes_outside,
    "has kin": Story.has_kin,
}  # fmt: skip
# What moves a complaint happens as often as everything else together.
VERBS = [*STEPS, *["says", "replies", "resolves", "reopens", "waits", "talks", "leaves", "is timed"] * 2]
step = st.tuples(gaps, st.sampled_from(VERBS), st.integers(0, 59))
# Lists are short unless a length is asked for, and in a short life hardly anything is ended, taken up again or joined.
steps = st.one_of(st.lists(step, max_size=40), st.lists(step, min_size=25, max_size=40))


@st.composite
def stories(draw) -> Story:
    """A complaint's life of up to forty steps."""
    origin = draw(st.sampled_from(["customer", "customer", "customer", "agent", "rule", "integration"]))
    story = Story(origin, draw(st.sampled_from(CHANNELS)), draw(st.booleans()))
    for step in draw(steps):
        story.step(*step)
    return story


def as_case(group: Group) -> Case:
    """The same for the slow way of counting."""
    pinned = any(each.kind == "clock.started" and each.codes.get("calendar") for each in group.entries)
    business = next(iter(group.hours.values())).between if pinned and group.hours else None
    kin = tuple(each.at for each in group.kin)
    return Case(group.root, [Event(*each) for each in group.entries], group.members, kin, business)
