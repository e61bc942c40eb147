"""Replies within three minutes: what a round is, which ones count, and that every number is the length of its list."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from complaints.models import ChatSession, Message
from complaints.rounds import (
    FAST,
    LATE,
    LEFT,
    LIMIT,
    OPEN,
    Conversation,
    Rate,
    Said,
    Sorted,
    read_rounds,
    three_minute_rounds,
    wilson,
)
from tests.factories import make_complaint, make_team, make_user

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in the shop
CHAT = Conversation(session=1, complaint=1, number="C1", team=1, customer="c1", agent=7)


def talk(script: str, conversation: Conversation = CHAT, begin: datetime = NOON) -> list[Said]:
    """``"c0 a90 t100"``: the customer after 0 s, an agent after 90 s, mere thanks after 100 s."""
    lines = [(word[0], int(word[1:])) for word in script.split()]
    return [Said(conversation, begin + timedelta(seconds=s), who != "a", 9 if who == "a" else None, who == "t") for who, s in lines]


def ended(after: int, *, was_left: bool) -> Conversation:
    return Conversation(**{**CHAT.__dict__, "ended_at": NOON + timedelta(seconds=after), "was_left": was_left})


@pytest.mark.parametrize(
    ("script", "waits"),
    [
        ("c0 a60", [60]),
        ("c0 c30 a60", [60]),
        ("c0 a60 a70", [60]),
        ("c0 a60 c100 a130", [60, 30]),
        ("a0 c10 a20", [10]),
        ("c0 a60 t70", [60]),
        ("c0 a60 t70 c80 a100", [60, 30]),
        ("t0 a5", []),
        ("a0 a5", []),
        ("", []),
    ],
)
def test_a_round_is_a_run_of_the_customers_messages_up_to_a_persons(script, waits):
    rounds = three_minute_rounds(talk(script))

    assert [each.waited(NOON).total_seconds() for each in rounds] == waits


def test_conversations_do_not_answer_each_other():
    other = Conversation(**{**CHAT.__dict__, "session": 2})

    rounds = three_minute_rounds([*talk("c0"), *talk("a10", other)])

    assert [each.replied_at for each in rounds] == [None]


def test_who_answers_gets_the_round_and_else_who_has_the_conversation():
    answered, waiting = three_minute_rounds(talk("c0 a60 c100"))

    assert (answered.agent, waiting.agent) == (9, 7)


@pytest.mark.parametrize(
    ("script", "conversation", "as_of", "verdict"),
    [
        ("c0 a180", CHAT, 900, FAST),
        ("c0 a181", CHAT, 900, LATE),
        ("c0", CHAT, 180, OPEN),
        ("c0", CHAT, 181, LATE),
        ("c0", ended(179, was_left=True), 900, LEFT),
        ("c0", ended(180, was_left=True), 900, LATE),
        ("c0", ended(60, was_left=False), 900, LATE),
        ("c0 a60", ended(90, was_left=True), 900, FAST),
    ],
)
def test_a_round_is_fast_late_left_or_open(script, conversation, as_of, verdict):
    (only,) = three_minute_rounds(talk(script, conversation))

    assert only.verdict(NOON + timedelta(seconds=as_of)) == verdict


@pytest.mark.parametrize(("clock", "counts"), [("07:59", False), ("08:00", True), ("22:59", True), ("23:00", False)])
def test_only_what_begins_by_day_counts(clock, counts):
    begin = timezone.make_aware(datetime.fromisoformat(f"2026-11-20T{clock}"))

    rounds = Sorted.of(three_minute_rounds(talk("c0 a10", begin=begin)), NOON + timedelta(days=1))

    assert (rounds.rate.n == 1) == counts


def test_who_left_is_in_neither_set():
    rounds = Sorted.of(three_minute_rounds(talk("c0", ended(30, was_left=True))), NOON + timedelta(hours=1))

    assert (rounds.rate.k, rounds.rate.n, len(rounds.by_verdict[LEFT])) == (0, 0, 1)


def test_a_customer_is_kept_waiting_by_one_slow_round():
    other = Conversation(**{**CHAT.__dict__, "session": 2, "customer": "c2"})
    said = [*talk("c0 a60 c100 a400"), *talk("c0 a10", other)]

    rounds = Sorted.of(three_minute_rounds(said), NOON + timedelta(hours=1))

    assert (rounds.rate.k, rounds.rate.n) == (2, 3)
    assert (rounds.people.k, rounds.people.n) == (1, 2)


@given(st.lists(st.tuples(st.sampled_from("cat"), st.integers(0, 400)), max_size=30), st.integers(0, 900))
def test_every_round_that_counts_has_one_verdict(lines, as_of):
    script = " ".join(f"{who}{seconds}" for who, seconds in sorted(lines, key=lambda line: line[1]))
    rounds = three_minute_rounds(talk(script))

    found = Sorted.of(rounds, NOON + timedelta(seconds=as_of))

    assert sum(map(len, found.by_verdict.values())) == len(rounds)
    assert found.rate.counted <= found.rate.of
    assert all(each.replied_at is None or each.replied_at >= each.started_at for each in rounds)


def test_a_share_is_part_of_its_whole():
    with pytest.raises(ValueError, match="part of the whole"):
        Rate(frozenset({1, 2}), frozenset({1}))


def test_small_numbers_have_no_percentage_and_an_interval():
    assert [round(each, 1) for each in wilson(13, 17)] == [52.7, 90.4]
    assert Rate(frozenset(range(29)), frozenset(range(29))).is_small
    assert not Rate(frozenset(), frozenset(range(30))).is_small


# From the tables.


def make_talk(script: str, *, begin: datetime, state: str = "active", agent=None, **fields) -> ChatSession:
    """A chat with these lines; ``x`` is an automatic one, ``n`` an internal note."""
    complaint = make_complaint(channel="chat", **fields.pop("complaint", {}))
    contact = complaint.contacts.get()
    Message.objects.filter(contact=contact).delete()
    for word in script.split():
        kinds = {"c": "customer", "a": "human", "n": "human", "x": "auto"}
        at = begin + timedelta(seconds=int(word[1:]))
        who = kinds[word[0]]
        author = agent if who == "human" else None
        kind = "note" if word[0] == "n" else "public"
        Message.objects.create(complaint=complaint, contact=contact, body=word, author_kind=who, author=author, kind=kind, created_at=at)
    return ChatSession.objects.create(complaint=complaint, contact=contact, state=state, agent=agent, queued_at=begin, **fields)


@pytest.fixture
def midday():
    """A working day at noon, so that rounds of the last hours began by day."""
    with time_machine.travel(NOON, tick=False):
        yield NOON


@pytest.mark.django_db
def test_only_public_messages_of_people_answer(lead, midday):
    make_talk("c0 x10 n20", begin=midday - timedelta(minutes=10), agent=make_user())

    rounds = read_rounds(make_team().complaints.all(), since=midday - timedelta(hours=1))

    assert [each.verdict(midday) for each in rounds] == [LATE]


@pytest.mark.django_db
@pytest.mark.parametrize(("cause", "verdict"), [("customer", LEFT), ("silent", LEFT), ("agent", LATE)])
def test_who_ended_a_conversation_says_whether_the_customer_left(cause, verdict, lead, midday):
    begin = midday - timedelta(minutes=10)
    chat = make_talk("c0", begin=begin, state="ended", agent=make_user(), ended_at=begin + timedelta(seconds=30))
    chat.complaint.events.model.objects.create(
        complaint=chat.complaint, seq=99, kind="chat.ended", at=midday, author_kind="system", codes={"session": chat.pk, "cause": cause},
        salt=b"", digest=b"", hash=b"",
    )  # fmt: skip

    (only,) = read_rounds(make_team().complaints.all(), since=midday - timedelta(hours=1))

    assert only.verdict(midday) == verdict


@pytest.mark.django_db
def test_every_number_is_the_length_of_its_list(desk, url, lead, midday):
    desk.login_as(lead)
    one, other = make_user(name="陈一"), make_user(name="周二")
    make_talk("c0 a60 c100 a400", begin=midday - timedelta(hours=1), agent=one)
    make_talk("c0 a600", begin=midday - timedelta(hours=2), agent=other)
    make_talk("c0 a20", begin=midday - timedelta(days=3), agent=other)
    make_talk("c0", begin=midday - timedelta(hours=1), state="abandoned", ended_at=midday - timedelta(minutes=59))

    page = desk.get(url("rounds")).content.decode()
    links = re.findall(r'href="(/admin/desk/replies/list/[^"]+)">(\d+)</a>', page)

    assert {int(number) for _link, number in links} >= {0, 1, 2, 3, 4}
    for link, number in links:
        shown = desk.get(link.replace("&amp;", "&")).content.decode()
        assert shown.count('<th scope="row">') == int(number), link


@pytest.mark.django_db
def test_rounds_of_a_team_that_is_not_led_are_not_seen(desk, url, lead, midday):
    other = make_team("refunds", name_zh="退款组", name_en="Refunds")
    other.memberships.create(user=lead)
    desk.login_as(lead)
    chat = make_talk("c0 a60", begin=midday - timedelta(hours=1), agent=make_user())
    chat.complaint.team = other
    chat.complaint.save(update_fields=["team"])

    page = desk.get(url("rounds")).content.decode()

    assert "replies/list" not in page


@pytest.mark.django_db
def test_who_waits_now_stands_there_with_the_moment_of_three_minutes(desk, url, lead, midday):
    desk.login_as(lead)
    begin = midday - timedelta(seconds=50)
    chat = make_talk("c0", begin=begin, agent=make_user())

    part = desk.get(url("rounds"), HTTP_HX_REQUEST="true").content.decode()

    assert chat.complaint.number in part and "<html" not in part
    assert f'data-seconds-left="{(begin + LIMIT).isoformat()}"' in part


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?period=today", "?period=ever&set=fast", "?period=today&set=_keys"])
def test_a_list_of_nothing_known_is_not_found(query, desk, url, lead):
    desk.login_as(lead)

    assert desk.get(url("round-list") + query).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["rounds", "round-list"])
def test_agents_have_no_such_page(name, desk, url):
    assert desk.get(url(name)).status_code == 403


@pytest.mark.django_db
def test_the_page_asks_as_much_for_many_as_for_few(desk, url, lead, midday):
    desk.login_as(lead)
    make_talk("c0 a60", begin=midday - timedelta(hours=1), agent=make_user())
    few = asked(desk, url("rounds"))

    for _each in range(4):
        make_talk("c0 a60 c100", begin=midday - timedelta(hours=1), agent=make_user())

    assert asked(desk, url("rounds")) == few


def asked(desk, path: str) -> int:
    desk.get(path)  # what a process reads once is not the page's
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(path).status_code == 200
    return len(queries)
