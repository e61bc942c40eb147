"""Pushes of carriers: proven and stored at the door, read once, whatever happens on the way."""

import json
import random
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from foundation.leases import MAX_CRASHES
from orders import tasks
from orders.carriers.demo_core import ENDINGS
from orders.hooks import LARGEST_PUSH, RECORDED_REJECTIONS
from orders.models import InboundPush, WaybillScan
from orders.services.pushes import LONGEST_REJECTED, read_pushes
from orders.tasks import PUSHES_KEPT, old_pushes, sweep_pushes
from tests.orders.carriers.news import (
    SECRET,
    demo_pushes,
    make_carrier,
    make_shipment,
    make_watch,
    push_of,
    scan,
    send_demo,
    send_kuaidi100,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]
State = InboundPush.State
RAW = push_of(scan())


def only_push() -> InboundPush:
    return InboundPush.objects.get()


def test_a_push_is_stored_as_it_came_and_read_later(client):
    watch = make_watch()

    answer = send_demo(client, RAW)

    assert answer.status_code == 200
    assert (only_push().state, bytes(only_push().raw), watch.scans.count()) == (State.STORED, RAW, 0)
    assert set(only_push().headers) == {"demo-carrier-timestamp", "demo-carrier-signature"}
    assert sweep_pushes() == 1
    assert (only_push().state, watch.scans.count()) == (State.READ, 1)


def test_kuaidi100_hears_what_it_waits_for(client):
    answer = send_kuaidi100(client, {"status": "polling", "lastResult": {"nu": "SF1", "data": []}})

    assert answer.json() == {"result": True, "returnCode": "200", "message": "成功"}


def test_a_doubled_push_is_one_row(client):
    for _time in range(3):
        assert send_demo(client, RAW).status_code == 200

    assert InboundPush.objects.count() == 1


def test_a_doubled_push_is_taken_also_when_the_first_was_read(client):
    watch = make_watch()
    send_demo(client, RAW)
    read_pushes()

    assert send_demo(client, RAW).status_code == 200
    assert read_pushes() == 0
    assert watch.scans.count() == 1


@pytest.mark.parametrize(("secret", "age", "why"), [
    ("OTHER", timedelta(0), "wrong signature"),
    (SECRET, timedelta(minutes=10), "stale"),
    (SECRET, -timedelta(minutes=10), "stale"),
])  # fmt: skip
def test_a_push_that_is_not_proven_leaves_a_rejected_record_only(client, secret, age, why):
    watch = make_watch()

    answer = send_demo(client, RAW, secret=secret, age=age)

    assert answer.status_code == 401
    assert (only_push().state, only_push().why) == (State.REJECTED, why)
    assert (read_pushes(), watch.scans.count()) == (0, 0)


def test_a_push_without_a_signature_is_rejected(client):
    assert client.post("/hooks/carrier/demo/", RAW, content_type="application/json").status_code == 401
    assert only_push().why == "unsigned"


def test_a_forgery_does_not_stand_in_the_way_of_the_true_push(client):
    watch = make_watch()
    send_demo(client, RAW, secret="OTHER")

    assert send_demo(client, RAW).status_code == 200
    read_pushes()

    assert watch.scans.count() == 1
    assert InboundPush.objects.count() == 2


def test_another_salt_is_rejected(client):
    assert send_kuaidi100(client, {"lastResult": {"nu": "SF1", "data": []}}, salt="other").status_code == 401


def test_a_push_of_a_carrier_that_is_not_set_up_is_never_believed(client, monkeypatch):
    monkeypatch.delenv("BIHUAN_GATEWAY_DEMO_SECRET")

    assert send_demo(client, RAW, secret="").status_code == 401


