"""From the customer's request to the money: finance signs while the parcel travels, the inspection that passes lets it go."""

import pytest

from tests.workflows.house import make_house, refund_of, second
from tests.workflows.services.steps import arrived, lines_of, record_good
from tests.workflows.settling.trading import settle
from workflows.cases.proposals import read_proposal
from workflows.models import Case, LedgerEntry
from workflows.services.deciding import resolve_exception
from workflows.services.inspecting import begin_inspection, pass_inspection
from workflows.services.refund_rescue import retry_refund
from workflows.services.refunds import authorise_refund
from workflows.settling.rounds import settle_due

pytestmark = pytest.mark.django_db(transaction=True)


def sign(house, case):
    refund = refund_of(case)
    return authorise_refund(refund, proposal_hash=refund.proposal_hash, by=house.finance, expected_version=refund.version)


def inspect_all(house, case) -> None:
    begin_inspection(case, by=house.packer)
    for line in lines_of(case):
        record_good(line, house)
    pass_inspection(Case.objects.get(pk=case.pk), by=house.packer)


def test_a_signed_refund_leaves_with_the_inspection_and_completes_the_case(trading):
    house = make_house(quantity=1)
    case = arrived(house)
    assert (sign(house, case).state, settle_due()) == ("armed", 0)

    inspect_all(house, Case.objects.get(pk=case.pk))
    assert refund_of(case).state == "queued"
    settle_due()

    done = Case.objects.get(pk=case.pk)
    assert (refund_of(case).state, done.state, trading.facts(refund_of(case))) == ("succeeded", "completed", ["paid"])
    assert LedgerEntry.objects.filter(case=case, account="customer").get().amount_fen == 9900


def test_a_signature_after_the_inspection_lets_it_go_at_once(trading):
    house = make_house(quantity=1)
    case = arrived(house)
    inspect_all(house, Case.objects.get(pk=case.pk))
    assert refund_of(case).state == "pending_approval"

    assert sign(house, case).state == "queued"
    settle()

    assert Case.objects.get(pk=case.pk).state == "completed"


def test_a_declined_refund_stops_the_case_and_sending_it_again_completes_it(trading):
    house = make_house(quantity=1)
    case = arrived(house)
    sign(house, case)
    trading.plan(refund_of(case), "reject", "ok")
    inspect_all(house, Case.objects.get(pk=case.pk))
    settle_due()
    assert (refund_of(case).state, Case.objects.get(pk=case.pk).state) == ("failed", "exception")

    proposal = read_proposal(case.resolutions.get())
    resolve_exception(Case.objects.get(pk=case.pk), verdict="retry_payment", proposal=proposal, by=house.finance)
    retry_refund(refund_of(case), cause="商户余额已补足", by=second(house, "finance"))
    settle()

    assert (refund_of(case).state, Case.objects.get(pk=case.pk).state) == ("succeeded", "completed")
