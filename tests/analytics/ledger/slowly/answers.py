"""Who was answered, and how long that took."""

from datetime import datetime, timedelta

from tests.analytics.ledger.slowly.ground import (
    ZONE,
    all_cycles,
    business,
    channel_of,
    customer_filings,
    filings,
    left_out,
    people_answers,
    secs,
    start,
    status,
    words,
)


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
