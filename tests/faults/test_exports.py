"""Whoever makes a long list into a file dies at some point of it. The next one makes it whole; what the first left goes with its day."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.exports.files import path_of
from analytics.exports.making import forget_old_files, make_next
from analytics.models import ListExport
from orders.models import Merchant
from tests.analytics.builders import make_past
from tests.analytics.exports.builders import file_of, rows_of, take
from tests.factories import make_user
from tests.faults.test_crash_points import die_at

pytestmark = pytest.mark.django_db(transaction=True)
MAKE = "from analytics.exports import making; making.TOLD_EVERY = 4; making.make_next()"


@pytest.mark.parametrize("failpoint", ["exports.half_way", "exports.before_finish"])
def test_a_file_whose_maker_died_is_made_by_the_next_one(failpoint, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("analytics.exports.asking.MOST_AT_ONCE", 3)
    settings.BIHUAN_EXPORTS = tmp_path / "exports"
    make_past(random.Random(7), days=8, complaints=10)
    export = take(make_user("manager", shops=Merchant.objects.all()))

    die_at(failpoint, MAKE, BIHUAN_DATA=str(tmp_path))
    assert make_next() == 0  # still leased to whoever died
    ListExport.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert make_next() == 1

    export.refresh_from_db()
    assert (export.state, len(rows_of(file_of(export)))) == ("done", 10)
    assert len(list(path_of(export).parent.iterdir())) == 2
    assert forget_old_files(export.ends_at + timedelta(minutes=1)) == 2
