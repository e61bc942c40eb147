"""A log beside this house, by the same definitions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.imports import import_log, load_mapping
from analytics.imports.comparison import OF_CASES, OF_MESSAGES, compare, days_of, our_days
from analytics.ledger.filling import fill_from_complaints, fill_sums
from analytics.metrics.questions import Filters
from complaints.models import Event, EventFeed
from foundation.events import sequence_feed
from tests.analytics.imports.builders import FIXTURES, many_traces, write_xes
from tests.factories import make_calendar, make_complaint

pytestmark = pytest.mark.django_db


def compared(log, **options):
    while fill_sums():
        continue
    return {each.metric.id: each for each in compare(log, filters=Filters(), **options)}


def test_the_figures_of_a_log_are_its_statistics(tmp_path):
    log = import_log(write_xes(tmp_path / "many.xes", many_traces(60)), mapping=load_mapping("help-desk")).log

    found = compared(log)

    assert found["vol_new"].there.value == log.statistics["cases"]
    assert (found["reopen_cycles"].there.num, found["reopen_cycles"].there.den) == (
        log.statistics["reopens"],
        log.statistics["resolutions"],
    )


def test_only_what_a_log_tells_is_compared():
    silent = import_log(FIXTURES / "desk.csv", mapping=load_mapping("help-desk")).log
    spoken = import_log(FIXTURES / "desk.xes", mapping=load_mapping("generic")).log

    assert (set(compared(silent)), set(compared(spoken))) == (set(OF_CASES), {*OF_CASES, *OF_MESSAGES})


def test_a_log_is_as_old_as_its_last_event():
    log = import_log(FIXTURES / "desk.xes", mapping=load_mapping("generic")).log

    frt = compared(log, as_of=timezone.now() + timedelta(days=900))["frt"].there

    assert (frt.n, frt.open, frt.mean, frt.lower_bound) == (2, 1, 1800, True)


def test_the_days_of_a_log_are_days_of_the_house():
    log = import_log(FIXTURES / "desk.csv", mapping=load_mapping("help-desk")).log

    assert (str(days_of(log).first), str(days_of(log).last)) == ("2026-03-02", "2026-03-12")


def test_our_side_is_the_house_alone():
    make_calendar()
    log = import_log(FIXTURES / "desk.csv", mapping=load_mapping("help-desk")).log
    make_complaint()
    while sequence_feed(Event, EventFeed):
        continue
    fill_from_complaints()
    tomorrow = timezone.now() + timedelta(days=1)

    found = compared(log, as_of=tomorrow)

    assert (found["vol_new"].here.value, found["vol_new"].there.value) == (1, 4)
    assert our_days(tomorrow).days == 28
