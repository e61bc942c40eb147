"""The page of a trial that sets the gateway's faults and shows both books side by side; a real gateway behind it."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories import make_merchant, make_user
from tests.workflows.desk.test_pages import browse
from tests.workflows.settling.builders import make_finance, make_queued
from tests.workflows.settling.trading import Trading, settle
from workflows.gateways.base import RefundRequest
from workflows.models import LedgerEntry, Refund

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/admin/refunds/chaos/"


@pytest.fixture(scope="module")
def _own_gateway(tmp_path_factory):
    """A book that no other test writes into."""
    trading = Trading.start(tmp_path_factory.mktemp("provider"))
    yield trading
    trading.stop()


@pytest.fixture
def trading(_own_gateway, monkeypatch, settings):
    settings.BIHUAN_ENV = "trial"
    _own_gateway.set_up(monkeypatch)
    yield _own_gateway
    _own_gateway.forget()


def plan_of(trading: Trading) -> dict:
    return trading.gateway.send("GET", "/_control/faults")[1]


def board(client) -> dict:
    return client.get(URL).context


def of(client, refund: Refund):
    return next(pair for pair in board(client)["pairs"] if pair.number == refund.out_refund_no)


def test_paid_refunds_are_the_same_in_both_books(trading):
    refund = make_queued()
    settle()
    client = browse(make_finance(refund.case))

    pair, page = of(client, refund), client.get(URL).content.decode()

    assert (pair.ours_fen, pair.theirs_fen, pair.gap_fen, pair.said) == (9900, 9900, 0, "paid")
    assert refund.out_refund_no in page


def test_a_leg_that_the_gateway_never_paid_is_a_difference(trading):
    refund = make_queued()
    settle()
    wrong = {"posting": uuid4(), "case": refund.case, "refund": refund, "currency": "CNY"}
    client = browse(make_finance(refund.case))

    before = board(client)
    LedgerEntry.objects.bulk_create(
        [LedgerEntry(account=account, amount_fen=fen, **wrong) for account, fen in (("customer", 1), ("merchant", -1))]
    )
    after = board(client)

    assert of(client, refund).gap_fen == -1
    assert (after["differing"], after["sums"][0].gap_fen) == (before["differing"] + 1, before["sums"][0].gap_fen - 1)
    assert [pair.gap_fen != 0 for pair in after["pairs"]] == [True] * after["differing"] + [False] * (after["count"] - after["differing"])


def test_what_only_the_gateway_knows_is_a_difference(trading):
    trading.gateway.adapter.submit(RefundRequest("RF0UNKNOWN", "T0UNKNOWN", 100, 100, "CNY"))
    client = browse(make_user("finance", shops=[make_merchant("elsewhere")]))

    [alone] = [pair for pair in board(client)["pairs"] if pair.number == "RF0UNKNOWN"]

    assert (alone.refund, alone.ours_fen, alone.gap_fen, alone.said) == (None, 0, 100, "paid")


def test_what_came_back_has_left_neither_book(trading):
    refund = make_queued()
    trading.plan(refund, "bounce:0")
    settle(notices=trading)
    client = browse(make_finance(refund.case))

    pair = of(client, refund)

    assert Refund.objects.get(pk=refund.pk).state == "bounced"
    assert (pair.ours_fen, pair.theirs_fen, pair.said) == (0, 0, "bounced")


def test_a_fault_for_one_refund_is_met_by_it(trading):
    refund = make_queued()
    client = browse(make_finance(refund.case))

    answer = client.post(URL, {"step": "one", "one-refund_no": refund.out_refund_no, "one-fault": "reject", "one-number": "3"})
    settle()

    assert (answer.status_code, answer.url) == (303, reverse("admin:refunds-chaos"))
    assert plan_of(trading)["keys"] == {refund.out_refund_no: "reject"}
    assert Refund.objects.get(pk=refund.pk).state == "failed"


def test_shares_are_added_changed_and_taken_away(trading):
    client = browse(make_user("finance", shops=[make_merchant("elsewhere")]))

    def share(percent: int, fault: str = "processing") -> int:
        return client.post(URL, {"step": "many", "many-percent": percent, "many-fault": fault, "many-number": "2"}).status_code

    first, more, too_much = share(60), share(30, "reject"), share(50, "slow")
    known = plan_of(trading)["ratios"]
    page = client.get(URL).content.decode()

    assert (first, more, too_much) == (303, 303, 422)
    assert known == {"processing:2": 0.6, "reject": 0.3}
    assert "60%" in page
    assert (share(0), plan_of(trading)["ratios"]) == (303, {"reject": 0.3})
    assert client.post(URL, {"step": "clear"}).status_code == 303
    assert plan_of(trading)["ratios"] == {}


@pytest.mark.parametrize(
    "answers", [{}, {"step": "one"}, {"step": "other"}, {"step": "one", "one-refund_no": "RF000", "one-fault": "reject"}]
)
def test_what_cannot_be_read_changes_nothing(trading, answers):
    client = browse(make_user("finance", shops=[make_merchant("elsewhere")]))
    trading.gateway.plan(keys={"RF1": "slow"})

    assert client.post(URL, answers).status_code == 422
    assert plan_of(trading)["keys"] == {"RF1": "slow"}


def test_refunds_of_other_shops_are_on_neither_side(trading):
    refund = make_queued()
    settle()
    stranger = browse(make_user("finance", shops=[make_merchant("elsewhere")]))

    fault = {"step": "one", "one-refund_no": refund.out_refund_no, "one-fault": "reject", "one-number": "1"}

    assert refund.out_refund_no not in {pair.number for pair in board(stranger)["pairs"]}
    assert stranger.post(URL, fault).status_code == 422


def test_an_installation_has_no_such_page(trading, settings):
    refund = make_queued()
    client = browse(make_finance(refund.case))
    offered = client.get("/admin/refunds/").content.decode()
    settings.BIHUAN_ENV = "production"

    assert URL in offered
    assert URL not in client.get("/admin/refunds/").content.decode()
    assert (client.get(URL).status_code, client.post(URL, {"step": "clear"}).status_code) == (404, 404)


def test_a_trial_without_the_gateway_has_none_either(trading, monkeypatch):
    refund = make_queued()
    monkeypatch.delenv("BIHUAN_GATEWAY_DEMO_SECRET")

    assert browse(make_finance(refund.case)).get(URL).status_code == 404


def test_a_gateway_that_is_away_is_said(trading, monkeypatch):
    refund = make_queued()
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_URL", "http://127.0.0.1:1")
    client = browse(make_finance(refund.case))

    answers = [client.get(URL), client.post(URL, {"step": "clear"})]

    assert [each.status_code for each in answers] == [503, 503]
    assert "does not answer" in answers[0].content.decode()


def test_the_page_is_chinese(trading):
    refund = make_queued()
    settle()

    page = browse(make_finance(refund.case), language="zh-hans").get(URL).content.decode()

    for word in ("Faults", "Both books", "Set this", "declines", "gateway", "agree"):
        assert word not in page
