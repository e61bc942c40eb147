import pytest
from django.utils import translation

from ui.charts.units import COUNT, PERCENT, POINTS, SCORE, SECONDS, SHARES, YUAN, Money

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("unit", "value", "zh", "en"),
    [
        (COUNT, 12345, "12,345", "12,345"),
        (SHARES, 0.6, "0.6", "0.6"),
        (SHARES, 3.0, "3", "3"),
        (PERCENT, 0.765, "76.5 %", "76.5 %"),
        (PERCENT, 1, "100.0 %", "100.0 %"),
        (POINTS, 45.04, "+45.0", "+45.0"),
        (POINTS, -3, f"{MINUS}3.0", f"{MINUS}3.0"),
        (SCORE, 5.678, "5.68", "5.68"),
        (SECONDS, 42, "42 秒", "42 s"),
        (SECONDS, 750, "12.5 分", "12.5 min"),
        (SECONDS, 720, "12 分", "12 min"),
        (SECONDS, 11520, "3.2 小时", "3.2 h"),
        (SECONDS, 207360, "2.4 天", "2.4 d"),
        (SECONDS, 600, "10 分", "10 min"),
        (YUAN, 129000, "¥1,290.00", "¥1,290.00"),
        (Money("USD"), -3000, f"{MINUS}USD\xa030.00", f"{MINUS}USD\xa030.00"),
    ],
)
def test_a_value_is_written_with_its_unit(unit, value, zh, en):
    with translation.override("zh-hans"):
        assert unit.write(value) == zh
    with translation.override("en"):
        assert unit.write(value) == en


@pytest.mark.parametrize(
    ("unit", "ticks", "zh", "en"),
    [
        (COUNT, (0, 5000, 10000), ["0", "5,000", "10,000"], ["0", "5\xa0k", "10\xa0k"]),
        (COUNT, (0, 20000, 40000), ["0", "2\xa0万", "4\xa0万"], ["0", "20\xa0k", "40\xa0k"]),
        (PERCENT, (0, 0.025, 0.05), ["0 %", "2.5 %", "5 %"], ["0 %", "2.5 %", "5 %"]),
        (SECONDS, (0, 1800, 3600, 5400), ["0", "0.5 小时", "1 小时", "1.5 小时"], ["0", "0.5 h", "1 h", "1.5 h"]),
        (YUAN, (0, 5000000, 10000000), ["¥0", "¥5\xa0万", "¥10\xa0万"], ["¥0", "¥50\xa0k", "¥100\xa0k"]),
    ],
)
def test_the_ticks_of_an_axis_are_short_and_alike(unit, ticks, zh, en):
    def written():
        return [unit.write_tick(value, ticks[-1]) for value in ticks]

    with translation.override("zh-hans"):
        assert written() == zh
    with translation.override("en"):
        assert written() == en
