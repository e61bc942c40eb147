"""Notices: signed, in copies, out of order, again when refused, and never in the way of an answer."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.stack import wait_for
from tests.workflows.demo_gateway.running import PATIENCE, SECRET, Receiver, RunningGateway, refund
from workflows.demo_gateway.loopback import loopback_place
from workflows.demo_gateway.signing import NONCE
from workflows.demo_gateway.webhooks import PATIENCE_SECONDS, Courier
from workflows.gateways.base import InvalidSignatureError, Kind
from workflows.gateways.demo import DemoGateway

ADAPTER = DemoGateway(url="http://127.0.0.1:1", secret=SECRET)


class BusyGateway(DemoGateway):
    """An adapter with less patience than the gateway has with a silent receiver."""

    time_limit = timedelta(seconds=PATIENCE_SECONDS - 1)


@pytest.fixture(scope="module")
def inbox():
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, inbox):
    running = RunningGateway(tmp_path_factory.mktemp("gateway"), "--webhook-url", inbox.url)
    yield running
    running.terminate()


def make_courier(receiver, **options):
    return Courier(loopback_place(receiver.url), SECRET, **{"retry_seconds": (0.01, 0.01, 0.01), "spread_seconds": 0.05, **options})


def notice(number=1, key="RF1"):
    return {"notify_id": f"{key}-{number}", "out_refund_no": key, "status": "paid", "amount_minor": 1, "currency": "CNY", "at": "now"}


def test_a_notice_of_the_gateway_is_signed_and_names_the_refund(gateway, inbox):
    gateway.adapter.submit(refund("told", 700))
    wait_for(lambda: inbox.about("told"), within=PATIENCE)

    received = inbox.about("told")[0]
    read = ADAPTER.parse_notification(received.headers, received.body)

    seq = next(fact["seq"] for fact in gateway.facts if fact.get("out_refund_no") == "told")
    assert (read.notify_id, read.out_refund_no, read.raw) == (f"told-{seq}", "told", received.body)
    assert abs(read.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert [received.words[name] for name in ("status", "amount_minor", "currency")] == ["paid", 700, "CNY"]


def test_a_notice_comes_also_for_what_happens_by_itself(gateway, inbox):
    gateway.plan(keys={"back": "bounce:0", "late": "absent_then_lands:0", "work": "processing:0"})
    for key in ("back", "late", "work"):
        gateway.adapter.submit(refund(key))
    gateway.adapter.query(refund("work"))

    for key, statuses in {"back": {"paid", "bounced"}, "late": {"paid"}, "work": {"processing", "paid"}}.items():
        wait_for(lambda key=key, statuses=statuses: {each.words["status"] for each in inbox.about(key)} == statuses, within=PATIENCE)


def test_duplicates_are_copies_of_one_notice_each_signed_anew_and_the_later_notice_comes_first(gateway, inbox):
    gateway.plan(keys={"many": "duplicate_webhook:5"})

    assert gateway.adapter.submit(refund("many")).kind is Kind.PAID
    wait_for(lambda: len(inbox.about("many")) == 10, within=PATIENCE)

    received = inbox.about("many")
    statuses = "".join(each.words["status"] + " " for each in received)
    assert statuses.index("paid") < statuses.rindex("processing")
    assert {status: len(ids) for status, ids in ids_by_status(received).items()} == {"paid": 5, "processing": 5}
    assert all(len(set(ids)) == 1 for ids in ids_by_status(received).values())
    assert len({each.headers[NONCE.lower()] for each in received}) == 10
    assert {ADAPTER.parse_notification(each.headers, each.body).out_refund_no for each in received} == {"many"}


def ids_by_status(received):
    ids = {}
    for each in received:
        ids.setdefault(each.words["status"], []).append(each.words["notify_id"])
    return ids


def test_a_receiver_that_never_answers_delays_no_refund(tmp_path, receiver):
    receiver.hold.clear()
    gateway = RunningGateway(tmp_path, "--webhook-url", receiver.url)
    adapter = BusyGateway(url=gateway.url, secret=SECRET)

    answers = [adapter.submit(refund(f"RF{number}")).kind for number in range(20)]

    assert answers == [Kind.PAID] * 20
    wait_for(lambda: receiver.received, within=PATIENCE)
    assert gateway.terminate() == 0


def test_a_receiver_that_is_gone_delays_no_refund(tmp_path):
    gateway = RunningGateway(tmp_path, "--webhook-url", "http://127.0.0.1:1/", "--retry-seconds", "0.01")

    assert [gateway.adapter.submit(refund(f"RF{number}")).kind for number in range(20)] == [Kind.PAID] * 20
    assert gateway.terminate() == 0


def test_a_notice_that_is_refused_comes_again_until_it_is_taken():
    receiver = Receiver(500, 301)
    courier = make_courier(receiver)

    courier.send(notice())
    courier.send(notice(2))

    wait_for(lambda: len(receiver.received) == 4, within=PATIENCE)
    assert sorted(each.words["notify_id"] for each in receiver.received) in (
        ["RF1-1", "RF1-1", "RF1-1", "RF1-2"],
        ["RF1-1", "RF1-1", "RF1-2", "RF1-2"],
        ["RF1-1", "RF1-2", "RF1-2", "RF1-2"],
    )
    assert len({each.headers[NONCE.lower()] for each in receiver.received}) == 4
    courier.stop()
    receiver.close()


def test_a_notice_is_given_up_after_its_last_try():
    receiver = Receiver(*[500] * 99)
    courier = make_courier(receiver, carriers=1)

    courier.send(notice(1))
    wait_for(lambda: len(receiver.received) == 4, within=PATIENCE)
    courier.send(notice(2))
    wait_for(lambda: len(receiver.received) == 8, within=PATIENCE)

    assert [each.words["notify_id"] for each in receiver.received] == ["RF1-1"] * 4 + ["RF1-2"] * 4
    courier.stop()
    receiver.close()


def test_copies_come_in_an_order_that_repeats_with_the_seed():
    first, again, other = (order_of_arrival(seed) for seed in (1, 1, 2))

    assert first == again != other
    assert first[0] == other[0] == "RF1-3"
    assert sorted(first) == sorted(other) == ["RF1-1"] * 3 + ["RF1-2"] * 3 + ["RF1-3"] * 3


def order_of_arrival(seed):
    receiver = Receiver()
    courier = make_courier(receiver, seed=seed, carriers=1)
    courier.send(notice(1), notice(2), notice(3), copies=3)
    wait_for(lambda: len(receiver.received) == 9, within=PATIENCE)
    courier.stop()
    receiver.close()
    return [each.words["notify_id"] for each in receiver.received]


def test_a_stopped_courier_ends_its_threads_and_takes_nothing_more(receiver):
    before = set(threading.enumerate())
    courier = make_courier(receiver)
    threads = [thread for thread in set(threading.enumerate()) - before if thread.name == "webhook"]

    courier.stop()
    courier.send(notice())

    for thread in threads:
        thread.join(PATIENCE)
    assert (len(threads), any(thread.is_alive() for thread in threads), receiver.received) == (4, False, [])


def test_without_a_receiver_notices_are_dropped():
    Courier(None, SECRET).send(notice())


def genuine(receiver_words=notice()):  # noqa: B008 - never changed
    receiver = Receiver()
    courier = make_courier(receiver)
    courier.send(receiver_words)
    wait_for(lambda: receiver.received, within=PATIENCE)
    courier.stop()
    receiver.close()
    return receiver.received[0]


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({"x-demo-signature": "0" * 64}, None),
        ({"x-demo-signature": "ä"}, None),
        ({"x-demo-nonce": "1"}, None),
        ({"x-demo-nonce": ""}, None),
        ({"x-demo-timestamp": "1"}, None),
        ({"x-demo-timestamp": "soon"}, None),
        ({}, b"{}"),
        ({}, b""),
    ],
)
def test_a_forged_notice_is_refused(changes, body):
    received = genuine()

    assert ADAPTER.parse_notification(received.headers, received.body).out_refund_no == "RF1"
    with pytest.raises(InvalidSignatureError):
        ADAPTER.parse_notification({**received.headers, **changes}, received.body if body is None else body)
