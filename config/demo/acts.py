"""The ways that a complaint can go, from filing to today."""

from collections.abc import Callable
from datetime import timedelta

from complaints import timing
from complaints.lifecycle import Status
from complaints.models import AssignmentRequest, Complaint

from .corpus import texts, words
from .stories import Story

RECENT = timedelta(days=8)
NEXT_PROMISE = timedelta(hours=8)


def _file(story: Story) -> None:
    luck, said = story.luck, texts()
    if story.suffix == "en":
        parts = (luck.choice(said["openings_en"]), story.pick("", topical=True), luck.choice(said["closings_en"]))
    else:
        parts = (luck.choice(said["openings_zh"]), story.pick("", topical=True), luck.choice(said["closings_zh"]))
    separator = " " if story.suffix == "en" else ""
    story.file(separator.join(part for part in parts if part).strip())


def _new(story: Story) -> None:
    """Nobody has answered; some have an agent, the others wait for one."""
    _file(story)
    if story.number % 3 == 0:
        story.later(0.02, 0.1)
        story.assign(choose_agent(story))
    else:
        _ask_for_agent(story)


def _open(story: Story) -> None:
    """In work: some customers have just written again, others were told the latest."""
    _file(story)
    _begin(story)
    turn = story.luck.random()
    if turn < 0.35 and not story.plan.is_lean:
        story.say(_note(story), author="human", kind="note")
    if _has_time(story, 8):
        _jump(story, 3, 7)
        story.reply(story.pick("update"))
    if turn > 0.6 and _has_time(story, 1):
        _jump(story, 0.2, 5)
        story.hear(story.pick("chase"))


def _waiting_customer(story: Story) -> None:
    _file(story)
    _begin(story)
    _ask(story)


def _waiting_internal(story: Story) -> None:
    _file(story)
    _begin(story)
    story.later(0.3, 2)
    department = story.said["department"] or "warehouse"
    until = (story.plan.now + timedelta(days=1)).date()
    story.move("hand_over", Status.WAITING_INTERNAL, by=story.agent)
    story.row |= {"waiting_on": department, "waiting_until": until}
    codes = {"waiting_on": department, "until": until.isoformat()}
    story.note("waiting.set", codes, payload={"owner": "韩冰"}, by=story.agent)
    story.tell("handed_over", values={"department": department, "date": until.isoformat()})


def _snoozed(story: Story) -> None:
    _file(story)
    _begin(story)
    story.later(0.2, 1)
    until = (story.plan.now + timedelta(hours=story.luck.uniform(2, 20))).replace(microsecond=0)
    story.row["status_before"] = story.row["status"]
    story.move("snooze", Status.SNOOZED, by=story.agent)
    story.row["timer_at"] = until
    story.note("snoozed", {"until": until.isoformat()}, payload={"reason": "等仓库盘点结果"}, by=story.agent)


def _resolved(story: Story) -> None:
    _file(story)
    _begin(story)
    _solve(story)


def _solve(story: Story) -> None:
    _work(story)
    story.later(1 * story.slowness, 6 * story.slowness)
    story.end("solved", story.pick("solved", topical=True), "resolved")


def _declined(story: Story) -> None:
    _file(story)
    _begin(story)
    story.later(1, 6)
    text = story.pick("declined")
    story.end("declined", text, "declined")
    story.note(
        "declined", {"reason": story.topic.code, "evidence": []}, payload={"basis": "退换货规则 第 4 条（2025-10 版）"}, by=story.agent
    )


def _appealed(story: Story) -> None:
    _declined(story)
    story.later(2, 20)
    story.row |= {"appealed_at": story.at}
    codes = {"cycle": story.row["cycle"], "outcome": story.row["outcome"]}
    story.note("appeal.filed", codes, author="customer")
    story.tell("appealed")


def _closed(story: Story) -> None:
    _resolved(story)
    _close(story)


def _passed_on_closed(story: Story) -> None:
    """It came to the wrong team, which hands it to another."""
    _file(story)
    _begin(story)
    story.later(0.2, 1)
    story.change_team(story.luck.choice([team for team in story.plan.agents if team != story.row["team_id"]]))
    story.later(0.1, 1)
    story.assign(choose_agent(story))
    story.later(0.3, 2)
    story.reply(story.pick("update"))
    _solve(story)
    _close(story)


def _declined_closed(story: Story) -> None:
    _declined(story)
    _close(story)


def _reopened(story: Story) -> None:
    _resolved(story)
    story.at = story.row["resolved_at"]
    story.later(18, 50)
    if story.plan.now - story.at < RECENT:
        _jump(story, 0.5, 5)
    story.move("reopen", Status.OPEN, author="customer")
    story.row |= {
        "cycle": 2, "outcome": "", "resolution": "", "reason_code": "", "liability": {}, "resolved_at": None, "resolved_by_id": None,
        "timer_at": None, "first_reply_at": None, "promise_at": story.at + NEXT_PROMISE,
    }  # fmt: skip
    story.questions.end()
    story.note("cycle.reopened", {"cycle": 2, "cause": "customer", "correction": False}, author="customer")
    story.hear(story.pick("reopen"))
    story.tell("reopened")


def _reopened_closed(story: Story) -> None:
    _reopened(story)
    story.later(1, 5)
    story.reply(story.pick("update"))
    story.later(5, 30)
    story.end("solved", story.pick("solved", topical=True), "resolved")
    _close(story)


