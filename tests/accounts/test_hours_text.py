"""Hours and special days as people write them."""

from datetime import date

import pytest

from accounts.hours_text import HoursTextError, read_special_day, read_windows, write_special_day, write_windows


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", []),
        ("closed", []),
        ("休息", []),
        ("09:00-18:00", [[540, 1080]]),
        ("13:30-18:00, 9:00-12:00", [[540, 720], [810, 1080]]),
        ("09:00\uff0d12:00".replace("\uff0d", "–") + "\uff0c13:30至18:00", [[540, 720], [810, 1080]]),
        ("9\uff1a00~12\uff1a00、13\uff1a30 - 18\uff1a00", [[540, 720], [810, 1080]]),
        ("20:00-02:00", [[1200, 1560]]),
        ("00:00-24:00", [[0, 1440]]),
        ("20:00-20:00", [[1200, 2640]]),
        ("00:00-00:00", [[0, 1440]]),
    ],
)
def test_windows_are_read_as_they_are_typed(text, windows):
    assert read_windows(text) == windows


@pytest.mark.parametrize(
    "text", ["9-18", "09:00", "25:00-26:00", "24:00-25:00", "09:60-10:00", "09:00-12:00 13:00-14:00", "later", "٠٩:٠٠"]
)
def test_what_is_no_window_is_refused_with_its_words(text):
    with pytest.raises(HoursTextError, match=r".{10}"):
        read_windows(text)


def test_a_day_has_at_most_a_dozen_windows():
    with pytest.raises(HoursTextError):
        read_windows(",".join(["09:00-10:00"] * 13))


@pytest.mark.parametrize("windows", [[], [[540, 720], [810, 1080]], [[1200, 1560]], [[0, 1440]], [[1200, 2640]]])
def test_written_windows_are_read_back(windows):
    assert read_windows(write_windows(windows)) == windows


def test_a_special_day_is_a_date_its_hours_and_its_reason():
    sale = read_special_day("2026-11-11 00:00-24:00, 20:00-02:00 双十一 大促")
    typhoon = read_special_day("2026/08/12 休息 台风")

    assert (sale.date, sale.windows, sale.reason) == (date(2026, 11, 11), [[0, 1440], [1200, 1560]], "双十一 大促")
    assert (typhoon.date, typhoon.windows, typhoon.reason) == (date(2026, 8, 12), [], "台风")
    assert read_special_day(write_special_day(typhoon)).windows == []
    assert write_special_day(sale) == "2026-11-11 00:00-24:00, 20:00-02:00 双十一 大促"


@pytest.mark.parametrize(
    "line", ["2026-11-11 大促", "2026-11-11 09:00-12:00", "tomorrow closed x", "2026-02-30 closed x", "2026-11-11 closed " + "长" * 121]
)
def test_a_line_that_says_too_little_is_refused(line):
    with pytest.raises(HoursTextError):
        read_special_day(line)
