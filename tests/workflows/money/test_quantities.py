"""What is to come in, to be paid and to go out: never more than there is, never less for a further receipt, the same in parts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.builders import make_case, make_refund, make_unit
from workflows.cases import quantities as q
from workflows.cases.quantities import Claim, Quantities, Receipt, Release, Terms, Verdict, read_quantities
from workflows.models import CaseUnit, InspectionLine, Outbound, Parcel, ParcelCase, Resolution

AT = datetime(2026, 3, 1, tzinfo=UTC)
RETURN = Terms("return_quality", Receipt.REQUIRED, Release.INSPECTED)
GOODS = (Release.APPROVED, Release.FIRST_SCAN, Release.RECEIVED, Release.INSPECTED)

claims = st.builds(
    Claim,
    unit_id=st.integers(1, 10**6),
    entitled_fen=st.integers(0, 10**6),
    is_approved=st.booleans(),
    received_at=st.sampled_from([None, AT]),
    verdict=st.sampled_from(list(Verdict)),
    is_scanned=st.booleans(),
    is_freight=st.booleans(),
)
baskets = st.lists(claims, max_size=8, unique_by=lambda claim: claim.unit_id)
terms = st.builds(
    Terms,
    type=st.just("return_quality"),
    receipt=st.sampled_from(list(Receipt)),
    release=st.sampled_from(list(Release)),
    ships=st.sampled_from(list(Release)),
    amount_fen=st.none() | st.integers(0, 10**6),
)


def unit(number: int = 1, **overrides) -> Claim:
    return Claim(**{"unit_id": number, "entitled_fen": 9900, **overrides})


def test_a_return_is_awaited_then_inspected_then_paid():
    way = [unit(), unit(is_scanned=True), unit(received_at=AT), unit(received_at=AT, verdict=Verdict.PASSED)]

    assert [(q.to_receive([each], RETURN), q.entitlement_now([each], RETURN)) for each in way] == [(1, 0), (1, 0), (0, 0), (0, 9900)]
    assert [q.expected_entitlement([each], RETURN) for each in way] == [9900] * 4


@pytest.mark.parametrize(
    ("condition", "met_by"),
    [
        (Release.APPROVED, {"new", "scanned", "received", "passed", "failed", "accepted", "waived"}),
        (Release.FIRST_SCAN, {"scanned", "received", "passed", "accepted", "waived"}),
        (Release.RECEIVED, {"received", "passed", "accepted", "waived"}),
        (Release.INSPECTED, {"passed", "accepted", "waived"}),
        (Release.REPAIRED, {"accepted", "waived"}),
        (Release.NONE, set()),
    ],
)
def test_each_release_condition_is_met_by_exactly_these(condition, met_by):
    there = {"received_at": AT, "is_scanned": True}
    stages = {
        "new": unit(),
        "scanned": unit(is_scanned=True),
        "received": unit(**there),
        "passed": unit(**there, verdict=Verdict.PASSED),
        "failed": unit(**there, verdict=Verdict.FAILED),
        "accepted": unit(**there, verdict=Verdict.ACCEPTED),
        "waived": unit(verdict=Verdict.WAIVED),
    }

    assert {name for name, claim in stages.items() if claim.meets(condition)} == met_by
    assert not any(replace(claim, is_approved=False).meets(condition) for claim in stages.values())


@pytest.mark.parametrize(
    ("receipt", "count"), [(Receipt.REQUIRED, 1), (Receipt.CARRIER, 1), (Receipt.OPTIONAL, 0), (Receipt.NONE, 0)], ids=str
)
def test_goods_are_awaited_only_where_the_policy_says_so(receipt, count):
    basket = [unit(1), unit(2, verdict=Verdict.WAIVED), unit(3, received_at=AT), unit(4, is_freight=True), unit(5, is_approved=False)]

    assert q.to_receive(basket, replace(RETURN, receipt=receipt)) == count


def test_counts_speak_of_approved_goods_only():
    basket = [
        unit(1, received_at=AT, verdict=Verdict.PASSED),
        unit(2, received_at=AT, verdict=Verdict.ACCEPTED),
        unit(3, verdict=Verdict.WAIVED),
        unit(4, received_at=AT, verdict=Verdict.PASSED, is_approved=False),
        unit(5, received_at=AT, is_freight=True),
    ]
    seen = Quantities(basket, [RETURN])

    assert (seen.received, seen.passed, seen.accepted, seen.waived) == (2, 1, 1, 1)


def test_a_lower_amount_is_shared_over_the_units():
    basket = [unit(1, received_at=AT, verdict=Verdict.PASSED), unit(2)]
    lower = replace(RETURN, amount_fen=9901)

    assert (q.worth(basket, lower), q.entitlement_now(basket, lower)) == ({1: 4951, 2: 4950}, 4951)


def test_an_amount_is_never_raised_above_what_was_paid():
    assert q.expected_entitlement([unit()], replace(RETURN, amount_fen=10**9)) == 9900


def test_freight_comes_with_the_last_of_the_goods():
    goods, freight = [unit(1, received_at=AT, verdict=Verdict.PASSED), unit(2, received_at=AT)], unit(3, entitled_fen=800, is_freight=True)

    assert q.entitlement_now([*goods, freight], RETURN) == 9900
    assert q.entitlement_now([goods[0], replace(goods[1], verdict=Verdict.PASSED), freight], RETURN) == 9900 * 2 + 800


def test_a_compensation_is_an_amount_without_units():
    row = Terms("compensation", release=Release.APPROVED, amount_fen=2000, unit_ids=frozenset())
    seen = Quantities([unit()], [RETURN, row])

    assert (seen.expected_entitlement, seen.entitlement_now, seen.to_receive) == (11900, 2000, 1)


def test_rows_speak_of_their_own_units():
    keep = Terms("refund_only", release=Release.APPROVED, unit_ids=frozenset({2}))
    seen = Quantities([unit(1), unit(2)], [replace(RETURN, unit_ids=frozenset({1})), keep])

    assert (seen.to_receive, seen.expected_entitlement, seen.entitlement_now) == (1, 19800, 9900)


@pytest.mark.parametrize(("held", "refunded", "expected"), [(0, 0, 9900), (4900, 0, 5000), (900, 9000, 0), (9900, 1, 0)])
def test_what_is_held_or_paid_is_not_owed_again(held, refunded, expected):
    assert Quantities([unit()], [RETURN], held_fen=held, refunded_fen=refunded).to_refund == expected


def test_what_was_paid_is_not_payable_again():
    done = unit(received_at=AT, verdict=Verdict.PASSED)

    assert [Quantities([done], [RETURN], refunded_fen=paid).payable_now for paid in (0, 900, 9900)] == [9900, 9000, 0]


def test_a_replacement_is_owed_until_it_has_left_and_may_leave_when_the_policy_says():
    exchange = Terms("exchange_quality", Receipt.REQUIRED, Release.INSPECTED, Release.INSPECTED)
    basket = [unit(1), unit(2, received_at=AT, verdict=Verdict.PASSED), unit(3, is_shipped=True), unit(4, is_freight=True)]

    assert (q.to_ship(basket, exchange), q.ready_to_ship(basket, exchange)) == (2, [2])


def test_goods_that_go_back_are_owed_whatever_the_policy_ships():
    basket = [unit(1, goes_back=True, verdict=Verdict.FAILED, received_at=AT), unit(2)]

    assert (q.to_ship(basket, RETURN), q.ready_to_ship(basket, RETURN)) == (1, [1])


def test_a_row_survives_the_proposal_that_keeps_it():
    row = replace(RETURN, amount_fen=5, unit_ids=frozenset({3, 1}))

    assert Terms.from_row(row.to_row(policy=7)) == row
    assert Terms.from_row(RETURN.to_row()) == RETURN


@given(baskets, terms)
def test_nothing_is_below_zero_or_above_what_was_paid(basket, row):
    paid = sum(claim.entitled_fen for claim in basket if claim.is_approved)
    now, expected = q.entitlement_now(basket, row), q.expected_entitlement(basket, row)

    assert 0 <= now <= expected <= paid
    assert 0 <= q.to_receive(basket, row) <= len(basket)
    assert 0 <= len(q.ready_to_ship(basket, row)) <= q.to_ship(basket, row) <= len(basket)


@given(baskets, terms)
def test_shares_lie_within_what_was_paid_for_each_unit(basket, row):
    shares = q.worth(basket, row)
    paid = {claim.unit_id: claim.entitled_fen for claim in basket}

    assert all(0 <= share <= paid[unit_id] for unit_id, share in shares.items())
    assert sum(shares.values()) == min(sum(paid[unit_id] for unit_id in shares), 10**12 if row.amount_fen is None else row.amount_fen)


@given(baskets, terms, st.integers(0, 7))
def test_a_further_receipt_never_lowers_what_may_be_paid(basket, row, place):
    if place >= len(basket):
        return
    more = [replace(claim, received_at=AT, is_scanned=True) if at == place else claim for at, claim in enumerate(basket)]

    assert q.entitlement_now(more, row) >= q.entitlement_now(basket, row)
    assert q.to_receive(more, row) <= q.to_receive(basket, row)


@given(baskets.map(lambda basket: [replace(claim, is_freight=False) for claim in basket]), st.data(), st.sampled_from(GOODS))
def test_a_return_in_parts_is_worth_the_whole(basket, data, release):
    """T9: each part is its own case with its own row, as a split makes them."""
    row = replace(RETURN, release=release)
    part_of = {claim.unit_id: data.draw(st.integers(0, 2)) for claim in basket}
    parts = [[claim for claim in basket if part_of[claim.unit_id] == part] for part in range(3)]

    for figure in (q.entitlement_now, q.expected_entitlement, q.to_receive, q.to_ship):
        assert sum(figure(part, row) for part in parts) == figure(basket, row)
    assert {key: share for part in parts for key, share in q.worth(part, row).items()} == q.worth(basket, row)


@given(baskets, st.integers(0, 10**6), st.data())
def test_a_lower_amount_in_parts_is_worth_the_whole(basket, amount, data):
    row = replace(RETURN, amount_fen=amount)
    shares = q.worth(basket, row)
    chosen = frozenset(unit_id for unit_id in shares if data.draw(st.booleans()))
    parts = [chosen, frozenset(shares) - chosen]
    rows = [replace(row, unit_ids=part, amount_fen=sum(shares[unit_id] for unit_id in part)) for part in parts]

    assert sum(q.expected_entitlement(basket, each) for each in rows) == q.expected_entitlement(basket, row)


def decide(case, row=RETURN, **more) -> None:
    rows = [row.to_row()]
    Resolution.objects.create(case=case, revision=1, standing="current", rows=rows, amount_fen=0, currency="CNY", digest="0", **more)


def claim_on(case, number: int = 1, **fields) -> CaseUnit:
    return CaseUnit.objects.create(case=case, unit=make_unit(case, position=number), **{"is_approved": True, **fields})


def put_parcel(case, state: str) -> Parcel:
    warehouse = case.order.merchant.warehouses.get_or_create(code="hz", defaults={"name": "杭州仓"})[0]
    parcel = Parcel.objects.create(warehouse=warehouse, state=state)
    ParcelCase.objects.create(parcel=parcel, case=case)
    return parcel


@pytest.mark.django_db
def test_before_a_decision_nothing_is_owed():
    case = make_case()
    claim_on(case)

    assert (read_quantities(case).to_receive, read_quantities(case).expected_entitlement) == (0, 0)


@pytest.mark.django_db
def test_rows_are_read_with_what_is_held_and_paid():
    case = make_case()
    decide(case)
    claim_on(case, received_at=AT, verdict=Verdict.PASSED)
    for revision, (state, amount) in enumerate([("armed", 100), ("bounced", 20), ("succeeded", 3), ("voided", 5000)]):
        make_refund(case, revision=revision, state=state, amount_fen=amount)
    seen = read_quantities(case)

    assert (seen.held_fen, seen.refunded_fen, seen.to_refund, seen.entitlement_now) == (120, 3, 9777, 9900)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("states", "is_scanned"),
    [
        ([], False),
        (["expected"], False),
        (["moving"], True),
        (["moving", "cancelled"], True),
        (["moving", "expected"], False),
        (["problem"], False),
        (["carrier_signed", "scanned"], True),
    ],
    ids=str,
)
def test_a_unit_is_on_its_way_when_every_parcel_is(states, is_scanned):
    case = make_case()
    claim_on(case)
    for state in states:
        put_parcel(case, state)

    assert read_quantities(case).claims[0].is_scanned is is_scanned


@pytest.mark.django_db
def test_a_unit_that_was_counted_in_a_parcel_follows_that_one():
    case = make_case()
    claim = claim_on(case)
    put_parcel(case, "expected")
    InspectionLine.objects.create(claim=claim, parcel=put_parcel(case, "scanned"))

    assert read_quantities(case).claims[0].is_scanned


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [("replacement", "reserved", (False, False)), ("replacement", "shipped", (True, False)), ("ship_back", "reserved", (False, True)),
     ("ship_back", "cancelled", (False, False)), ("replacement", "lost", (False, False))],
)  # fmt: skip
def test_what_went_out_is_read_from_the_parcels_to_the_customer(kind, state, expected):
    case = make_case()
    parcel = Outbound.objects.create(case=case, kind=kind, state=state, sku="S", warehouse=put_parcel(case, "expected").warehouse)
    parcel.units.add(claim_on(case))
    claim = read_quantities(case).claims[0]

    assert (claim.is_shipped, claim.goes_back) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(count, django_assert_num_queries):
    case = make_case()
    decide(case)
    for number in range(1, count + 1):
        claim_on(case, number)

    with django_assert_num_queries(4):
        assert len(read_quantities(case).claims) == count
