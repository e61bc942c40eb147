from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from ui.clocks import level_of, render_clock, thresholds
from ui.timefmt import absolute, in_words, left_words, relative

NOON = datetime(2025, 11, 14, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=42, seconds=59), "42 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=2, hours=3, minutes=50), "2 d 3 h"),
        (timedelta(days=9, hours=3), "9 d"),
        (timedelta(minutes=-12), "12 min"),
    ],
)
def test_durations_are_said_in_their_largest_units(duration, words):
    assert in_words(duration) == words


def test_a_deadline_is_left_or_over():
    assert left_words(NOON + timedelta(minutes=42), NOON) == "42 min left"
    assert left_words(NOON - timedelta(minutes=12), NOON) == "12 min over"
    assert left_words(NOON, NOON) == "1 min over"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON - timedelta(seconds=20), "just now"),
        (NOON - timedelta(minutes=5), "5 min ago"),
        (NOON - timedelta(hours=3, minutes=40), "3 h ago"),
        (NOON + timedelta(hours=2), "today 14:00"),
        (NOON - timedelta(hours=13), "yesterday 23:00"),
        (NOON + timedelta(hours=13), "tomorrow 01:00"),
        (NOON - timedelta(days=12), "2 Nov 12:00"),
        (NOON - timedelta(days=400), "2024-10-10 12:00"),
    ],
)
def test_moments_are_said_as_a_person_would(moment, words):
    assert relative(moment, NOON) == words


def test_the_full_time_is_in_the_shop_zone():
    assert absolute(NOON) == "2025-11-14 12:00"


@pytest.mark.parametrize(
    ("allowance", "soon", "urgent"),
    [(timedelta(hours=4), timedelta(hours=1), timedelta(minutes=24)), (timedelta(days=3), timedelta(hours=4), timedelta(minutes=30))],
)
def test_clocks_turn_at_a_share_of_their_allowance_with_a_cap(allowance, soon, urgent):
    assert thresholds(allowance) == (soon, urgent)


@pytest.mark.parametrize(
    ("minutes", "level"), [(61, "calm"), (60, "soon"), (25, "soon"), (24, "now"), (1, "now"), (0, "over"), (-5, "over")]
)
def test_a_level_follows_what_is_left_of_four_hours(minutes, level):
    assert level_of(timedelta(minutes=minutes), timedelta(hours=4)) == level


def test_a_running_clock_carries_what_scripts_need(time_machine):
    time_machine.move_to(NOON, tick=False)

    html = render_clock("Resolve", NOON + timedelta(minutes=30), allowance=timedelta(hours=4))

    due, at = 'data-due="2025-11-14T04:30:00+00:00"', 'data-at="2025-11-14T04:00:00+00:00"'
    assert html.startswith(f'<sla-clock class="clock clock--soon" {due} {at} data-soon="3600" data-now="1440">')
    assert "<span>Resolve</span> <span data-left>30 min left</span>" in html


def test_a_paused_clock_says_why_and_does_not_count():
    html = render_clock("Resolve", None, level="paused", reason="Waiting for <you>")

    assert "data-due" not in html
    assert "Waiting for &lt;you&gt;" in html


def test_a_legal_clock_carries_the_scales():
    assert 'href="#i-legal"' in render_clock("Legal", NOON, level="calm", legal=True)
