"""What a page reports is cut to what can be true."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from complaints.effort.intake import record_stretches
from complaints.models import EffortMark, WorkStretch
from tests.complaints.builders import at, later
from tests.complaints.effort.builders import PAGE, SECOND, line
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_user()


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def report(agent, *lines, page: UUID = PAGE) -> int:
    return record_stretches(agent, page=page, lines=lines)


def spans() -> list[tuple[float, float]]:
    """How many seconds ago each stretch began and ended."""
    rows = WorkStretch.objects.order_by("number").values_list("started_at", "ended_at")
    return [tuple((timezone.now() - moment) / SECOND for moment in row) for row in rows]


def test_a_stretch_is_kept_by_the_clock_of_the_server(agent, complaint):
    with at("2026-03-02T10:00:00"):
        assert report(agent, line(complaint, 25, 5)) == 1

        assert spans() == [(25, 5)]
    row = WorkStretch.objects.get()
    assert (row.agent, row.complaint, row.is_call) == (agent, complaint, False)


def test_the_same_stretch_twice_is_one(agent, complaint):
    report(agent, line(complaint, 25, 5))

    report(agent, line(complaint, 26, 6), line(complaint, 4, 0, number=2))

    assert WorkStretch.objects.count() == 2


def test_two_pages_number_their_stretches_apart(agent, complaint):
    report(agent, line(complaint, 25, 5))
    report(agent, line(complaint, 25, 5), page=UUID(int=2))
    report(make_user(), line(complaint, 25, 5))

    assert WorkStretch.objects.count() == 3


def test_a_page_that_speaks_for_the_first_time_tells_of_one_minute(agent, complaint):
    with at("2026-03-02T10:00:00"):
        report(agent, line(complaint, 300, 5, touched=5))

        assert spans() == [(60, 5)]


def test_a_page_tells_of_no_more_than_passed_since_it_spoke(agent, complaint):
    with at("2026-03-02T10:00:00"):
        report(agent, line(complaint, 20, 0))
    with at("2026-03-02T10:01:00"):
        report(agent, line(complaint, 300, 10, number=2))

        assert spans() == [(80, 60), (90, 10)]


def test_nothing_is_older_than_ten_minutes(agent, complaint):
    with at("2026-03-02T10:00:00"):
        report(agent, line(complaint, 20, 0))
    with at("2026-03-02T10:20:00"):
        report(agent, line(complaint, 900, 590, number=2), line(complaint, 1100, 700, number=3))

        assert spans()[1:] == [(600, 590)]


def test_nothing_that_is_settled_is_told_again(agent, complaint):
    with at("2026-03-02T10:00:00") as now:
        EffortMark.objects.create(agent=agent, settled_to=now - timedelta(seconds=10))

        report(agent, line(complaint, 30, 4))

        assert spans() == [(10, 4)]


def test_it_ends_a_minute_after_the_last_sign_of_the_agent(agent, complaint):
    with at("2026-03-02T10:00:00"):
        report(agent, line(complaint, 50, 0, touched=80), line(complaint, 50, 0, touched=200, number=2))

        assert spans() == [(50, 20)]


def test_in_a_call_nobody_types(agent, complaint):
    with at("2026-03-02T10:00:00"):
        forgotten = line(complaint, 50, 0, touched=1230, is_call=True, number=2)
        report(agent, line(complaint, 50, 0, touched=200, is_call=True), forgotten)

        assert spans() == [(50, 0), (50, 30)]


@pytest.mark.parametrize("text", ["", "1,2", "1,9000,10,10,2,", "x", "1,9,1,1,0,C1", "1,9000,-1,0,0,", "1,5000,9000,0,0,", "9" * 30])
def test_what_makes_no_sense_leaves_nothing(agent, text):
    assert report(agent, text) == 0
    assert not WorkStretch.objects.exists()


def test_a_stretch_without_a_complaint_is_the_list_of_conversations(agent):
    report(agent, line(None, 20, 0))

    assert WorkStretch.objects.get().complaint is None


def test_nobody_reports_work_on_what_they_do_not_see(complaint):
    outsider = make_user(teams=[make_team("refund")])

    assert report(outsider, line(complaint, 20, 0)) == 0
    assert not WorkStretch.objects.exists()


def test_a_page_without_a_network_tells_everything_later(agent, complaint):
    report(agent, line(complaint, 20, 0))
    with later(minutes=5):
        lines = [line(complaint, 30 * each, 30 * each - 30, number=each + 1) for each in range(1, 10)]

        assert report(agent, *lines) == 9
