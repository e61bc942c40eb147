"""Cycle facts: each way from opening to resolution, and on the first and the last resolution what counts once for a complaint."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from analytics.models import Cycle

from .costs import compensation_of
from .entries import seconds
from .history import RESOLVED, WAITING, CycleSpan, History
from .work import effort_of

AGAIN = timedelta(days=7)
BACK = timedelta(days=14)
PARTIES = ("shop", "warehouse", "carrier", "supplier", "platform", "customer")
# A conversation or a call is an exchange until it ends; anything else until a person has answered.
TALKING = frozenset({"chat", "phone"})


def fold_cycles(history: History) -> Iterator[Cycle]:
    first, last = _first_and_last(history)
    ends = [each for each in history.cycles if each.ended]
    for ordinal, span in enumerate(history.cycles):
        counted = {} if history.excluded else _counted(history, span)
        if not history.excluded and span is first:
            counted |= _first(history, span)
        if not history.excluded and span is last:
            counted |= _last(history, span)
        elif not history.excluded and span.ended and span is ends[-1] and span.outcome == "no_response":
            counted["gave_up"] = 1
        yield _fact(history, ordinal, span, counted)


def _first_and_last(history: History) -> tuple[CycleSpan | None, CycleSpan | None]:
    found = history.resolutions
    return (found[0], found[-1]) if found else (None, None)


def _fact(history: History, ordinal: int, span: CycleSpan, counted: dict[str, Any]) -> Cycle:
    return Cycle(
        **columns_of(history, span),
        ordinal=ordinal,
        opened_at=span.opened,
        ended_at=span.ended,
        began_at=history.began,
        number=span.number,
        outcome=span.outcome,
        **counted,
    )


def columns_of(history: History, span: CycleSpan) -> dict[str, Any]:
    """The shared columns of a round: as of its end, credited to who ended it; while it is open, as of what is known of it."""
    row = history.columns_at(span.ended) | {"agent": span.solver}
    if span.ended is None:
        now = history.labels[-1][1]
        row |= {"team": now.team, "agent": now.agent, "priority": now.priority}
    return row


def _counted(history: History, span: CycleSpan) -> dict[str, int]:
    return {
        "open": int(span.ended is None),
        "ended": int(span.ended is not None),
        "resolved": int(span.ended is not None and span.outcome in RESOLVED),
        "reopened": int(span.ended is not None and span.outcome in RESOLVED and span.reopened is not None),
    }


def _first(history: History, span: CycleSpan) -> dict[str, Any]:
    """The first resolution: how long it took, whether one contact was enough, whether the complaint came back."""
    once = int(span.number == 1 and span.outcome == "solved" and not _came_again(history, span))
    net = int(not any(each.kind.startswith("case.") for each in history.group.entries))
    back = span.reopened is not None and span.reopened - span.ended <= BACK
    return {
        "first": 1,
        "once": once,
        "first_net": net,
        "once_net": once * net,
        "back": int(back),
        "rt_first_s": seconds(history.began, span.ended),
        "rt_first_biz_s": history.business(history.began, span.ended),
    }


def _came_again(history: History, span: CycleSpan) -> bool:
    """Whether the customer had to come again about the same matter up to seven days after its resolution."""
    until = span.ended + AGAIN
    if span.reopened is not None and span.reopened <= until:
        return True
    exchanged = _first_exchange(history)
    wrote = any(each.who == "customer" and exchanged < each.at <= until for each in history.said)
    others = (each.at for each in history.filed if each.subject != history.group.root)
    happened = [*others, *(kin.at for kin in history.group.kin if kin.at >= history.began)]
    happened += [each.at for each in history.of("external.changed")] + [each.at for each in history.team_moves]
    return wrote or any(at <= until for at in happened)


def _first_exchange(history: History) -> datetime:
    """When the first exchange was over."""
    answered = history.human[0].at if history.human else history.began
    if history.channel not in TALKING:
        return answered
    ended = next((each.at for each in history.of("chat.ended", "chat.converted", "chat.abandoned") if each.at >= history.began), None)
    return max(answered, ended) if ended else answered


def _last(history: History, span: CycleSpan) -> dict[str, Any]:
    """The last resolution: what the whole complaint took, cost and came from."""
    parts = history.waiting_parts(span.ended)
    moves = [(each.codes["from"], each.codes["to"]) for each in history.team_moves if not each.codes.get("planned")]
    liable = {f"by_{party}": history.liability.get(party, 0) for party in PARTIES}
    return {
        "last": 1,
        "last_solved": int(span.outcome == "solved"),
        "moved": int(any(each.at <= span.ended for each in history.team_moves if not each.codes.get("planned"))),
        "bounces": sum(one[0] == other[1] for one, other in pairwise(moves)),
        "planned_moves": len(history.team_moves) - len(moves),
        "reassigned": _reassigned(history),
        "attributed": int(bool(history.reason)),
        "effort_ms": effort_of(history),
        "cost_fen": compensation_of(history),
        **liable,
        "by_nobody": 100 - sum(liable.values()),
        **{f"{who}_s": parts[who] for who in WAITING},
        "rt_full_s": seconds(history.began, span.ended),
        "rt_full_biz_s": history.business(history.began, span.ended),
    }


def _reassigned(history: History) -> int:
    """Times that somebody else of the same team got it."""
    agents = [(each.codes.get("agent"), each.codes.get("team")) for each in history.of("assigned", own=True)]
    return sum(one[0] != other[0] and one[1] == other[1] for one, other in pairwise(agents))
