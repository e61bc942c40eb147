"""The ledger is what its events say: it can be folded anew at any time, and is the same to the byte."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from analytics.ledger import months, rebuilding
from analytics.ledger.filling import fill_from_complaints
from analytics.ledger.months import LedgerDiffersError, verify_month, verify_random_month
from analytics.ledger.rebuilding import fill_copy, rebuild, verify
from analytics.models import AnalyticsCursor, Arrival, ArrivalRollup, Cycle, FillRange
from complaints.models import Complaint
from complaints.services import post_reply
from foundation import failpoints
from foundation.jobs import run_due_jobs
from tests.analytics.builders import fill
from tests.analytics.ledger.house import digests, empty_ledger, has_copy
from tests.complaints.builders import at, later
from tests.factories import make_calendar, make_complaint, make_order, make_user

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}


@pytest.fixture
def house():
    """A few complaints in different states, of two months."""
    make_calendar()
    agent = make_user("agent")
    with at("2026-03-30 10:00"):
        answered = make_complaint(assignee=agent, order=make_order())
        make_complaint("closed")
    with at("2026-04-02 10:00"):
        post_reply(answered, body="已补发。", by=agent, **ANY)
        make_complaint("merged")
        make_complaint("withdrawn")
    fill()
    return answered, agent


def test_everything_deleted_and_rebuilt_is_the_same_to_the_byte(house):
    before = digests()
    empty_ledger()

    rebuild()

    assert digests() == before
    assert not has_copy()


def test_a_rebuild_puts_right_what_was_wrong_missing_or_too_much(house):
    before = digests()
    Arrival.objects.filter(frt_s__gt=0).update(frt_s=F("frt_s") + 1)
    Cycle.objects.filter(resolved=1).delete()
    Arrival.objects.create(root_id=10**12, hour=3)

    changed = rebuild()

    assert digests() == before
    assert [each.table for each in changed] == ["analytics_arrival", "analytics_cycle"]


def test_what_is_the_same_is_not_written_again(house):
    before = places()

    rebuild()

    assert places() == before


def places() -> list:
    """Where in its table each row stands: a row that is written again stands elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT root_id, ordinal, ctid::text FROM analytics_arrival WHERE source = 0 ORDER BY 1, 2")
        return cursor.fetchall()


def test_a_ledger_that_was_never_filled_is_not_folded_before_it_is_replaced(house, monkeypatch):
    before = digests()
    empty_ledger()
    AnalyticsCursor.objects.all().delete()
    monkeypatch.setitem(failpoints.ARMED, "ledger.filled", "raise:OSError")

    rebuild()

    assert digests() == before
    assert fill_from_complaints() == 0


def test_one_family_is_rebuilt_alone(house):
    before = digests()
    Arrival.objects.update(waiting=7)
    Cycle.objects.update(open=7)

    rebuild(["cycle"])

    after = digests()
    right = {table for table in before if after[table] == before[table]}
    assert ("analytics_cycle" in right, "analytics_arrival" in right) == (True, False)


def test_verifying_finds_a_sum_that_is_off_by_one_and_leaves_it(house):
    ArrivalRollup.objects.filter(grain=0, level=12, merchant=-1).update(arrived=F("arrived") + 1)
    before = digests()

    differing = verify()

    assert [each.table for each in differing] == ["analytics_arrivalrollup"]
    assert digests() == before
    assert not has_copy()


def test_what_comes_while_the_copy_is_filled_is_in_both(house):
    answered, agent = house

    fill_copy()
    post_reply(answered, body="明天送达。", by=agent, **ANY)
    fill()
    post_reply(answered, body="已签收吗？", by=agent, **ANY)
    differing = verify()

    assert differing == []
    fill()
    assert verify() == []


def test_a_copy_that_was_stopped_is_gone_on_with(house, monkeypatch):
    monkeypatch.setattr(rebuilding, "RANGE", 1)
    rebuilding._begin(sorted(rebuilding.FAMILIES))
    rebuilding._fill_range("complaints")
    done = FillRange.objects.get(name="complaints").done_id

    steps = []
    rebuild(progress=lambda done, total: steps.append(done))

    assert (done, steps[0]) == (1, 2)
    assert verify() == []


def test_another_choice_of_families_begins_from_the_start(house):
    rebuilding._begin(["cycle"])
    rebuilding._fill_range("complaints")

    rebuild()

    assert not FillRange.objects.exists()
    assert verify() == []


def test_a_month_is_compared_by_itself(house):
    Cycle.objects.filter(day__month=3, resolved=1).update(us_s=F("us_s") + 1)

    march, april = verify_month(date(2026, 3, 1)), verify_month(date(2026, 4, 1))

    assert ([each.table for each in march], april) == (["analytics_cycle"], [])
    assert not has_copy()


def test_sums_of_a_month_are_compared_too(house):
    ArrivalRollup.objects.filter(level=0, grain=0, merchant=-1, arrived__gt=0).update(frt_s=F("frt_s") + 1)

    assert {each.table for each in verify_month(date(2026, 3, 1))} == {"analytics_arrivalrollup"}


def test_a_fact_that_nobody_could_have_folded_is_found_in_its_month(house):
    Arrival.objects.create(root_id=10**12, day=date(2026, 3, 3), at=timezone.now(), hour=3)

    assert [each.table for each in verify_month(date(2026, 3, 1))] == ["analytics_arrival"]


def test_the_nightly_job_fails_until_the_ledger_is_right(house, monkeypatch):
    monkeypatch.setattr(months.secrets, "choice", lambda found: found[0])
    Cycle.objects.filter(resolved=1).update(us_s=F("us_s") + 1)

    with pytest.raises(LedgerDiffersError):
        verify_random_month()

    rebuild()
    verify_random_month()


def test_a_failed_comparison_is_a_gauge(house, monkeypatch):
    from config.health import read_gauges

    monkeypatch.setattr(months.secrets, "choice", lambda found: found[0])
    Cycle.objects.filter(resolved=1).update(us_s=F("us_s") + 1)

    run_due_jobs()

    assert read_gauges()["ledger_differs"] == 1


def test_verifying_by_command_ends_with_1(house, capsys):
    call_command("kpi_verify", verbosity=0)
    Cycle.objects.filter(resolved=1).update(us_s=F("us_s") + 1)

    with pytest.raises(CommandError) as error:
        call_command("kpi_verify", verbosity=0)

    assert error.value.returncode == 1
    with pytest.raises(CommandError):
        call_command("kpi_verify", "--month", "2026-03", verbosity=0)
    call_command("kpi_rebuild", verbosity=0)
    call_command("kpi_verify", verbosity=0)


def test_an_empty_house_has_nothing_to_compare():
    assert (rebuild(), verify(), verify_random_month()) == ([], [], None)


def test_a_complaint_that_comes_later_is_in_the_copy_too(house):
    with later(days=1):
        fill_copy()
        make_complaint()
        number = Complaint.objects.count()

    assert verify() == []
    assert Arrival.objects.filter(arrived=1).count() + Arrival.objects.filter(out_merged=1).count() == number
