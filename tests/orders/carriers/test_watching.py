"""Following waybills that we do not ship: a real carrier's server on loopback, real commits, and the clocks of both sides."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from foundation.leases import LATE, MAX_CRASHES
from orders.carriers.demo import DemoCarrier
from orders.carriers.demo_core import DemoCore
from orders.models import Carrier, WaybillWatch
from orders.services import end_watch, record_scans, watch_waybill
from orders.services.watching import AFTER_DELIVERY, LONGEST_WAIT, LONGEST_WATCH, SLOW, ask_carriers, next_wait
from orders.tasks import ask_about_waybills, sweep_watches
from tests.orders.carriers.news import SECRET, make_carrier, make_watch, scan

pytestmark = pytest.mark.django_db(transaction=True)
AGO = timedelta(hours=1)


@pytest.fixture
def core(server, monkeypatch):
    """The demo carrier behind the server of the test; its journeys are at their end as soon as they begin."""
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_URL", server.url)
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_SECRET", SECRET)
    core = DemoCore(speed=10**9)
    server.answer = lambda asked: core.answer(asked.method, asked.path, timezone.now())
    return core


def fresh(watch) -> WaybillWatch:
    return WaybillWatch.objects.get(pk=watch.pk)


def make_due(watch, **changes) -> None:
    WaybillWatch.objects.filter(pk=watch.pk).update(next_at=timezone.now() - timedelta(seconds=1), **changes)


def methods(server) -> list[str]:
    return [asked.method for asked in server.asked]


def test_a_watched_waybill_is_subscribed_once_and_asked_after_a_silence(core, server):
    watch = watch_waybill(make_carrier(), "dm-1")
    assert ask_carriers() == 1
    assert (methods(server), fresh(watch).subscribed_at is None) == (["POST"], False)

    assert ask_carriers() == 0
    make_due(watch, subscribed_at=timezone.now() - AGO)
    assert ask_carriers() == 1

    assert methods(server) == ["POST", "GET"]
    assert watch.scans.count() == len(core.scans("DM1")) > 0
    assert fresh(watch).attempts == 0


def test_news_keep_us_from_asking(core, server):
    watch = make_watch(subscribed_at=timezone.now() - AGO)
    record_scans("demo", [scan(1)])

    ask_carriers()

    assert methods(server) == []
    assert fresh(watch).next_at > timezone.now()


@pytest.mark.parametrize("heard", [False, True])
def test_a_waybill_is_never_asked_about_sooner_than_the_carrier_allows(core, server, monkeypatch, heard):
    monkeypatch.setattr(DemoCarrier, "query_gap", timedelta(hours=3))
    watch = make_watch(subscribed_at=timezone.now() - AGO, asked_at=timezone.now() - AGO, heard_at=timezone.now() - AGO if heard else None)

    ask_carriers()

    assert methods(server) == []
    assert timedelta(hours=1, minutes=59) < fresh(watch).next_at - timezone.now() <= timedelta(hours=2)


def test_who_dies_while_asking_does_not_ask_again_too_soon(core, server):
    """The time of the question is committed before it is asked."""
    watch, seen = make_watch(subscribed_at=timezone.now() - AGO), []
    server.answer = lambda asked: seen.append(fresh(watch).asked_at) or (200, {"scans": []})

    ask_carriers()

    assert len(seen) == 1
    assert timezone.now() - seen[0] < timedelta(minutes=1)
    connection.close()


def test_no_question_holds_a_transaction(core, server):
    """The adapter refuses otherwise, so that nothing would be told."""
    watch = make_watch(subscribed_at=timezone.now() - AGO)
    core.watched["DM1"] = timezone.now() - AGO

    ask_about_waybills()

    assert watch.scans.exists()


@pytest.mark.parametrize(("answer", "why", "wait"), [
    ((500, {}), "server_error", timedelta(minutes=30)),
    ((404, {}), "not_accepted", SLOW),
    ("drop", "dropped", timedelta(minutes=30)),
])  # fmt: skip
def test_a_carrier_that_fails_is_asked_again_later(core, server, answer, why, wait):
    watch = make_watch(created_at=timezone.now() - AGO)
    server.answer = lambda asked: answer

    ask_carriers()

    row = fresh(watch)
    assert (row.why, row.attempts, row.ended_at) == (why, 0, None)
    assert abs(row.next_at - timezone.now() - wait) < timedelta(minutes=1)


def test_a_subscription_that_fails_does_not_keep_us_from_asking(core, server):
    watch = make_watch()
    core.watched["DM1"] = timezone.now() - AGO
    asked_of_core = server.answer
    server.answer = lambda asked: (404, {}) if asked.method == "POST" else asked_of_core(asked)

    ask_carriers()

    assert watch.scans.exists()
    assert (fresh(watch).subscribed_at, fresh(watch).why) == (None, "not_accepted")


def test_waits_grow_with_the_silence():
    now = timezone.now()

    waits = [next_wait(WaybillWatch(created_at=now - timedelta(minutes=minutes))) for minutes in (0, 10, 1000)]

    assert waits[0] == timedelta(seconds=30)
    assert timedelta(minutes=4.9) < waits[1] < timedelta(minutes=5.1)
    assert waits[2] == LONGEST_WAIT


def test_a_carrier_that_is_down_is_asked_once_in_a_batch(core, server):
    for number in range(4):
        make_watch(f"DM{number}")
    server.answer = lambda asked: (503, {})

    assert ask_carriers() == 4

    assert len(server.asked) == 2  # one subscription, one question
    assert WaybillWatch.objects.filter(next_at__gt=timezone.now(), attempts=0).count() == 4


def test_two_workers_never_ask_about_the_same_waybill(core, server):
    for number in range(10):
        make_watch(f"DM{number}")
    gate, worked = Barrier(3), []

    def work():
        gate.wait(20)
        while done := ask_carriers(limit=1):
            worked.append(done)
        connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(worked) == 10
    assert sorted(asked.path for asked in server.asked) == sorted({asked.path for asked in server.asked})


def test_a_worker_that_lost_its_lease_writes_nothing(core, server):
    watch = make_watch(subscribed_at=timezone.now() - AGO)

    def answer(asked):
        WaybillWatch.objects.filter(pk=watch.pk).update(fence=99, claimed_by="another")
        connection.close()
        return 404, {}

    server.answer = answer
    ask_carriers()

    assert (fresh(watch).why, fresh(watch).claimed_by, fresh(watch).fence) == ("", "another", 99)


def test_a_subscription_of_a_lost_lease_does_not_count(core, server):
    """Somebody began the watch anew meanwhile, perhaps with another phone number."""
    watch = make_watch()

    def answer(asked):
        WaybillWatch.objects.filter(pk=watch.pk).update(fence=99)
        connection.close()
        return 200, {"scans": []}

    server.answer = answer
    ask_carriers()

    assert (fresh(watch).subscribed_at, fresh(watch).heard_at) == (None, None)


def test_a_waybill_that_kills_its_worker_is_given_up(core, server):
    watch = make_watch(attempts=MAX_CRASHES)

    ask_carriers()

    assert (fresh(watch).why, fresh(watch).ended_at is None, server.asked) == ("crashed", False, [])


def test_a_carrier_that_nobody_follows_is_not_asked_until_somebody_does(core, server):
    carrier = make_carrier("")
    watch = watch_waybill(carrier, "DM1")
    assert ask_carriers() == 0

    carrier.tracker = Carrier.Tracker.DEMO
    carrier.save()

    assert ask_carriers() == 1
    assert fresh(watch).subscribed_at


def test_watching_twice_is_watching_once(core):
    carrier = make_carrier()
    one = watch_waybill(carrier, "DM1")
    ask_carriers()

    two = watch_waybill(carrier, " dm 1")

    assert (one.pk, two.subscribed_at is None) == (two.pk, False)


@pytest.mark.parametrize("change", ["ended", "phone"])
def test_a_watch_begins_anew(core, server, change):
    carrier = make_carrier()
    watch = watch_waybill(carrier, "DM1")
    ask_carriers()
    if change == "ended":
        end_watch(carrier, "DM1")

    again = watch_waybill(carrier, "DM1", phone_tail="1234")

    assert (again.pk, again.subscribed_at, again.ended_at, again.phone_tail) == (watch.pk, None, None, "1234")
    assert again.fence > watch.fence
    assert ask_carriers() == 1


def test_a_watch_that_ends_forgets_the_phone_and_asks_no_more(core, server):
    carrier = make_carrier()
    watch = watch_waybill(carrier, "DM1", phone_tail="1234")

    assert (end_watch(carrier, "dm1"), end_watch(carrier, "DM1")) == (True, False)
    assert (ask_carriers(), fresh(watch).phone_tail, server.asked) == (0, "", [])


@pytest.mark.parametrize(("delivered", "watched", "is_over"), [
    (AFTER_DELIVERY + AGO, timedelta(days=20), True),
    (AFTER_DELIVERY - AGO, timedelta(days=20), False),
    (None, LONGEST_WATCH + AGO, True),
    (None, LONGEST_WATCH - AGO, False),
])  # fmt: skip
def test_nobody_is_followed_for_ever(core, delivered, watched, is_over):
    now = timezone.now()
    watch = make_watch(created_at=now - watched, phone_tail="1234")
    if delivered is not None:
        watch.scans.create(at=now - delivered, tag="Delivered", digest="1")

    ask_carriers()

    assert (bool(fresh(watch).ended_at), fresh(watch).phone_tail) == (is_over, "" if is_over else "1234")


def test_the_sweep_wakes_a_worker_and_asks_itself_when_none_listens(core, server):
    watch = make_watch()
    assert (sweep_watches(), server.asked) == (0, [])

    WaybillWatch.objects.update(next_at=timezone.now() - LATE - timedelta(seconds=1))

    assert sweep_watches() == 1
    assert fresh(watch).subscribed_at
    assert sweep_watches() == 0


def test_the_adapters_of_a_carrier_are_the_ones_that_exist():
    from orders.carriers import ADAPTERS

    assert set(Carrier.Tracker.values) == set(ADAPTERS)
