"""When a report leaves."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from analytics.models import SavedReport
from analytics.reports.due import next_due

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("plan", "after", "due"),
    [
        ({"rhythm": "daily", "hour": 8}, "2026-03-04T07:59", "2026-03-04T08:00"),
        ({"rhythm": "daily", "hour": 8}, "2026-03-04T08:00", "2026-03-05T08:00"),
        ({"rhythm": "weekly", "weekday": 0, "hour": 9}, "2026-03-04T08:00", "2026-03-09T09:00"),
        ({"rhythm": "weekly", "weekday": 2, "hour": 9}, "2026-03-04T08:00", "2026-03-04T09:00"),
        ({"rhythm": "monthly", "month_day": 31, "hour": 8}, "2026-02-03T08:00", "2026-02-28T08:00"),
        ({"rhythm": "monthly", "month_day": 31, "hour": 8}, "2026-02-28T08:00", "2026-03-31T08:00"),
        ({"rhythm": "monthly", "month_day": 1, "hour": 8}, "2026-12-15T00:00", "2027-01-01T08:00"),
    ],
)
def test_the_next_due_time_is_the_first_after_the_moment(plan, after, due):
    assert next_due(SavedReport(**plan), moment(after)) == moment(due)


@pytest.mark.parametrize("plan", [{"rhythm": "never"}, {"rhythm": "daily", "is_paused": True}])
def test_what_is_not_scheduled_or_paused_is_never_due(plan):
    assert next_due(SavedReport(**plan), moment("2026-03-04T08:00")) is None
