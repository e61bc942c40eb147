"""Times of logs: with and without a zone, as numbers, in forms of their own."""

from zoneinfo import ZoneInfo

import pytest

from analytics.imports.moments import read_moment

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("text", "formats", "utc"),
    [
        ("2012-04-03T16:55:38.000+02:00", (), "2012-04-03T14:55:38+00:00"),
        ("2012-04-03T14:55:38Z", (), "2012-04-03T14:55:38+00:00"),
        ("2012-04-03 14:55:38 UTC", (), "2012-04-03T14:55:38+00:00"),
        ("2012/10/09 14:50:17.000", (), "2012-10-09T12:50:17+00:00"),
        ("2012-12-09 14:50:17", (), "2012-12-09T13:50:17+00:00"),
        ("2012-12-09", (), "2012-12-08T23:00:00+00:00"),
        ("1349787017", (), "2012-10-09T12:50:17+00:00"),
        ("1349787017250", (), "2012-10-09T12:50:17.250000+00:00"),
        ("２０１２-10-09 14:50", (), "2012-10-09T12:50:00+00:00"),
        ("09-10-2012 14:50:17", ("%d-%m-%Y %H:%M:%S",), "2012-10-09T12:50:17+00:00"),
        ("9.10.2012 14:50", ("%d-%m-%Y %H:%M:%S", "%d.%m.%Y %H:%M"), "2012-10-09T12:50:00+00:00"),
        # The hour that a clock shows twice in autumn is the earlier one.
        ("2012-10-28 02:30:00", (), "2012-10-28T00:30:00+00:00"),
    ],
)
def test_a_time_is_read(text, formats, utc):
    assert read_moment(text, zone=ROME, formats=formats).isoformat() == utc


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01 00:00", "9999-12-31T23:59:59-14:00", "12", "1899-12-30", "99999999999999"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        read_moment(text, zone=ROME)
