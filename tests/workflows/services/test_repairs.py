"""Repairs: free in warranty, quoted after it, sent back in any case."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.exceptions import RefusedError
from tests.workflows.house import make_house
from tests.workflows.services.steps import lines_of, opened, record_good
from workflows.machines.spine import CaseState
from workflows.models import Case, CasePolicy, Outbound, Repair
from workflows.services.deliveries import decline_unanswered_quotes
from workflows.services.inspecting import pass_inspection
from workflows.services.repairs import (
    accept_quote,
    begin_repair,
    decline_quote,
    diagnose,
    due_declines,
    finish_repair,
    give_up,
    offers_exchange,
    send_quote,
)

pytestmark = pytest.mark.django_db
TERMS = {"release": "none", "release_trusted": "none", "ships": "repaired", "ships_trusted": "repaired"}


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def at_the_workshop(house=None, *, in_warranty: bool = True):
    """The piece of a case that is being examined."""
    house = house or make_house(CasePolicy.Type.REPAIR, **TERMS)
    case = opened(house)
    for line in lines_of(case):
        record_good(line, house)
    case = pass_inspection(case, by=house.packer)
    Repair.objects.filter(claim__case=case).update(in_warranty=in_warranty)
    return house, case, diagnose(Repair.objects.get(claim__case=case), by=house.packer)


def quoted():
    house, case, row = at_the_workshop(in_warranty=False)
    return house, case, send_quote(row, amount_fen=3000, finding="主板", by=house.packer)


def test_what_passed_the_inspection_is_taken_in():
    _house, case, row = at_the_workshop()

    assert (case.state, row.state) == (CaseState.SETTLING, "diagnosing")
    assert Outbound.objects.get(case=case).state == "reserved"


def test_a_finished_repair_lets_the_piece_go_out():
    house, case, row = at_the_workshop()

    row = finish_repair(begin_repair(row, finding="电池", by=house.packer), finding="已换", by=house.packer)

    assert (row.state, Outbound.objects.get(case=case).state) == ("repaired", "released")


def test_in_warranty_nothing_is_quoted():
    house, _case, row = at_the_workshop()

    with pytest.raises(RefusedError) as refusal:
        send_quote(row, amount_fen=3000, finding="主板", by=house.packer)

    assert reasons(refusal) == {"in_warranty"}


def test_after_the_warranty_nothing_begins_without_a_quote():
    house, _case, row = at_the_workshop(in_warranty=False)

    with pytest.raises(RefusedError) as refusal:
        begin_repair(row, finding="主板", by=house.packer)

    assert reasons(refusal) == {"quote_needed"}


def test_what_was_found_is_written_down():
    house, _case, row = at_the_workshop()

    with pytest.raises(RefusedError) as refusal:
        begin_repair(row, finding=" ", by=house.packer)

    assert reasons(refusal) == {"finding_missing"}


def test_the_customer_agrees_to_the_price_that_they_read():
    _house, _case, row = quoted()

    with pytest.raises(RefusedError) as refusal:
        accept_quote(row, amount_fen=2999, as_customer=True)
    assert reasons(refusal) == {"quote_changed"}

    assert accept_quote(row, amount_fen=3000, as_customer=True).state == "repairing"


def test_a_declined_quote_sends_the_piece_back_as_it_is():
    _house, case, row = quoted()

    row = decline_quote(row, as_customer=True)

    assert row.state == "declined"
    assert sorted(Outbound.objects.filter(case=case).values_list("kind", "state")) == [("repaired", "cancelled"), ("ship_back", "released")]


def test_silence_declines_after_a_week_and_not_before():
    _house, _case, row = quoted()
    with pytest.raises(RefusedError) as refusal:
        decline_quote(row, by=None)
    assert (reasons(refusal), due_declines(timezone.now())) == ({"quote_running"}, [])

    Repair.objects.filter(pk=row.pk).update(since=timezone.now() - timedelta(days=7, seconds=1))

    assert due_declines(timezone.now()) == [row]
    assert [decline_unanswered_quotes() for _round in range(2)] == [1, 0]


def test_what_cannot_be_repaired_needs_a_decision():
    house, case, row = at_the_workshop()

    give_up(row, finding="进水", by=house.packer)

    assert Case.objects.get(pk=case.pk).state == CaseState.EXCEPTION


@pytest.mark.parametrize(("failed", "days", "expected"), [(1, 29, False), (2, 0, True), (0, 31, True)])
def test_two_repairs_in_vain_or_a_month_make_it_an_exchange(failed, days, expected):
    _house, _case, row = at_the_workshop()
    row.failed_before = failed

    assert offers_exchange(row, row.claim.received_at + timedelta(days=days)) is expected
