"""The desk shows every clock of a complaint, by what it counts and where each minute went."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import ClockRun
from complaints.services import post_reply
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


def test_open_clocks_stand_beside_the_complaint_with_their_basis(desk, url):
    complaint = make_complaint()

    page = desk.get(url("customer", complaint.number, "clocks")).content.decode()

    first, resolution = (ClockRun.Kind(kind).label for kind in ("first", "resolution"))
    assert str(first) in page and str(resolution) in page
    assert url("clocks", complaint.number) in page


def test_a_clock_that_ended_tells_how_and_leaves_the_open_list(desk, url, agent):
    complaint = make_complaint()
    post_reply(complaint, body="我们在查", by=agent, expected_version=None)

    page = desk.get(url("clocks", complaint.number)).content.decode()
    beside = desk.get(url("customer", complaint.number, "clocks")).content.decode()

    assert str(ClockRun.State.MET.label) in page and "strip__bar--running" in page
    assert str(ClockRun.Kind.FIRST.label) not in beside


def test_strips_ask_as_much_for_many_clocks_as_for_one(desk, url):
    complaint = make_complaint()
    few = count(desk, url("clocks", complaint.number))
    run = ClockRun.objects.filter(complaint=complaint).first()
    for cycle in range(2, 6):
        run.pk, run.cycle = None, cycle
        run.save(force_insert=True)

    assert count(desk, url("clocks", complaint.number)) == few


def count(desk, address) -> int:
    desk.get(address)  # what a process reads once is not the page's
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address).status_code == 200
    return len(asked)
