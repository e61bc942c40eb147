"""Handling time counted second by second, as the rules read. It knows nothing of intervals: it looks at each second anew."""

from collections import defaultdict
from fractions import Fraction

from complaints.effort.shares import Work

SECOND = 1000


def count_seconds(work: Work, start: int, end: int) -> dict[tuple, dict[str, Fraction]]:
    """Milliseconds by complaint and contact, and by kind; all moments of the work must be whole seconds."""
    spent = defaultdict(lambda: defaultdict(Fraction))
    for second in range(start, end, SECOND):
        shares = _shares(work, second)
        assert sum(share for *_key, share in shares) in (0, 1)
        for complaint, contact, kind, share in shares:
            spent[complaint, contact][kind] += share * SECOND
    return spent


def _shares(work: Work, second: int) -> list[tuple]:
    here = [each for each in work.stretches if each.start <= second < each.end]
    on_call = {each.complaint for each in here if each.is_call}
    if on_call:
        return [_call(work, complaint, second, Fraction(1, len(on_call))) for complaint in on_call]
    if not here:
        return []
    chats = {}
    for talk in work.talks:
        if talk.start <= second and (talk.end is None or second < talk.end):
            chats[talk.complaint] = talk.contact
    beside = {each.complaint for each in here if each.complaint is not None and each.complaint not in chats}
    share = Fraction(1, len(chats) + len(beside)) if chats or beside else 0
    talked = [(complaint, contact, "active", share) for complaint, contact in chats.items()]
    return talked + [_other(work, complaint, second, share) for complaint in beside]


def _call(work, complaint, second, share) -> tuple:
    typed = [each for each in work.stretches if each.is_call and each.complaint == complaint and each.start <= second < each.end]
    kind = "hold" if all(second - each.input >= 60 * SECOND for each in typed) else "active"
    later = [(each.at, position, each.contact) for position, each in enumerate(work.calls) if each.complaint == complaint]
    later = [each for each in later if each[0] > second]
    return complaint, min(later)[2] if later else _contact(work, complaint, second), kind, share


def _other(work, complaint, second, share) -> tuple:
    ends = [(each.end, each.contact) for each in work.talks if each.complaint == complaint and each.end is not None]
    ends += [(each.at, each.contact) for each in work.calls if each.complaint == complaint]
    open_ends = [(at, contact) for at, contact in ends if at <= second < at + 300 * SECOND and not _left(work, complaint, at, second)]
    if open_ends:
        last = max(at for at, _contact in open_ends)
        return complaint, next(contact for at, contact in open_ends if at == last), "wrapup", share
    return complaint, _contact(work, complaint, second), "active", share


def _left(work, complaint, since, second) -> bool:
    """Whether the agent had anything else before them from then on, up to and with this second."""
    for each in work.stretches:
        if each.complaint not in (None, complaint) and any(each.start <= at < each.end for at in range(since, second + 1, SECOND)):
            return True
    return any(each.complaint != complaint and since <= each.start <= second for each in work.talks)


def _contact(work, complaint, second) -> int | None:
    own = sorted((each.at, each.contact) for each in work.contacts if each.complaint == complaint)
    past = [each for each in own if each[0] <= second]
    return (past[-1] if past else own[0])[1] if own else None
