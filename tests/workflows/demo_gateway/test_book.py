"""What the gateway decides about refunds, and that its ledger alone remembers all of it."""

import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.demo_gateway.book import BadOrderError, Book, KeyReusedError, NotBouncedError, Order
from workflows.demo_gateway.clock import Clock
from workflows.demo_gateway.faults import OK, Fault
from workflows.demo_gateway.ledger import Ledger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOTAL = 10_000
SIGNS = {"paid": 1, "bounced": -1}


class Desk:
    """A book on a ledger in a folder, with a clock that stands."""

    def __init__(self, folder):
        self.path, self.clock, self.heard = Path(folder) / "ledger.jsonl", Clock(NOON), []
        self.open()

    def open(self):
        self.ledger = Ledger(self.path)
        self.book = Book(self.ledger, self.clock, self.heard.append)

    def reopen(self):
        self.ledger.close()
        self.open()

    def submit(self, key="RF1", amount=3_000, *, fault="ok", total=TOTAL, payment="T1", currency="CNY"):
        return self.book.submit(Order(key, payment, amount, currency), total, Fault.parse(fault)).as_answer()

    def query(self, key="RF1"):
        refund = self.book.query(key)
        return refund.status if refund else "absent"

    def wait(self, seconds):
        self.clock.advance(seconds)
        self.book.settle_due()

    @property
    def kinds(self):
        return [fact["kind"] for fact in self.ledger.facts]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_refund_is_paid_once_however_often_it_is_sent(desk):
    answers = [desk.submit() for _ in range(3)]

    assert (
        answers
        == [{"out_refund_no": "RF1", "transaction_id": "T1", "amount_minor": 3_000, "currency": "CNY", "status": "paid", "code": ""}] * 3
    )
    assert desk.kinds == ["payment", "paid"]


@pytest.mark.parametrize("other", [{"amount": 3_001}, {"payment": "T2"}, {"currency": "USD"}])
@pytest.mark.parametrize("fault", ["ok", "reject", "absent_then_lands:5"])
def test_a_key_stands_for_one_refund_for_ever(desk, fault, other):
    desk.submit(fault=fault)
    before = list(desk.kinds)

    with pytest.raises(KeyReusedError):
        desk.submit(**other)

    assert desk.kinds == before


def test_a_payment_never_gives_back_more_than_it_holds(desk):
    assert [desk.submit(f"RF{number}")["status"] for number in range(3)] == ["paid"] * 3

    answer = desk.submit("RF3")

    assert (answer["status"], answer["code"]) == ("declined", "NOT_ENOUGH")
    assert desk.submit("RF4", 1_000)["status"] == "paid"
    assert desk.submit("RF5", payment="T2")["status"] == "paid"


def test_what_is_under_way_is_held_too(desk):
    desk.submit("RF1", 8_000, fault="processing:5")

    assert desk.submit("RF2")["code"] == "NOT_ENOUGH"


def test_the_first_request_announces_the_payment(desk):
    desk.submit("RF1")

    assert desk.submit("RF2", total=TOTAL + 1)["code"] == "TOTAL_DIFFERS"
    assert desk.submit("RF3", currency="USD")["code"] == "CURRENCY_DIFFERS"
    assert desk.kinds == ["payment", "paid", "declined", "declined"]


def test_a_declined_refund_can_be_sent_again_and_is_not_declined_twice_for_one_cause(desk):
    assert [desk.submit(fault="reject")["code"] for _ in range(2)] == ["REJECTED"] * 2
    assert desk.query() == "declined"
    assert desk.submit()["status"] == "paid"
    assert desk.kinds == ["payment", "declined", "paid"]


def test_so_many_queries_say_processing_and_the_next_one_paid(desk):
    assert desk.submit(fault="processing:2")["status"] == "processing"
    assert desk.submit()["status"] == "processing"

    assert [desk.query() for _ in range(4)] == ["processing", "processing", "paid", "paid"]


def test_a_paid_refund_bounces_when_its_time_has_come_and_frees_the_payment(desk):
    assert desk.submit("RF1", 8_000, fault="bounce:60")["status"] == "paid"
    desk.wait(59)
    assert desk.query() == "paid"

    desk.wait(1)

    assert desk.query() == "bounced"
    assert desk.submit("RF1", 8_000)["status"] == "bounced"
    assert desk.submit("RF2", 8_000)["status"] == "paid"


def test_a_bounced_refund_is_paid_again_under_its_key_once(desk):
    desk.submit(fault="bounce:0")
    desk.wait(0)

    assert [desk.book.pay_again("RF1").status for _ in range(2)] == ["paid", "paid"]

    desk.reopen()
    desk.wait(0)
    assert desk.query() == "paid"
    assert desk.kinds == ["payment", "paid", "bounced", "paid"]


def test_a_bounced_refund_whose_money_went_elsewhere_is_not_paid_again(desk):
    desk.submit("RF1", 8_000, fault="bounce:0")
    desk.wait(0)
    desk.submit("RF2", 8_000)

    assert desk.book.pay_again("RF1").code == "NOT_ENOUGH"


@pytest.mark.parametrize("fault", ["reject", "processing:1"])
def test_only_a_bounced_refund_is_paid_again(desk, fault):
    desk.submit(fault=fault)

    with pytest.raises(NotBouncedError):
        desk.book.pay_again("RF1")
    assert desk.book.pay_again("RF2") is None


def test_a_request_under_way_is_unknown_until_it_lands(desk):
    desk.submit(fault="absent_then_lands:60")
    desk.wait(59)
    assert (desk.book.query("RF1"), desk.book.pay_again("RF1")) == (None, None)

    desk.wait(1)

    assert desk.query() == "paid"


