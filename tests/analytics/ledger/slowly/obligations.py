"""What was owed to customers: deadlines, calls, conversations; and what they said of it."""

from datetime import datetime, timedelta

from tests.analytics.ledger.slowly.ground import left_out, secs


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
    told = sorted(told, key=lambda each: each.kind != "clock.started")  # a breach carries the deadline, which may lie before
    missed = [place for place, each in enumerate(told) if each.kind == "clock.missed"]
    said = [each.kind for each in told if each.kind in ("clock.excluded", "clock.included")]
    waived = said[-1:] == ["clock.excluded"]
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
    answered = [each.codes for each in told if each.kind in ("survey.answered", "survey.edited")]
    answers = [codes["score"] for codes in answered]
    if not answers and "survey.delivered" not in kinds:
        return {"agent": agent}
    if not answers or "survey.expired" in kinds:
        return {"sent": 1, "expired": int(bool(answers)), "agent": agent}
    good = {"csat": (4, 2), "ces": (5, 3), "nps": (9, 6), "nps_tx": (9, 6)}[told[0].codes["scale"]]
    score = answers[-1]
    row = {"sent": 1, "answered": 1, "good": int(score >= good[0]), "bad": int(score <= good[1])}
    once = answered[-1].get("once")
    return row | {"score_sum": score, "told_once": int(once is not None), "once": int(bool(once)), "agent": agent}


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
    fates = [each.kind for each in told if each.kind in ("callback.cancelled", "callback.requested", "callback.due", "callback.moved")]
    if fates[-1] == "callback.cancelled":
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
