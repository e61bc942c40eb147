"""Deadlines as facts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.ledger.entries import Entry, Group, Settings
from analytics.ledger.folding import fold
from analytics.models import Target

FILED = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SETTINGS = Settings(zone=ZoneInfo("Asia/Shanghai"))


def test_a_breach_counts_that_was_noted_for_a_moment_before_its_clock_was_started():
    due = (FILED + timedelta(hours=1)).isoformat()
    entries = [
        Entry(FILED, 1, 1, "complaint.filed", None, "customer", {"contact": 1, "channel": "web", "origin": "customer"}),
        Entry(FILED + timedelta(hours=2), 1, 2, "clock.started", None, "system", {"run": 5, "kind": "first", "due_at": due}),
        Entry(FILED + timedelta(hours=1), 1, 3, "clock.missed", None, "system", {"run": 5, "kind": "first", "due_at": due}),
    ]

    facts = fold(Group(root=1, entries=tuple(sorted(entries, key=lambda each: each[:3]))), SETTINGS)

    assert [(each.due, each.missed) for each in facts if isinstance(each, Target)] == [(1, 1)]


@pytest.mark.parametrize(
    ("said", "flags"),
    [([], (1, 1, 0)), (["clock.excluded"], (0, 0, 1)), (["clock.excluded", "clock.included"], (1, 1, 0)),
     (["clock.excluded", "clock.included", "clock.excluded"], (0, 0, 1))],
)  # fmt: skip
def test_the_last_word_decides_whether_a_missed_clock_counts(said, flags):
    due = {"run": 5, "kind": "first", "due_at": (FILED + timedelta(hours=1)).isoformat()}
    kinds = ["clock.started", "clock.missed", *said]
    entries = [Entry(FILED, 1, 1, "complaint.filed", None, "customer", {"contact": 1, "channel": "web", "origin": "customer"})]
    entries += [Entry(FILED + timedelta(hours=hour), 1, hour + 2, kind, None, "human", due) for hour, kind in enumerate(kinds)]

    facts = fold(Group(root=1, entries=tuple(entries)), SETTINGS)

    assert [(each.due, each.missed, each.waived) for each in facts if isinstance(each, Target)] == [flags]