def test_records_of_rejected_pushes_are_short_and_few(client):
    """At a door of its own: the limit is one for each."""
    for number in range(RECORDED_REJECTIONS + 5):
        client.post("/hooks/carrier/aftership/", f"{number:09}" + "x" * LONGEST_REJECTED, content_type="text/plain")

    assert InboundPush.objects.count() == RECORDED_REJECTIONS
    assert {len(push.raw) for push in InboundPush.objects.all()} == {LONGEST_REJECTED}


def test_unknown_carriers_have_no_door(client):
    assert client.post("/hooks/carrier/nobody/", RAW, content_type="application/json").status_code == 404


def test_a_push_that_is_too_long_is_not_stored(client):
    answer = send_demo(client, b" " * (LARGEST_PUSH + 1))

    assert (answer.status_code, InboundPush.objects.count()) == (413, 0)


def test_asking_the_door_changes_nothing(client):
    assert client.get("/hooks/carrier/demo/").status_code == 405


def test_a_true_push_that_nobody_can_read_is_given_up_by_name(client):
    send_demo(client, b"no json")

    read_pushes()

    assert (only_push().state, only_push().why) == (State.DEAD, "bad_answer: JSONDecodeError")


def test_a_push_is_read_however_late(client):
    watch = make_watch()
    send_demo(client, RAW)
    push = only_push()
    push.headers["demo-carrier-timestamp"] = "1"
    push.save()

    read_pushes()

    assert watch.scans.count() == 1


def test_a_push_that_kills_its_reader_is_given_up(client):
    send_demo(client, RAW)
    InboundPush.objects.update(attempts=MAX_CRASHES)

    assert read_pushes() == 0
    assert (only_push().state, only_push().why) == (State.DEAD, "crashed")


def test_a_push_whose_reading_fails_changes_nothing_and_is_read_again(client):
    """The table of scans refuses for a while."""
    watch = make_watch()
    send_demo(client, RAW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_waybillscan ADD CONSTRAINT nothing CHECK (text = '') NOT VALID")
    read_pushes()
    assert (only_push().state, only_push().attempts, read_pushes()) == (State.STORED, 1, 0)

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_waybillscan DROP CONSTRAINT nothing")
    InboundPush.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    read_pushes()

    assert (only_push().state, watch.scans.count()) == (State.READ, 1)


@pytest.mark.parametrize("seed", range(3))
def test_every_scan_of_shuffled_and_doubled_pushes_is_stored_once(client, seed):
    carrier = make_carrier()
    watches = {ending: make_watch(f"DM{ending.upper()}{seed}", carrier=carrier) for ending in ENDINGS}
    pushes = demo_pushes(*(watch.waybill for watch in watches.values())) * 2
    random.Random(seed).shuffle(pushes)  # noqa: S311 - an order to be repeated

    for raw in pushes:
        send_demo(client, raw)
    while read_pushes():
        pass

    assert InboundPush.objects.count() == len(set(pushes))
    told = {ending: {json.dumps(each) for raw in pushes for each in json.loads(raw)["scans"] if each["waybill"] == watch.waybill}
            for ending, watch in watches.items()}  # fmt: skip
    assert {ending: watch.scans.count() for ending, watch in watches.items()} == {ending: len(scans) for ending, scans in told.items()}


def test_scans_go_to_the_shipment_too(client):
    shipment = make_shipment()
    send_demo(client, push_of(scan(1), scan(9, "Delivered")))

    read_pushes()

    shipment.refresh_from_db()
    assert (shipment.status, shipment.scans.count(), WaybillScan.objects.count()) == ("delivered", 2, 0)


def test_pushes_are_forgotten_after_their_time(client):
    send_demo(client, RAW)
    send_demo(client, push_of(scan(2)))
    old = InboundPush.objects.order_by("pk").first()
    InboundPush.objects.filter(pk=old.pk).update(received_at=timezone.now() - PUSHES_KEPT - timedelta(minutes=1))

    assert list(old_pushes(timezone.now())) == [old]


def test_a_hint_reads_what_was_stored(client):
    send_demo(client, RAW)

    assert tasks.read_carrier_news() == 1
