"""A provider that stays unclear gets nothing new for a while; questions go on, and finance sees it. F14"""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workflows.settling.builders import answer, fresh, hear, make_due, make_queued, make_sent
from workflows.models import GatewayHealth
from workflows.settling.breaker import FIRST_PAUSE, LONGEST_PAUSE, PATIENCE, gateway_health, note_answer, paused_gateways
from workflows.settling.rounds import due_now

pytestmark = pytest.mark.django_db


def be_unclear(times: int, gateway: str = "demo") -> None:
    for _time in range(times):
        note_answer(gateway, answer("ambiguous", code="TimeLimit"))


def pause() -> timedelta:
    return GatewayHealth.objects.get().paused_until - timezone.now()


def test_a_few_unclear_answers_are_nothing():
    be_unclear(PATIENCE - 1)

    assert paused_gateways() == []


def test_many_in_a_row_pause_it_longer_and_longer_up_to_five_minutes():
    pauses = []
    for times in (PATIENCE, 1, 1, 30):
        be_unclear(times)
        pauses.append(round(pause() / FIRST_PAUSE))

    assert pauses == [1, 2, 4, LONGEST_PAUSE / FIRST_PAUSE]


@pytest.mark.parametrize("kind", ["paid", "processing", "declined", "absent", "bounced"])
def test_one_clear_answer_ends_the_pause(kind):
    be_unclear(PATIENCE)

    note_answer("demo", answer(kind))

    assert paused_gateways() == []
    be_unclear(PATIENCE - 1)
    assert paused_gateways() == []


def test_each_provider_has_its_own():
    be_unclear(PATIENCE, "alipay")

    assert paused_gateways() == ["alipay"]


def test_while_it_is_paused_nothing_is_sent_but_questions_go_on():
    asked, waiting = hear(make_sent(), "ambiguous"), make_queued()
    make_due(asked)
    be_unclear(PATIENCE)

    assert list(due_now()) == [fresh(asked)]
    GatewayHealth.objects.update(paused_until=timezone.now())
    assert set(due_now()) == {fresh(asked), fresh(waiting)}


def test_finance_sees_how_each_provider_fares():
    hear(make_sent(), "ambiguous")
    make_queued()
    be_unclear(PATIENCE)

    [health] = gateway_health()

    assert (health.gateway, health.unclear_in_row, health.waiting, health.unknown, health.last_code) == (
        "demo",
        PATIENCE,
        1,
        1,
        "TimeLimit",
    )
    assert health.paused_until > timezone.now() > health.oldest_unknown_at


def test_how_providers_fare_is_two_queries(django_assert_num_queries):
    hear(make_sent(), "ambiguous")
    be_unclear(1)

    with django_assert_num_queries(2):
        gateway_health()
