"""Numbers as bands: a duration, a count or an amount to the second, the piece or the fen would be a fingerprint."""

from bisect import bisect_right

MINUTE, HOUR, DAY = 60, 3600, 86_400
Band = tuple[int, str]

RESPONSE: tuple[Band, ...] = (
    (0, "0-3min"), (3 * MINUTE, "3-15min"), (15 * MINUTE, "15-60min"), (HOUR, "1-4h"), (4 * HOUR, "4-24h"), (DAY, "1-3d"), (3 * DAY, "3d+"),
)  # fmt: skip
LONG: tuple[Band, ...] = (
    (0, "0-4h"), (4 * HOUR, "4-24h"), (DAY, "1-2d"), (2 * DAY, "2-3d"), (3 * DAY, "3-7d"), (7 * DAY, "7-14d"), (14 * DAY, "14-30d"),
    (30 * DAY, "30d+"),
)  # fmt: skip
COUNT: tuple[Band, ...] = ((0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (6, "6-10"), (11, "11+"))
# In whole units of the currency.
AMOUNT: tuple[Band, ...] = (
    (0, "0"), (1, "1-49"), (50, "50-99"), (100, "100-199"), (200, "200-499"), (500, "500-999"), (1000, "1000-4999"), (5000, "5000+"),
)  # fmt: skip


def band_of(value: int | None, bands: tuple[Band, ...]) -> str:
    """The band that a value lies in; nothing where there is no value."""
    if value is None:
        return ""
    return bands[max(bisect_right(bands, value, key=lambda band: band[0]) - 1, 0)][1]


def names_of(bands: tuple[Band, ...]) -> list[str]:
    return [name for _begin, name in bands]