def test_a_late_landing_after_a_decline_pays_and_after_a_payment_does_nothing(desk):
    """T4: the same key sent again never pays twice, a decline of the second request proves nothing about the first."""
    desk.submit("RF1", fault="absent_then_lands:60")
    desk.submit("RF1", fault="reject")
    desk.submit("RF2", fault="absent_then_lands:60")
    desk.submit("RF2")
    assert (desk.query("RF1"), desk.query("RF2")) == ("declined", "paid")

    desk.wait(60)

    assert (desk.query("RF1"), desk.query("RF2")) == ("paid", "paid")
    assert desk.kinds == ["payment", "taken", "declined", "taken", "paid", "paid"]


def test_a_landing_that_no_longer_fits_is_declined_for_good(desk):
    desk.submit("RF1", 8_000, fault="absent_then_lands:60")
    desk.submit("RF2", 8_000, fault="bounce:90")
    desk.wait(60)
    assert desk.query("RF1") == "declined"

    desk.wait(30)
    desk.reopen()
    desk.book.settle_due()

    assert desk.query("RF1") == "declined"


def test_what_is_due_survives_a_restart(desk):
    desk.submit("RF1", fault="absent_then_lands:60")
    desk.submit("RF2", fault="bounce:60")
    desk.reopen()

    desk.wait(60)

    assert (desk.query("RF1"), desk.query("RF2")) == ("paid", "bounced")


def test_every_visible_change_is_announced_once(desk):
    desk.submit("RF1", fault="absent_then_lands:60")
    desk.submit("RF2", fault="processing:0")
    desk.query("RF2")
    desk.wait(60)
    desk.submit("RF1")

    assert [(fact["out_refund_no"], fact["kind"]) for fact in desk.heard] == [("RF2", "processing"), ("RF2", "paid"), ("RF1", "paid")]


def test_the_bill_has_what_moved_on_that_day_in_shanghai(desk):
    desk.submit("RF1", fault="bounce:14400")
    desk.submit("RF2", fault="reject")
    desk.submit("RF3", fault="processing:9")

    desk.wait(4 * 3600 - 1)
    assert list(desk.book.bill(date(2026, 3, 2))) == []
    desk.wait(1)

    first, second = ([(line["out_refund_no"], line["kind"]) for line in desk.book.bill(date(2026, 3, day))] for day in (1, 2))
    assert (first, second) == ([("RF1", "paid")], [("RF1", "bounced")])


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 10_001},
        {"amount_minor": 1.0},
        {"amount_minor": True},
        {"amount_minor": "1"},
        {"total_minor": None},
        {"out_refund_no": ""},
        {"out_refund_no": "x" * 65},
        {"transaction_id": None},
        {"currency": 7},
    ],
)
def test_an_order_that_cannot_be_read_is_refused(change):
    good = {"out_refund_no": "RF1", "transaction_id": "T1", "amount_minor": 1, "total_minor": TOTAL, "currency": "CNY"}

    assert Order.read(good) == (Order("RF1", "T1", 1, "CNY"), TOTAL)
    with pytest.raises(BadOrderError):
        Order.read({**good, **change})


keys = st.sampled_from(["RF1", "RF2", "RF3", "RF4"])
faults = st.sampled_from(["ok", "reject", "processing:0", "processing:1", "bounce:5", "absent_then_lands:5", "absent_then_lands:0"])
steps = st.one_of(
    st.tuples(st.just("submit"), keys, faults),
    st.tuples(st.just("query"), keys),
    st.tuples(st.just("pay_again"), keys),
    st.tuples(st.just("wait"), st.integers(0, 6)),
    st.tuples(st.just("reopen")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=30))
def test_no_order_of_events_pays_too_much_and_the_ledger_remembers_everything(script):
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(folder)
        for verb, *arguments in script:
            play(desk, verb, *arguments)
            assert 0 <= sum(net_paid(desk.ledger.facts).values()) <= desk.book._held["T1"] <= TOTAL
            assert set(net_paid(desk.ledger.facts).values()) <= {0, 4_000}
        seen = desk.book._refunds, desk.book._held, desk.book._payments

        desk.reopen()

        desk.book.settle_due()
        assert (normal(desk.book._refunds), +desk.book._held, desk.book._payments) == (normal(seen[0]), +seen[1], seen[2])


def play(desk, verb, *arguments):
    if verb == "submit":
        desk.submit(arguments[0], 4_000, fault=arguments[1])
    elif verb == "pay_again":
        try:
            desk.book.pay_again(*arguments)
        except NotBouncedError:
            assert desk.query(*arguments) in {"declined", "processing", "paid"}
    else:
        getattr(desk, verb)(*arguments)
    desk.book.settle_due()


def net_paid(facts):
    """For each key, by the ledger alone and without the book: what was paid less what came back."""
    paid = Counter()
    for fact in facts:
        if fact["kind"] in SIGNS:
            paid[fact["out_refund_no"]] += SIGNS[fact["kind"]] * fact["amount_minor"]
    return paid


def normal(refunds):
    return {key: (refund.order, refund.status, refund.code, refund.has_landed, refund.has_bounced) for key, refund in refunds.items()}


def test_a_fault_that_is_none_of_the_books_changes_nothing(desk):
    assert desk.book.submit(Order("RF1", "T1", 1, "CNY"), TOTAL, Fault("slow")).status == "paid"
    assert desk.book.submit(Order("RF2", "T1", 1, "CNY"), TOTAL, OK).status == "paid"
