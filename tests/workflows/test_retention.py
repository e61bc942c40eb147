"""What of after-sales goes with age, and what stays because somebody may still need it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from complaints.privacy.holds import lift_hold, place_hold
from foundation.retention import count_due, forget_due, rules
from orders.models import InboundPush
from tests.factories import make_user
from tests.workflows.builders import make_case, make_parcel
from workflows.models import Case, InboundNotification, WarehouseScan

pytestmark = pytest.mark.django_db
SECOND, HALF_A_YEAR = timedelta(seconds=1), timedelta(days=180)


def rule(name):
    return next(each for each in rules() if each.name == name)


def counts(name, *moments) -> list[int]:
    return [count_due(rule(name), now=moment) for moment in moments]


def notice(**fields) -> InboundNotification:
    told = {"gateway": "demo", "notify_id": uuid4().hex, "raw": b"{}", "state": "read", "received_at": timezone.now()}
    return InboundNotification.objects.create(**told | fields)


@pytest.mark.parametrize("state", ["read", "rejected", "dead"])
def test_a_notice_of_a_payment_provider_goes_after_half_a_year(state):
    at = notice(state=state).received_at

    assert counts("workflows.notifications", at + HALF_A_YEAR, at + HALF_A_YEAR + SECOND) == [0, 1]
    assert forget_due(rule("workflows.notifications"), now=at + HALF_A_YEAR + SECOND) == 1


def test_a_notice_that_nobody_has_read_yet_stays():
    at = notice(state="stored").received_at

    assert counts("workflows.notifications", at + timedelta(days=9999)) == [0]


def test_a_push_of_a_carrier_goes_after_half_a_year():
    at = InboundPush.objects.create(tracker="demo", digest="d", raw=b"{}", state="read", received_at=timezone.now()).received_at

    assert counts("orders.pushes", at + HALF_A_YEAR, at + HALF_A_YEAR + SECOND) == [0, 1]


@pytest.fixture
def years(settings) -> timedelta:
    return timedelta(days=settings.BIHUAN_KEEP_DAYS["EVIDENCE"])


@pytest.fixture
def case():
    return make_case(state="closed", ended_at=timezone.now())


def scan(case: Case, **fields) -> WarehouseScan:
    parcel = make_parcel(case)
    told = {"client_id": uuid4(), "warehouse": parcel.warehouse, "by": make_user("warehouse"), "mode": "receive", "code": "SF1"}
    at = timezone.now() - timedelta(days=30)
    return WarehouseScan.objects.create(**told, parcel=parcel, scanned_at=at, recorded_at=at, **fields)


def test_a_scan_stays_for_its_years_after_the_end_of_its_case_and_then_goes(case, years):
    scan(case)
    end = case.ended_at + years

    assert counts("workflows.scans", end, end + SECOND) == [0, 1]
    assert forget_due(rule("workflows.scans"), now=end + SECOND) == 1
    assert Case.objects.filter(pk=case.pk).exists()


def test_a_scan_of_a_case_that_runs_never_goes_with_age(years):
    scan(make_case(state="settling"))

    assert counts("workflows.scans", timezone.now() + 10 * years) == [0]


def test_one_case_that_runs_keeps_the_scan_of_a_parcel_that_others_share(case, years):
    parcel = scan(case).parcel
    parcel.links.create(case=make_case(state="exception"))

    assert counts("workflows.scans", timezone.now() + 10 * years) == [0]


def test_what_is_held_keeps_its_scans(case, years):
    scan(case)
    lead = make_user("lead")
    place_hold(case.complaint, reason="诉讼中", by=lead)
    assert counts("workflows.scans", timezone.now() + 2 * years) == [0]

    lift_hold(case.complaint, by=make_user("manager", shops=[case.order.merchant]))
    assert counts("workflows.scans", timezone.now() + 2 * years) == [1]


def test_a_scan_of_what_belonged_to_nobody_goes_by_its_own_age(case, years):
    at = scan(case).recorded_at
    WarehouseScan.objects.update(parcel=None)

    assert counts("workflows.scans", at + years, at + years + SECOND) == [0, 1]
