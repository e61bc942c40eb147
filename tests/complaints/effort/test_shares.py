"""How an agent's seconds are shared out: each rule by an example, and all of them against a simulator that counts every second."""

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.effort.shares import Contacted, Spent, Stretch, Talk, Work, share_out
from tests.complaints.effort.simulator import count_seconds

MINUTE = 60_000
WINDOW = 10 * MINUTE
A, B, C = 1, 2, 3
CONTACTS = [Contacted(A, 11, 0), Contacted(B, 21, 0), Contacted(C, 31, 0)]


def at_work(complaint, start, end, **fields) -> Stretch:
    return Stretch(complaint, start * MINUTE, end * MINUTE, end * MINUTE, **fields)


def minutes(spent: dict) -> dict:
    """Active, hold and wrap-up minutes by contact."""
    return {contact: (each.active_ms / MINUTE, each.hold_ms / MINUTE, each.wrapup_ms / MINUTE) for (_of, contact), each in spent.items()}


def shares(*stretches, contacts=CONTACTS, **fields) -> dict:
    return minutes(share_out(Work(stretches=list(stretches), contacts=contacts, **fields), 0, WINDOW))


def test_work_goes_to_the_newest_contact_of_the_customer():
    newer = [*CONTACTS, Contacted(A, 12, 2 * MINUTE)]

    assert shares(at_work(A, 1, 5), contacts=newer) == {11: (1, 0, 0), 12: (3, 0, 0)}


def test_work_before_the_first_contact_goes_to_it():
    assert shares(at_work(A, 1, 2), contacts=[Contacted(A, 12, 5 * MINUTE)]) == {12: (1, 0, 0)}


def test_two_tabs_of_one_complaint_count_once():
    assert shares(at_work(A, 1, 3), at_work(A, 2, 4)) == {11: (3, 0, 0)}


def test_two_devices_share_the_second():
    assert shares(at_work(A, 0, 4), at_work(B, 2, 4)) == {11: (3, 0, 0), 21: (1, 0, 0)}


def test_live_chats_share_the_second_whichever_of_them_is_open():
    talks = [Talk(A, 12, 0, None), Talk(B, 22, 0, None)]

    assert shares(at_work(A, 1, 3), talks=talks) == {12: (1, 0, 0), 22: (1, 0, 0)}


def test_other_work_takes_one_part_more_beside_the_chats():
    talks = [Talk(A, 12, 0, None), Talk(B, 22, 0, None)]

    assert shares(at_work(C, 1, 4), talks=talks) == {12: (1, 0, 0), 22: (1, 0, 0), 31: (1, 0, 0)}


def test_the_list_of_conversations_is_work_on_them_only():
    assert shares(at_work(None, 1, 3), talks=[Talk(A, 12, 0, 2 * MINUTE)]) == {12: (1, 0, 0)}
    assert shares(at_work(None, 1, 3)) == {}


def test_an_agent_who_touches_nothing_handles_no_chat():
    assert shares(talks=[Talk(A, 12, 0, None)]) == {}


def test_a_call_takes_the_whole_second():
    call = at_work(B, 1, 3, is_call=True)

    assert shares(call, at_work(C, 1, 3), talks=[Talk(A, 12, 0, None)]) == {21: (2, 0, 0)}


def test_a_call_in_which_nothing_is_entered_is_hold():
    call = Stretch(B, 1 * MINUTE, 6 * MINUTE, input=2 * MINUTE, is_call=True)

    assert shares(call) == {21: (2, 3, 0)}


def test_a_call_belongs_to_the_contact_that_is_logged_at_its_end():
    call = at_work(B, 1, 3, is_call=True)

    assert shares(call, calls=[Contacted(B, 25, 3 * MINUTE)]) == {25: (2, 0, 0)}


def test_work_right_after_a_conversation_wraps_it_up_for_five_minutes():
    assert shares(at_work(A, 1, 9), talks=[Talk(A, 12, 0, 2 * MINUTE)]) == {12: (1, 0, 5), 11: (2, 0, 0)}


