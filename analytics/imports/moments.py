"""Times as logs write them: ISO 8601 with or without a zone, seconds or milliseconds since 1970, or in a form that a mapping names."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# Nothing that a help desk did lies outside; what looks so was read in the wrong form.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
WHOLE = re.compile(r"^\d{9,14}$", re.ASCII)
MILLISECONDS = 10**11


def read_moment(text: str, *, zone: ZoneInfo, formats: tuple[str, ...] = ()) -> datetime:
    """A time with its zone; one without is of ``zone``. Raises ``ValueError`` for what is none."""
    written = unicodedata.normalize("NFKC", text).strip()
    try:
        found = _read_named(written, formats) if formats else _read_usual(written)
        moment = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None
    if not EARLIEST <= moment < LATEST:
        raise ValueError(text)
    return moment


def _read_named(text: str, formats: tuple[str, ...]) -> datetime:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone of the log is set by the caller
        except ValueError:
            continue
    raise ValueError(text)


def _read_usual(text: str) -> datetime:
    if WHOLE.match(text):
        number = int(text)
        milliseconds = number if number >= MILLISECONDS else number * 1000
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return datetime.fromisoformat(text.replace("/", "-").replace(" UTC", "+00:00"))
