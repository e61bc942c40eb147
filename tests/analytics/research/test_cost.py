"""What publishing costs does not grow with what is published."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.research.exporting import ask_export, work_due
from tests.analytics.research.builders import FEBRUARY, JANUARY, make_arrivals, make_wish
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def test_publishing_costs_the_same_number_of_statements_for_few_rows_and_for_many():
    shop, counts = make_merchant(), []
    for first, last, number in ((JANUARY, date(2026, 1, 31), 10), (FEBRUARY, date(2026, 2, 28), 300)):
        make_arrivals(number, month=first)
        export = ask_export(make_wish(first=first, last=last), merchants=[shop], by=None, reason="thesis")
        with CaptureQueriesContext(connection) as found:
            work_due(only=export.pk)
        counts.append(len(found))

    assert counts[0] == counts[1]