def test_the_wrap_up_ends_when_something_else_is_opened():
    ended = [Talk(A, 12, 0, 2 * MINUTE)]

    assert shares(at_work(A, 1, 3), at_work(B, 3, 4), at_work(A, 4, 5), talks=ended) == {12: (1, 0, 1), 21: (1, 0, 0), 11: (1, 0, 0)}


def test_the_wrap_up_ends_with_the_next_conversation():
    talks = [Talk(A, 12, 0, 2 * MINUTE), Talk(B, 22, 3 * MINUTE, None)]

    assert shares(at_work(A, 2, 5), talks=talks) == {12: (0, 0, 1), 22: (1, 0, 0), 11: (1, 0, 0)}


def test_thirds_of_a_second_never_add_up_to_more_than_it():
    talks = [Talk(complaint, contact, 0, None) for complaint, contact, _at in CONTACTS]
    spent = share_out(Work([Stretch(A, 0, 1000, 0)], talks), 0, WINDOW)

    assert [each.active_ms for each in spent.values()] == [333, 333, 333]


def test_what_was_spent_says_between_which_moments():
    spent = share_out(Work([at_work(A, 1, 2), at_work(A, 5, 6)], contacts=CONTACTS), 0, WINDOW)

    assert spent == {(A, 11): Spent(2 * MINUTE, 0, 0, MINUTE, 6 * MINUTE)}


SECONDS = st.integers(0, 900).map(lambda second: second * 1000)
COMPLAINTS = st.sampled_from([A, B, C])


@st.composite
def stretches(draw) -> Stretch:
    start, length, back = draw(SECONDS), draw(st.integers(1, 120)) * 1000, draw(st.integers(0, 59)) * 1000
    is_call = draw(st.booleans()) and draw(st.booleans())
    signed = start + draw(st.integers(0, length // 1000)) * 1000 - back
    end = start + length if is_call else min(start + length, signed + MINUTE)
    return Stretch(draw(COMPLAINTS if is_call else st.sampled_from([A, B, C, None])), start, max(end, start + 1000), signed, is_call)


@st.composite
def works(draw) -> Work:
    """An agent with one conversation at most on each complaint at a time, as the database holds it."""
    talks = []
    for complaint in (A, B, C):
        moments = sorted(draw(st.lists(SECONDS, max_size=4, unique=True)))
        pairs = list(zip(moments[::2], [*moments[1::2], None], strict=False))
        talks += [Talk(complaint, complaint * 10 + 5 + number, start, end) for number, (start, end) in enumerate(pairs)]
    calls = [Contacted(complaint, complaint * 10 + 9, at) for complaint, at in draw(st.dictionaries(COMPLAINTS, SECONDS)).items()]
    contacts = [Contacted(complaint, complaint * 10 + 1, at) for complaint, at in draw(st.dictionaries(COMPLAINTS, SECONDS)).items()]
    return Work(draw(st.lists(stretches(), max_size=12)), talks, calls, contacts)


@settings(max_examples=150, deadline=None)
@given(work=works(), start=st.integers(0, 300).map(lambda second: second * 1000))
def test_shares_are_what_counting_every_second_gives(work, start):
    spent = share_out(work, start, start + WINDOW)
    counted = count_seconds(work, start, start + WINDOW)

    assert {key: (each.active_ms, each.hold_ms, each.wrapup_ms) for key, each in spent.items()} == {
        key: tuple(int(kinds[kind]) for kind in ("active", "hold", "wrapup")) for key, kinds in counted.items()
    }
    assert sum(each.total_ms for each in spent.values()) <= WINDOW


@settings(max_examples=50, deadline=None)
@given(work=works())
def test_windows_one_after_the_other_give_what_one_long_one_gives(work):
    halves = [share_out(work, 0, WINDOW), share_out(work, WINDOW, 2 * WINDOW)]
    whole = share_out(work, 0, 2 * WINDOW)

    for key, each in whole.items():
        parts = [half[key].total_ms for half in halves if key in half]
        assert 0 <= each.total_ms - sum(parts) <= 3
