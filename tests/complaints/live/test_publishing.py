"""Pointers leave after the commit, for whom they are meant, and nobody waits for them."""

import socket

import pytest
import redis
from django.db import transaction

from complaints.live import publish, publishing
from complaints.live.publishing import STREAM, Announcer
from complaints.models import FollowUp
from complaints.services import post_customer_message, post_note, transfer_complaint
from complaints.services.act import lock_act
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(settings, monkeypatch):
    """What reached Valkey so far: topic, version, mark."""
    announcer = Announcer()
    publishing._announcer.waiting.join()  # what tests before this one had to say
    monkeypatch.setattr(publishing, "_announcer", announcer)
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        client.delete(STREAM)

        def read() -> list[tuple[str, str, str]]:
            announcer.waiting.join()
            found = [(fields["t"], fields["v"], fields["i"]) for _place, fields in client.xrange(STREAM) if fields["t"]]
            client.delete(STREAM)
            return found

        yield read


def test_a_pointer_waits_for_the_commit(published):
    with transaction.atomic():
        publish("user", 7)
        before = published()

    assert (before, published()) == ([], [("user-7", "0", "0")])


def test_a_pointer_of_a_rolled_back_transaction_is_never_sent(published):
    with pytest.raises(RuntimeError), transaction.atomic():
        publish("user", 7)
        raise RuntimeError

    assert published() == []


@pytest.mark.parametrize(("topic", "key"), [("user", "a b"), ("", 1), ("user", "x" * 41), ("User", 1), ("user", "1-2")])
def test_a_topic_that_no_page_could_ask_for_is_a_fault(topic, key):
    with pytest.raises(ValueError, match="live topic"):
        publish(topic, key)


def test_a_message_points_at_the_complaint_the_list_and_its_agent(published):
    agent = make_user("agent")
    complaint = make_complaint("open", assignee=agent)
    published()

    message = post_customer_message(complaint, body="还没有消息吗？")

    message.complaint.refresh_from_db()
    found = set(published())
    assert (f"complaint-{complaint.number}", str(message.complaint.head_seq), "0") in found
    assert {(f"queue-{complaint.team_id}", "0", "0"), (f"user-{agent.pk}", "0", "0")} <= found


def test_a_note_is_internal_and_moves_no_list(published):
    complaint = make_complaint("open")
    agent = make_user("agent", teams=[complaint.team])
    published()

    post_note(complaint, body="内部", by=agent)

    complaint.refresh_from_db()
    assert published() == [(f"complaint-{complaint.number}", str(complaint.head_seq), "1")]


def test_a_transfer_points_at_both_teams(published):
    complaint, team = make_complaint("open"), make_team("refunds")
    lead = make_user("lead", teams=[complaint.team])
    published()

    transfer_complaint(complaint, team=team, reason="归退款组", by=lead, expected_version=None)

    assert {f"queue-{complaint.team_id}", f"queue-{team.pk}"} <= {topic for topic, *_rest in published()}


def test_something_to_do_points_at_whose_it_is(published):
    complaint, owner = make_complaint(), make_user("lead")
    published()

    with transaction.atomic():
        act = lock_act(complaint, "raise_risk", by=None)
        act.follow_up(FollowUp.Kind.RISK, role=FollowUp.Role.LEAD, due_at=act.at, owner_id=owner.pk)
        act.finish(raises_version=False)

    assert (f"user-{owner.pk}", "0", "0") in published()


def test_a_line_that_broke_meanwhile_loses_nothing(published, settings):
    publish("user", 1)
    published()

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.client_kill_filter(_id=publishing._valkey(settings.REDIS_URL).client_id())
    publish("user", 2)

    assert published() == [("user-2", "0", "0")]


def test_a_hanging_valkey_keeps_nobody_waiting_and_the_overflow_is_dropped(settings, monkeypatch):
    announcer = Announcer(most=3)
    monkeypatch.setattr(publishing, "_announcer", announcer)
    monkeypatch.setattr(publishing, "PATIENCE", 60)
    publishing._valkey.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        announcer.put_news(publishing.Pointer("user-0"))
        connection, _ = silent.accept()  # the thread is now waiting for an answer that never comes
        taken = [announcer.put_news(publishing.Pointer(f"user-{number}")) for number in range(1, 6)]
        connection.close()
    publishing._valkey.cache_clear()

    assert taken == [True, True, True, False, False]
