"""The files of an export: the rows, what their columns mean, and a page for the researcher in each language."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from analytics.models import ResearchCohort, ResearchExport
from ui.exports.cells import csv_lines, guard_cell

from .columns import BY_NAME, QUASI, SENSITIVE
from .reading_back import published_rows
from .words import LEVELS

LANGUAGES = {"zh": "zh-hans", "en": "en"}
ROWS, DICTIONARY = "rows.csv", "dictionary.json"
READMES = {f"README.{short}.md": language for short, language in LANGUAGES.items()}
TYPES = {ROWS: "text/csv; charset=utf-8", DICTIONARY: "application/json", **dict.fromkeys(READMES, "text/markdown; charset=utf-8")}


def write_file(name: str, export: ResearchExport, cohorts: Sequence[ResearchCohort]) -> Iterator[str]:
    """One of the files, piece by piece. Only the pages for the researcher say who took it, when and why: rows of two exports are equal."""
    if name == ROWS:
        return row_lines(export, cohorts)
    if name == DICTIONARY:
        return iter([json.dumps(describe(export, cohorts), ensure_ascii=False, indent=1) + "\n"])
    with override(READMES[name]):
        return iter(["\n".join(_readme(export, cohorts)) + "\n"])


def row_lines(export: ResearchExport, cohorts: Sequence[ResearchCohort]) -> Iterator[str]:
    """The rows as CSV under the names of their columns, which are the same in every language."""
    rows = ([guard_cell(value) for value in row] for row in published_rows(cohorts, export.columns))
    return csv_lines(chain([export.columns], rows))


def describe(export: ResearchExport, cohorts: Sequence[ResearchCohort]) -> dict[str, Any]:
    """The dictionary: what was demanded, what came of it, and each column with its levels, its rows at each, and its diversity."""
    rows, suppressed = sum(each.row_count for each in cohorts), sum(each.suppressed_count for each in cohorts)
    return {
        "definition": sorted({f"research@{each.version}" for each in cohorts}),
        "from": export.first_on.isoformat(),
        "to": export.last_on.isoformat(),
        "rows": rows,
        "suppressed": suppressed,
        "suppressed_permille": round(1000 * suppressed / (rows + suppressed)) if rows + suppressed else 0,
        "k": min((each.k for each in cohorts), default=export.k),
        "l": min((each.l for each in cohorts), default=export.l),
        "classes": sum(each.figures["classes"] for each in cohorts),
        "smallest_class": smallest_class(cohorts),
        "columns": [_column(name, cohorts) for name in export.columns],
    }


def smallest_class(cohorts: Sequence[ResearchCohort]) -> int:
    return min((each.figures["smallest"] for each in cohorts if each.row_count), default=0)


def _column(name: str, cohorts: Sequence[ResearchCohort]) -> dict[str, Any]:
    column = BY_NAME[name]
    found: dict[str, Any] = {"name": name, "title": _in_both(column.title), "role": column.role.value}
    if name in QUASI:
        found["levels"] = [
            {"name": level, "title": _in_both(LEVELS[level]), "rows": count} for level, count in _levels(name, cohorts).items()
        ]
    if name in SENSITIVE:
        found["diversity"] = _diversity(name, cohorts)
    return found


def _levels(name: str, cohorts: Sequence[ResearchCohort]) -> dict[str, int]:
    """How many rows stand at each level; periods of different length have different levels of time."""
    counts = dict.fromkeys(BY_NAME[name].hierarchy.levels, 0)
    for cohort in cohorts:
        for level, count in cohort.figures["levels"][name]:
            counts[level] += count
    return counts


def _diversity(name: str, cohorts: Sequence[ResearchCohort]) -> dict[str, int]:
    """The worst of all periods, and the share of rows in classes that have one value only."""
    known = [(each.row_count, each.figures["diversity"][name]) for each in cohorts if each.row_count]
    rows = sum(count for count, _found in known)
    return {
        "least_values": min((found[0] for _count, found in known), default=0),
        "single_permille": round(sum(count * found[1] for count, found in known) / rows) if rows else 0,
        "farthest_permille": max((found[2] for _count, found in known), default=0),
    }


def _in_both(text) -> dict[str, str]:
    found = {}
    for short, language in LANGUAGES.items():
        with override(language):
            found[short] = str(text)
    return found


def _readme(export: ResearchExport, cohorts: Sequence[ResearchCohort]) -> Iterator[str]:
    about = describe(export, cohorts)
    yield "# " + _("After-sales data for research")
    yield ""
    yield _("%(rows)d rows, one for each complaint with its after-sales case, that arrived from %(from)s to %(to)s.") % about
    yield _("Definition of the columns: %(definition)s.") % {"definition": ", ".join(about["definition"])}
    yield from _section(_("What keeps people unknown"), _protection(about))
    yield from _section(_("How to read it"), _advice())
    yield from _section(_("Columns"), (f"`{each['name']}`: {BY_NAME[each['name']].title}{_say_levels(each)}" for each in about["columns"]))
    yield from _section(_("Whose copy this is"), _mark(export))


def _section(title: str, points: Iterator[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from (f"- {point}" for point in points)


def _protection(about: dict[str, Any]) -> Iterator[str]:
    yield _("k = %(k)d: whoever knows of somebody all that the columns with levels can say finds at least so many rows that fit.") % about
    yield _("The smallest class has %(smallest_class)d rows.") % about
    yield (
        _("l = %(l)d: so many different outcomes, reasons and amounts given back stand at least in each class, or all that the period has.")
        % about
    )
    yield _("%(suppressed)d rows are left out because they were too rare (%(suppressed_permille)d of 1,000).") % about
    yield _("Times, counts and amounts are bands; there are no numbers of orders, no texts, no names and nobody of the staff.")
    yield _("Do not try to find out whose row it is, and do not join it with other data about people.")


def _advice() -> Iterator[str]:
    yield _("A value may be coarser in one row than in another: it is only as fine as enough rows share.")
    yield _("`*` means not told, an empty cell not known.")
    yield _("The order of the rows says nothing. Each closed period is published once, so the same period always has the same rows.")
    yield _("dictionary.json says how many rows stand at each level and how diverse the classes are.")


def _say_levels(column: dict[str, Any]) -> str:
    told = [f"{LEVELS[level['name']]} {level['rows']}" for level in column.get("levels", ()) if level["rows"]]
    return _(" (rows by level: %(levels)s)") % {"levels": ", ".join(told)} if told else ""


def _mark(export: ResearchExport) -> Iterator[str]:
    yield _("Export %(number)d, taken by %(who)s on %(when)s.") % {
        "number": export.pk,
        "who": export.asked_by or _("somebody at the machine"),
        "when": timezone.localtime(export.asked_at).strftime("%Y-%m-%d %H:%M"),
    }
    yield _("What it is for: %(reason)s") % {"reason": " ".join(export.reason.split())}
    yield _("SHA-256 of rows.csv: %(digest)s") % {"digest": export.digest}
