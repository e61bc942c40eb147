"""Lists taken along through their own door."""

import csv
import io

from django.http import QueryDict

from accounts.models import User
from analytics.access import Sight
from analytics.desk.choice import choice_of
from analytics.desk.lists import part_named
from analytics.exports.asking import take_list
from analytics.exports.files import path_of
from analytics.exports.listing import Listing
from analytics.exports.making import make_next
from analytics.metrics.registry import metric
from analytics.models import ListExport
from ui.exports.sheets import Sheet

REASON = "月度复盘"


def make_listing(by: User, *, name: str = "vol_new", part: str = "", query: str = "period=28d") -> Listing:
    one = metric(name)
    return Listing(one, part_named(one, part), choice_of(QueryDict(query), Sight(by)))


def take(by: User, *, extension: str = "csv", reason: str = REASON, **listing: str) -> Sheet | ListExport:
    return take_list(make_listing(by, **listing), extension, by=by, reason=reason, network="10.0.0.1")


def take_made(by: User, **wanted: str) -> ListExport:
    """An export whose file is made."""
    export = take(by, **wanted)
    make_next()
    export.refresh_from_db()
    return export


def lines_in(content: bytes) -> list[list[str]]:
    """The lines of a CSV."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def rows_of(lines: list[list[str]]) -> list[list[str]]:
    """What stands between the head and the notes."""
    return lines[1 : next(place for place, line in enumerate(lines) if not any(line))]


def file_of(export: ListExport) -> list[list[str]]:
    return lines_in(path_of(export).read_bytes())
