"""The rows of published periods, mixed with each other and a few pages at a time."""

import heapq
import json
from collections.abc import Iterator, Sequence

from analytics.models import ResearchCohort, ResearchPage


def published_rows(cohorts: Sequence[ResearchCohort], columns: Sequence[str]) -> Iterator[list[str]]:
    """The chosen columns of every row. The random keys of the rows give their order, so it tells neither shop nor period nor class."""
    streams = (_keyed(cohort, place, columns) for place, cohort in enumerate(cohorts))
    return (row for _key, _place, row in heapq.merge(*streams))


def _keyed(cohort: ResearchCohort, place: int, columns: Sequence[str]) -> Iterator[tuple[int, int, list[str]]]:
    # The first number of a row is its key.
    places = [cohort.columns.index(name) for name in columns]
    chosen = [(place_of + 1, cohort.codes[place_of]) for place_of in places]
    for page in _pages(cohort):
        for cells in json.loads(page):
            yield cells[0], place, [names[cells[number]] for number, names in chosen]


def _pages(cohort: ResearchCohort) -> Iterator[str]:
    """One query a page: a hundred periods are read side by side, and none of them whole."""
    number = 0
    while body := ResearchPage.objects.filter(cohort=cohort, number=number).values_list("body", flat=True).first():
        yield body
        number += 1
