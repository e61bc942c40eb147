"""Which periods can be published."""

from datetime import date

import pytest

from analytics.research.planning import last_closed


@pytest.mark.parametrize(("today", "last"), [("2026-03-01", "2025-12-31"), ("2026-03-02", "2026-01-31"), ("2026-03-31", "2026-02-28")])
def test_a_month_is_closed_thirty_days_after_its_end(today, last):
    assert last_closed(date.fromisoformat(today)) == date.fromisoformat(last)
