"""What the figures of one complaint are, worked out slowly from its events and from what the figures mean.

Shares no code with the ledger: it looks everything up anew for every question. Each family gives a list of plain dictionaries that
hold what is not zero. Who it is credited to stands under ``agent``.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Event:
    at: datetime
    complaint: int
    seq: int
    kind: str
    actor: int | None
    author: str
    codes: dict


@dataclass
class Case:
    """All events of a surviving complaint and of those merged into it; later complaints of the same matter by when they came."""

    root: int
    events: list[Event]
    members: tuple[int, ...] = ()
    kin: tuple[datetime, ...] = ()
    business: object = None
    own: list[Event] = field(init=False)

    def __post_init__(self):
        self.events = sorted(self.events, key=lambda each: (each.at, each.complaint, each.seq))
        self.own = [each for each in self.events if each.complaint == self.root]


def secs(start, end):
    return max(0, int((end - start).total_seconds()))


def clean(row):
    return {name: value for name, value in row.items() if value not in (0, None, "")} | (
        {name: 0 for name in row if name.endswith("_s") and name not in PARTS and row[name] == 0}
    )


PARTS = ("us_s", "customer_s", "warehouse_s", "finance_s", "carrier_s", "supplier_s", "regulator_s")


def reference(case: Case) -> dict[str, list[dict]]:
    families = {
        "arrival": arrivals, "round": rounds, "effort": efforts, "cycle": cycles, "target": targets, "verdict": verdicts, "talk": talks,
        "call": calls, "money": moneys,
    }  # fmt: skip
    return {name: [clean(row) for row in work(case)] for name, work in families.items()}


# What was said.


def words(case):
    """(at, who, contact, actor) of everything that was said in public and still stands; thanks of customers are no words."""
    gone = {each.codes["message"] for each in case.events if each.kind == "message.retracted"}
    found = []
    for each in case.events:
        codes = each.codes
        if each.kind == "call.logged" and codes["reached"]:
            found.append((each.at, "human", codes["contact"], each.actor))
        if each.kind == "message.posted" and codes["public"] and codes["message"] not in gone:
            judged = [later.codes["thanks"] for later in case.events if is_judgement(later, codes["message"])]
            thanks = judged[-1] if judged else codes["thanks"]
            if not (codes["author_kind"] == "customer" and thanks):
                found.append((each.at, codes["author_kind"], codes["contact"], each.actor))
    return found


def is_judgement(event, message):
    return event.kind == "message.classified" and event.codes["message"] == message and "thanks" in event.codes


def customer_filings(case):
    return [each for each in case.events if each.kind == "complaint.filed" and each.codes["origin"] in ("customer", "integration")]


def filings(case):
    return [each for each in case.events if each.kind == "complaint.filed"]


def start(case):
    return (customer_filings(case) or filings(case))[0].at


def people_answers(case):
    return [word for word in words(case) if word[1] == "human" and word[0] >= start(case)]


def status(case):
    moves = [each.codes["to"] for each in case.own if each.kind == "status.changed"]
    return moves[-1] if moves else "new"


def left_out(case):
    marks = [each for each in case.own if each.kind == "excluded.set" or each.codes.get("verb") == "restore"]
    return bool(marks) and marks[-1].kind == "excluded.set" and marks[-1].codes["exclusion"]


def business(case, begin, end):
    return None if case.business is None else case.business(begin, end)


def first_channel(case):
    return (customer_filings(case) or filings(case))[0].codes["channel"]


def channel_of(case, contact):
    kinds = ("complaint.filed", "contact.added")
    found = [each.codes["channel"] for each in case.events if each.kind in kinds and each.codes["contact"] == contact]
    return found[-1] if found else None


# Cycles: (number, opened, ended, outcome, solver, reopened)


def all_cycles(case):
    found = [[1, next(each.at for each in case.own if each.kind == "complaint.filed"), None, "", 0, None]]
    for each in case.own:
        codes, last = each.codes, found[-1]
        if each.kind == "cycle.resolved":
            last[2:5] = each.at, codes["outcome"], codes["solver"] or 0
        if each.kind == "cycle.reopened":
            if codes["correction"]:
                last[2:5] = None, "", 0
            else:
                last[5] = each.at if codes["cause"] != "resumed" else None
                found.append([codes["cycle"], each.at, None, "", 0, None])
        if each.kind == "status.changed" and codes["verb"] == "withdraw" and last[3] not in ("solved", "declined"):
            last[2:5] = each.at, "withdrawn", 0
    return found


def good_ends(case):
    return [cycle for cycle in all_cycles(case) if cycle[2] and cycle[3] in ("solved", "declined")]


# Families.


def arrivals(case):
    code = left_out(case)
    rows = [{f"out_{code}" if code == "spam" else "out_other": 1, "agent": 0}] if code else [counted_arrival(case)]
    return rows + [{"out_merged": 1} for _member in case.members]


def counted_arrival(case):
    answers, began = people_answers(case), start(case)
    row = {"arrived": 1, "replied": int(bool(answers)), "agent": answers[0][3] if answers else 0}
    row["external"] = int(any(each.kind == "external.changed" for each in case.events))
    row["misjudged"] = int(any(is_raise(case, each) for each in case.own))
    last, now = all_cycles(case)[-1], status(case)
    row["withdrawn" if now == "withdrawn" else last[3] if last[2] else "unresolved"] = 1
    row["resolvable"] = int(now != "withdrawn")
    row["completed"] = int(now in ("closed", "withdrawn"))
    row |= waiting_for_an_answer(case, answers, began, now, last) | promise(case, answers)
    return row


def is_raise(case, event):
    if event.kind != "priority.set" or event.author != "human" or event.codes["to"] <= event.codes["from"]:
        return False
    return not any(each.at == event.at for each in case.own if each.kind in ("complaint.merged", "complaint.unmerged"))


def waiting_for_an_answer(case, answers, began, now, last):
    if not customer_filings(case):
        heard = [word[0] for word in words(case) if word[1] != "customer" and word[0] >= began]
        row = {"by_house": 1, "by_rule": int(filings(case)[0].codes["origin"] == "rule")}
        return row | ({"first_update_s": secs(began, heard[0])} if heard else {})
    if not answers and now == "withdrawn":
        return {"left_early": 1}
    if not answers and not (last[2] and last[3] != "withdrawn"):
        return {"waits": 1, "waiting": 1}
    until = answers[0][0] if answers else last[2]
    row = {"waits": 1, "answered" if answers else "silent": 1}
    row |= {"frt_s": secs(began, until), "frt_biz_s": business(case, began, until)}
    given = [each.at for each in case.events if each.kind == "assigned" and each.at >= began]
    if given and answers and given[0] <= until:
        row["frt_agent_s"] = secs(given[0], until)
    return row


def promise(case, answers):
    clocks = [each for each in case.events if each.kind == "clock.started" and each.codes["kind"] in ("first", "contact")]
    if not clocks:
        return {}
    due = datetime.fromisoformat(clocks[0].codes["due_at"])
    begun = [each.at for each in case.events if each.kind == "status.changed" and each.codes["verb"] == "begin"]
    taken = begun[:1] + [answer[0] for answer in answers[:1]]
    return {"promised": 1, "taken_in_time": int(any(at <= due for at in taken))}


def rounds(case):
    if left_out(case):
        return []
    found = find_rounds(case)
    rows = []
    for place, (began, _contact, is_first, answer, end, _was_left) in enumerate(found):
        over = answer[0] if answer else end
        row = {"rounds": 1, "agent": answer[3] if answer else 0, "unanswered": int(answer is None and end is not None)}
        if not is_first and (answer or not over):
            row |= {"later": 1, "later_answered": int(answer is not None), "later_waiting": int(answer is None)}
            if answer:
                row |= {"nrt_s": secs(began, over), "nrt_biz_s": business(case, began, over)}
        row |= three_minutes(case, found[place])
        rows.append(row)
    for day in {decided_on(each) for each, row in zip(found, rows, strict=True) if row.get("minute")}:
        same = [row for each, row in zip(found, rows, strict=True) if row.get("minute") and decided_on(each) == day]
        same[-1] |= {"people": 1, "people_kept": int(all(row["minute_kept"] for row in same))}
    return rows


def find_rounds(case):
    """(began, contact, whether nobody had answered before, answer, end, whether the customer left)"""
    steps = [(word[0], 0, place, word) for place, word in enumerate(words(case)) if word[1] in ("customer", "human")]
    ends = ("status.changed", "chat.ended", "chat.abandoned")
    steps += [(each.at, 1, place, each) for place, each in enumerate(case.events) if each.kind in ends]
    steps = [step[3] for step in sorted(steps, key=lambda step: step[:3])]
    found, place = [], 0
    while place < len(steps):
        word = steps[place]
        if not (isinstance(word, tuple) and word[1] == "customer"):
            place += 1
            continue
        is_first = not any(isinstance(step, tuple) and step[1] == "human" for step in steps[:place])
        rest = range(place + 1, len(steps))
        stop = next((after for after in rest if stops(case, word, steps[after])), len(steps))
        last = steps[stop] if stop < len(steps) else None
        answer = last if isinstance(last, tuple) else None
        end = last.at if last is not None and answer is None else None
        was_left = end is not None and (last.kind == "chat.abandoned" or last.codes.get("cause") in LEAVING)
        found.append((word[0], word[2], is_first, answer, end, was_left))
        place = stop + 1
    return found


LEAVING = ("customer", "customer_silent", "silent")


def stops(case, word, step):
    if isinstance(step, tuple):
        return step[1] == "human"
    if step.kind == "status.changed":
        return step.complaint == case.root and step.codes["to"] in ("resolved", "closed", "withdrawn", "spam")
    return channel_of(case, word[2]) == "chat"


def decided_on(round_):
    over = round_[3][0] if round_[3] else round_[4]
    return min(over, round_[0] + timedelta(seconds=180)).astimezone(ZONE).date()


def three_minutes(case, round_):
    began, contact, _is_first, answer, end, was_left = round_
    if channel_of(case, contact) != "chat" or not 8 <= began.astimezone(ZONE).hour < 23:
        return {}
    if not answer and not end:
        return {"minute_waiting": 1}
    if was_left and not answer and end - began < timedelta(seconds=180):
        return {"minute_left": 1}
    return {"minute": 1, "minute_kept": int(answer is not None and answer[0] - began <= timedelta(seconds=180))}


def work_of(case):
    """Milliseconds by agent and contact: active (with corrections), on hold, wrapping up, and when it was last touched."""
    found = {}
    for each in case.events:
        if each.kind in ("effort.recorded", "effort.corrected"):
            row = found.setdefault((each.codes["agent"], each.codes["contact"] or 0), [0, 0, 0])
            row[0] += each.codes.get("active_ms", 0) + each.codes.get("delta_ms", 0)
            row[1] += each.codes.get("hold_ms", 0)
            row[2] += each.codes.get("wrapup_ms", 0)
    return found


def efforts(case):
    if left_out(case):
        return []
    work, rows = work_of(case), []
    for agent, contact in sorted(work):
        row = dict(zip(("active_ms", "hold_ms", "wrapup_ms"), work[agent, contact], strict=True))
        row |= {"shares": 1, "agent": agent, "effort_ms": max(0, sum(work[agent, contact]))}
        beside = {who: max(0, sum(parts)) for (who, on), parts in work.items() if on == contact}
        if agent == sorted(beside, key=lambda who: (-beside[who], who))[0]:
            row |= {"contacts": 1, "handle_s": sum(beside.values()) // 1000}
        rows.append(row)
    return rows


def cycles(case):
    rows = []
    found, good = all_cycles(case), good_ends(case)
    for place, cycle in enumerate(found):
        _number, _opened, ended, outcome, solver, reopened = cycle
        row = {"agent": solver if ended else holder(case)}
        if not left_out(case):
            row |= {"open": int(not ended), "ended": int(bool(ended)), "resolved": int(cycle in good)}
            row["reopened"] = int(cycle in good and reopened is not None)
            row |= first_resolution(case, cycle) if good and cycle == good[0] else {}
            row |= last_resolution(case, cycle) if good and cycle == good[-1] else {}
            is_last_end = ended and not any(later[2] for later in found[place + 1 :])
            row["gave_up"] = int(bool(is_last_end) and outcome == "no_response")
        rows.append(row)
    return rows


def holder(case):
    who = 0
    for each in case.own:
        if each.kind == "assigned":
            who = each.codes["agent"]
        if each.kind in ("unassigned", "taken_back"):
            who = 0
    return who


def first_resolution(case, cycle):
    number, _opened, ended, outcome, _solver, reopened = cycle
    once = int(number == 1 and outcome == "solved" and not further_contact(case, ended, reopened))
    net = int(not any(each.kind.startswith("case.") for each in case.events))
    back = int(reopened is not None and reopened - ended <= 14 * DAY)
    row = {"first": 1, "once": once, "first_net": net, "once_net": once * net, "back": back}
    return row | {"rt_first_s": secs(start(case), ended), "rt_first_biz_s": business(case, start(case), ended)}


def further_contact(case, ended, reopened):
    until = ended + 7 * DAY
    moments = [word[0] for word in words(case) if word[1] == "customer" and word[0] > first_exchange(case)]
    moments += [each.at for each in case.events if each.kind == "external.changed"]
    moments += [each.at for each in filings(case) if each.complaint != case.root]
    moments += [at for at in case.kin if at >= start(case)]
    moments += [each.at for each in moves_of_team(case)]
    moments += [reopened] if reopened else []
    return any(at <= until for at in moments)


def first_exchange(case):
    answers = people_answers(case)
    over = answers[0][0] if answers else start(case)
    if first_channel(case) in ("chat", "phone"):
        ends = ("chat.ended", "chat.converted", "chat.abandoned")
        talked = [each.at for each in case.events if each.kind in ends and each.at >= start(case)]
        over = max([over, *talked[:1]])
    return over


def moves_of_team(case):
    acts = [each.at for each in case.own if each.author == "human" and each.actor and each.kind != "complaint.filed"]
    return [each for each in case.own if each.kind == "team.changed" and acts and each.at >= acts[0]]


def last_resolution(case, cycle):
    ended, outcome = cycle[2], cycle[3]
    unplanned = [each for each in moves_of_team(case) if not each.codes.get("planned")]
    labels = {kind: [each.codes for each in case.own if each.kind == kind] for kind in ("liability.set", "reason.set")}
    shares = labels["liability.set"][-1]["liability"] if labels["liability.set"] else {}
    parties = ("shop", "warehouse", "carrier", "supplier", "platform", "customer")
    given = [(each.codes["agent"], each.codes["team"]) for each in case.own if each.kind == "assigned"]
    row = {"last": 1, "last_solved": int(outcome == "solved"), "moved": int(any(each.at <= ended for each in unplanned))}
    row["bounces"] = sum(unplanned[n].codes["from"] == unplanned[n + 1].codes["to"] for n in range(len(unplanned) - 1))
    row["planned_moves"] = len(moves_of_team(case)) - len(unplanned)
    row["reassigned"] = sum(one[0] != other[0] and one[1] == other[1] for one, other in zip(given, given[1:], strict=False))
    row["attributed"] = int(bool(labels["reason.set"]) and bool(labels["reason.set"][-1]["reason"]))
    row["effort_ms"] = sum(max(0, sum(parts)) for parts in work_of(case).values())
    row["cost_fen"] = compensation(case)
    row |= {f"by_{party}": shares.get(party, 0) for party in parties}
    row["by_nobody"] = 100 - sum(shares.get(party, 0) for party in parties)
    row |= waiting(case, ended)
    return row | {"rt_full_s": secs(start(case), ended), "rt_full_biz_s": business(case, start(case), ended)}


def waiting(case, ended):
    """Second by second would be slow: at each event it is asked anew who was waited for until the next one."""
    began = start(case)
    moments = sorted({began, ended, *(each.at for each in case.own if began < each.at < ended)})
    parts = dict.fromkeys(PARTS, 0)
    for since, until in zip(moments, moments[1:], strict=False):
        parts[f"{waited_for(case, since)}_s"] += secs(began, until) - secs(began, since)
    return parts


def waited_for(case, at):
    """Who a complaint waited for just after a moment."""
    if at < case.own[0].at:
        return "us"
    whom, held = "us", set()
    for each in case.own:
        codes = each.codes
        if each.at > at or at == start(case) == each.at:
            continue
        if each.kind == "waiting.set":
            whom = codes["waiting_on"] if f"{codes['waiting_on']}_s" in PARTS else "us"
        if each.kind == "status.changed" and codes["to"] == "open":
            whom = "us"
        if each.kind == "status.changed" and codes["to"] in ("resolved", "closed", "withdrawn"):
            whom = "customer"
        if each.kind == "clock.paused" and codes["reason"] == "regulator":
            held.add(codes["run"])
        if each.kind in ("clock.resumed", "clock.met", "clock.cancelled"):
            held.discard(codes["run"])
    return "regulator" if held and whom != "customer" else whom


def targets(case):
    if left_out(case):
        return []
    numbers = sorted({each.codes["run"] for each in case.events if each.kind == "clock.started"})
    runs = [run for run in (follow(case, number) for number in numbers) if run]
    decided = [run for run in runs if (run["met_at"] or run["missed"]) and not run["waived"]]
    last = sorted(decided, key=lambda run: (run["due_at"], run["run"]))[-1:]
    rows = []
    for run in runs:
        kept = bool(run["met_at"]) and not run["missed"] and run["met_at"] <= run["due_at"]
        if run["waived"]:
            row = {"waived": 1, "waived_met": int(kept)}
        elif run["met_at"] or run["missed"]:
            row = {"due": 1, "met" if kept else "missed": 1}
        else:
            row = {"pending": 1}
        if run in last:
            others = [each for each in decided if each["missed"] or not each["met_at"] or each["met_at"] > each["due_at"]]
            row |= {"decided": 1, "clean": int(not others)}
        rows.append(row)
    return rows


def follow(case, number):
    """What became of a clock; None if it is no obligation (any more)."""
    told = [each for each in case.events if each.kind.startswith("clock.") and each.codes["run"] == number]
    told = told[[each.kind for each in told].index("clock.started") :]
    missed = [place for place, each in enumerate(told) if each.kind == "clock.missed"]
    waived = any(each.kind == "clock.excluded" for each in told)
    due, met, stands_still, is_over = None, None, False, False
    for place, each in enumerate(told):
        moment = datetime.fromisoformat(each.codes["due_at"]) if each.codes.get("due_at") else None
        is_missed = any(other < place for other in missed)
        if each.kind == "clock.started":
            due = moment
        elif each.kind in ("clock.resumed", "clock.recomputed"):
            met, is_over = None, False
            if not is_missed:
                due, stands_still = moment or due, moment is None
        elif each.kind == "clock.paused":
            stands_still = not is_missed
        elif each.kind == "clock.cancelled":
            is_over = True
        elif each.kind == "clock.met":
            met = datetime.fromisoformat(each.codes["met_at"])
            due, stands_still = (max(due, met), False) if stands_still else (due, False)
    if due is None or (not missed and (is_over or stands_still)):
        return None
    return {"run": number, "due_at": due, "met_at": met, "missed": bool(missed), "waived": waived}


def verdicts(case):
    if left_out(case):
        return []
    keys = list(dict.fromkeys(each.codes["survey"] for each in case.events if each.kind.startswith("survey.")))
    return [verdict(case, key) for key in keys]


def verdict(case, key):
    told = [each for each in case.events if each.kind.startswith("survey.") and each.codes["survey"] == key]
    asked = [place for place, each in enumerate(told) if each.kind in ("survey.invited", "survey.suppressed")]
    told = told[asked[-1] :]
    kinds = [each.kind for each in told]
    agent = told[0].codes["solver"] or told[0].actor or 0
    if kinds[0] == "survey.suppressed":
        return {"held_back": 1, "agent": agent}
    answers = [each.codes["score"] for each in told if each.kind in ("survey.answered", "survey.edited")]
    if not answers and "survey.delivered" not in kinds:
        return {"agent": agent}
    if not answers or "survey.expired" in kinds:
        return {"sent": 1, "expired": int(bool(answers)), "agent": agent}
    good = {"csat": (4, 2), "ces": (5, 3), "nps": (9, 6), "nps_tx": (9, 6)}[told[0].codes["scale"]]
    score = answers[-1]
    row = {"sent": 1, "answered": 1, "good": int(score >= good[0]), "bad": int(score <= good[1])}
    return row | {"score_sum": score, "agent": agent}


def talks(case):
    if left_out(case):
        return []
    told = [each for each in case.events if each.kind.startswith("chat.")]
    rows = []
    for session in sorted({each.codes["session"] for each in told}):
        mine = [each for each in told if each.codes["session"] == session]
        if mine[0].kind == "chat.queued":
            rows.append(talk(mine))
    return rows


def talk(told):
    queued = told[0].at
    joined = [each for each in told if each.kind == "chat.joined"]
    over = [each for each in told if each.kind in ("chat.abandoned", "chat.converted", "chat.ended")]
    if joined:
        wait = joined[0].at - queued
        late = int(wait > timedelta(seconds=5))
        row = {"talks": 1, "joined": 1, "queued": late, "abandonable": late, "answerable": 1, "wait_s": secs(queued, joined[0].at)}
        return row | {"in_time": int(wait <= timedelta(seconds=20)), "agent": joined[0].codes["agent"]}
    if not over:
        return {"talks": 1, "queued": 1, "waiting": 1, "abandonable": 1, "answerable": 1}
    wait = over[0].at - queued
    row = {"talks": 1, "queued": int(wait > timedelta(seconds=5))}
    if over[0].kind != "chat.abandoned":
        return row | {"converted": 1}
    return row | ({"short": 1} if wait <= timedelta(seconds=10) else {"abandoned": 1, "abandonable": 1, "answerable": 1})


def calls(case):
    if left_out(case):
        return []
    told = [each for each in case.events if each.kind.startswith("callback.") and each.codes.get("follow_up")]
    rows = [call([each for each in told if each.codes["follow_up"] == number]) for number in sorted({e.codes["follow_up"] for e in told})]
    return [row for row in rows if row]


def call(told):
    if any(each.kind == "callback.cancelled" for each in told):
        return None
    tries = [each for each in told if each.kind == "callback.attempted"]
    result = next((each for each in reversed(tries)), None)
    outcome = result.codes["outcome"] if result and result.codes["outcome"] != "no_answer" else ""
    who = {"agent": result.actor or 0} if result else {}
    if outcome == "refused":
        return who | {"refused": 1}
    if not outcome:
        return who | {"pending": 1}
    timed = [each.codes["due_at"] for each in told if each.kind in ("callback.requested", "callback.due", "callback.moved")]
    due = datetime.fromisoformat(timed[-1])
    reached = [each.at for each in tries if each.codes["outcome"] in ("reached_ok", "reached_not_ok")]
    row = {"due": 1, "tried": 1, "reached": int(bool(reached)), "unhappy": int(outcome == "reached_not_ok")}
    return who | row | {"in_time": int(bool(reached) and reached[-1] <= due)}


def moneys(case):
    rows = []
    for each in movements(case):
        row = {}
        if not left_out(case):
            beyond = each.kind == "refund.succeeded" and each.codes["kind"] in ("compensation", "advance", "freight")
            sign = -1 if each.kind == "refund.bounced" else 1
            row = {"movements": 1, "fen": sign * each.codes["fen"], "compensation": int(beyond)}
            row["quick"] = int(beyond and each.at - start(case) <= DAY)
        rows.append(row)
    return rows


def movements(case):
    """Payments, what came back of those that were made, and what was collected."""
    found = []
    for place, each in enumerate(case.events):
        if each.kind in ("refund.succeeded", "recovery.collected"):
            found.append(each)
        if each.kind == "refund.bounced":
            before = [e.kind for e in case.events[:place] if e.kind in ("refund.succeeded", "refund.bounced") and same_refund(e, each)]
            if before and before[-1] == "refund.succeeded":
                found.append(each)
    return found


def same_refund(one, other):
    return one.codes["refund"] == other.codes["refund"]


def compensation(case):
    own = [each for each in movements(case) if each.kind != "recovery.collected" and each.codes["currency"] == "CNY"]
    beyond = [each for each in own if each.codes["kind"] in ("compensation", "advance", "freight")]
    return sum((-1 if each.kind == "refund.bounced" else 1) * each.codes["fen"] for each in beyond)
