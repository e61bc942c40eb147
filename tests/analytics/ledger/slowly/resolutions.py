"""How complaints ended, what that cost, and for whom they waited."""

from tests.analytics.ledger.slowly.ground import (
    DAY,
    PARTS,
    all_cycles,
    business,
    filings,
    first_channel,
    good_ends,
    left_out,
    people_answers,
    secs,
    start,
    words,
)


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


def passages(case):
    """Every round as it came in, and as it went out if it did."""
    if left_out(case):
        return []
    rows = []
    for place, cycle in enumerate(all_cycles(case)):
        rows.append({"opened": 1, "again" if place else "came": 1})
        rows += [{"ended": 1}] if cycle[2] else []
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