def _withdrawn(story: Story) -> None:
    _file(story)
    story.later(0.3, 4)
    story.move("withdraw", Status.WITHDRAWN, author="customer")
    story.row |= {"closed_at": story.at, "needs_reply": False, "unanswered_since": None}
    story.note("withdrawn", {"cycle": 1}, author="customer")
    story.tell("withdrawn")


def _spam(story: Story) -> None:
    story.file(story.luck.choice(texts()["spam_zh"]))
    story.later(0.2, 1)
    story.agent = choose_agent(story)
    story.move("mark_spam", Status.SPAM, by=story.agent)
    story.row |= {"resolution": "广告", "closed_at": story.at, "needs_reply": False, "unanswered_since": None}
    story.note("excluded.set", {"exclusion": "spam"}, payload={"reason": "广告"}, by=story.agent)


def _merged(story: Story) -> None:
    _file(story)
    story.later(0.1, 1)


PLOTS: dict[str, Callable[[Story], None]] = {
    "new": _new, "open": _open, "waiting_customer": _waiting_customer, "waiting_internal": _waiting_internal, "snoozed": _snoozed,
    "resolved": _resolved, "declined": _declined, "appealed": _appealed, "closed": _closed, "declined_closed": _declined_closed,
    "reopened": _reopened, "reopened_closed": _reopened_closed, "passed_on_closed": _passed_on_closed,
    "withdrawn": _withdrawn, "spam": _spam, "merged": _merged,
}  # fmt: skip


def choose_agent(story: Story) -> int:
    return story.luck.choice(story.plan.agents[story.row["team_id"]])


def _ask_for_agent(story: Story) -> None:
    row, band = story.row, story.row["priority"]
    story.tables[AssignmentRequest].add(
        id=story.plan.base["complaints_assignmentrequest"] + story.number + 1,
        complaint_id=story.id,
        team_id=row["team_id"],
        language=row["language"],
        weight=10 if row["priority"] == Complaint.Priority.URGENT else 5,
        band=band,
        enqueued_at=row["filed_at"],
        rank_at=row["filed_at"] - timedelta(minutes=10 * band),
    )


def _begin(story: Story) -> None:
    """An agent is found and writes the first answer."""
    hours = _pace(story)
    story.later(0.02, 0.2)
    story.assign(choose_agent(story))
    story.later(0.1 * hours, 0.8 * hours)
    story.reply(story.pick("first"))


def _pace(story: Story) -> float:
    """Hours until the first answer: most within two, some far too late; never beyond the present."""
    left = (story.plan.now - story.at).total_seconds() / 3600
    return min(story.luck.choice((1, 1.5, 2, 2, 3, 6, 14)) * story.slowness, left * 0.8)


def _has_time(story: Story, hours: float) -> bool:
    return story.plan.now - story.at > timedelta(hours=hours)


def _jump(story: Story, low: float, high: float) -> None:
    """Go on at a moment so many hours before the present, unless that is behind us already."""
    at = story.plan.now - timedelta(hours=story.luck.uniform(low, high))
    story.at = max(story.at, at.replace(microsecond=0))


def _ask(story: Story, *, reminds: bool = True) -> None:
    story.later(0.1, 1.5)
    message = story.reply(story.pick("ask"), node="")
    story.move("ask_customer", Status.WAITING_CUSTOMER, by=story.agent)
    story.row |= {"asked_count": 1, "timer_at": story.at + timing.ANSWER_WAIT}
    story.note("waiting.set", {"waiting_on": "customer"}, by=story.agent)
    story.tell("asked", at=story.at + timing.UNDO_SEND, message=message)
    for node, wait in timing.REMINDERS.items() if reminds else ():
        story.tell(node, at=story.at + wait)


def _work(story: Story) -> None:
    """What lies between first answer and result: a question, a nudge, or nothing."""
    if story.plan.is_lean and story.luck.random() < 0.7 or not _has_time(story, 9):
        return
    turn = story.luck.random()
    if turn < 0.3:
        _ask(story, reminds=False)
        story.later(0.5, 3)
        story.move("answer", Status.OPEN, author="customer")
        story.row["timer_at"] = None
        story.note("waiting.set", {"waiting_on": "us"}, author="customer")
        story.hear(story.pick("answer"))
    elif turn < 0.7:
        story.later(0.5, 3)
        story.hear(story.pick("chase"))
        story.later(0.2, 2)
        story.reply(story.pick("update"))
    elif not story.plan.is_lean:
        story.later(0.2, 1)
        story.say(_note(story), author="human", kind="note")


def _note(story: Story) -> str:
    return story.luck.choice(words()["notes"])


def _close(story: Story) -> None:
    """The customer agrees, or nobody objects for seven days; one that is too fresh stays resolved."""
    row = story.row
    agrees = story.luck.random() < 0.3
    at = story.at + timedelta(hours=2) if agrees else row["resolved_at"] + timing.CONFIRM_WAIT
    if max(at, story.at) > story.plan.now:
        return
    story.at = max(at, story.at)
    story.move("confirm", Status.CLOSED, author="customer" if agrees else "system")
    row |= {"closed_at": story.at, "timer_at": None}
    how = "confirmed" if agrees else "unobjected"
    codes = {"how": how, "cycle": row["cycle"], "outcome": row["outcome"]}
    story.note("cycle.confirmed", codes, author="customer" if agrees else "system")
    story.tell("closed")
    story.questions.ask_about_shop()
