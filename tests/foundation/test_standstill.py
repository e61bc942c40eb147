"""The marker in the database and beside it: a database that was set back is noticed, and nothing else is taken for one."""

import json
import logging
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from foundation.models import RestoreMarker, Standstill
from foundation.standstill import (
    MOST_AHEAD,
    end_standstill,
    is_standing_still,
    keep_marker,
    marker_path,
    open_standstill,
    read_file,
    stand_still,
)
from foundation.sweeps import registered_sweeps
from tests.complaints.test_concurrency import at_once

pytestmark = pytest.mark.django_db
A_SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"


def marked() -> RestoreMarker:
    return RestoreMarker.objects.get()


def set_back(by: timedelta) -> None:
    """As if a backup of that age had been restored."""
    RestoreMarker.objects.update(at=read_file().at - by)


def test_the_marker_stands_in_the_database_and_beside_it():
    assert keep_marker() == 1

    file = read_file()
    assert (file.at, file.house) == (marked().at, str(marked().house))
    assert [path.name for path in marker_path().parent.iterdir()] == [marker_path().name]


def test_it_moves_on_by_the_clock_of_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        before = cursor.fetchone()[0]
    keep_marker()
    first = marked()
    keep_marker()

    assert before < first.at < marked().at == read_file().at
    assert marked().house == first.house


def test_a_clock_that_is_put_back_takes_the_marker_nowhere():
    keep_marker()
    ahead = marked().at + timedelta(hours=1)
    RestoreMarker.objects.update(at=ahead)

    keep_marker()

    assert marked().at == read_file().at == ahead


def test_a_first_start_is_no_restore():
    assert not is_standing_still()
    assert open_standstill() is None


def test_a_new_database_beside_an_old_file_is_no_restore():
    keep_marker()
    RestoreMarker.objects.all().delete()

    assert not is_standing_still()
    assert keep_marker() == 1


def test_a_folder_without_the_file_is_no_restore():
    keep_marker()
    set_back(timedelta(days=1))
    marker_path().unlink()

    assert not is_standing_still()
    assert keep_marker() == 1


def test_the_file_of_another_database_says_nothing():
    keep_marker()
    set_back(timedelta(days=1))
    told = json.loads(marker_path().read_text())
    marker_path().write_text(json.dumps(told | {"house": "00000000-0000-0000-0000-000000000000"}))

    assert not is_standing_still()


@pytest.mark.parametrize(("behind", "stands"), [(MOST_AHEAD, False), (MOST_AHEAD + A_SECOND, True)])
def test_a_database_more_than_two_minutes_behind_was_set_back(behind, stands):
    keep_marker()
    set_back(behind)

    assert is_standing_still() is stands
    assert keep_marker() == (not stands)
    assert Standstill.objects.count() == stands


def test_who_asks_before_the_first_sweep_is_told_and_changes_nothing():
    keep_marker()
    set_back(timedelta(hours=3))

    assert is_standing_still()
    assert not Standstill.objects.exists()


def test_the_first_sweep_writes_down_what_is_known_and_moves_no_marker(caplog):
    keep_marker()
    file = read_file()
    set_back(timedelta(hours=3))

    with caplog.at_level(logging.CRITICAL):
        assert (keep_marker(), keep_marker()) == (0, 0)

    standstill = Standstill.objects.get()
    assert (standstill.remembers_until, standstill.file_at) == (file.at - timedelta(hours=3), file.at)
    assert (marked().at, read_file()) == (file.at - timedelta(hours=3), file)
    assert len([record for record in caplog.records if record.levelno == logging.CRITICAL]) == 1


def test_by_hand_it_holds_without_any_file():
    call_command("stand_still", "--why", "restored on new machines", "--remembers-until", "2026-11-20")
    call_command("stand_still", "--why", "once more")

    assert is_standing_still()
    assert f"{Standstill.objects.get().remembers_until:%Y-%m-%d} {Standstill.objects.get().why}" == "2026-11-19 restored on new machines"


def test_there_is_one_at_a_time():
    stand_still("by hand")

    with pytest.raises(IntegrityError), transaction.atomic():
        Standstill.objects.create(why="another", remembers_until=stand_still("").since)


def test_after_the_end_the_file_stops_nobody_again(django_capture_on_commit_callbacks):
    keep_marker()
    ahead = read_file().at + timedelta(hours=1)
    marker_path().write_text(json.dumps({"at": ahead.isoformat(), "house": str(marked().house)}))

    with django_capture_on_commit_callbacks(execute=True):
        end_standstill(open_standstill(), by_id=7, reason="all counted")

    standstill = Standstill.objects.get()
    assert (standstill.released_by, standstill.reason, is_standing_still()) == (7, "all counted", False)
    assert marked().at == read_file().at == ahead


def test_nobody_ends_it_namelessly():
    standstill = stand_still("by hand")

    with pytest.raises(IntegrityError), transaction.atomic():
        Standstill.objects.filter(pk=standstill.pk).update(released_at=standstill.since)


def test_a_file_that_cannot_be_read_lets_nothing_pass():
    keep_marker()
    marker_path().write_text("{")

    with pytest.raises(ValueError):
        is_standing_still()


def test_the_sweeper_keeps_it_each_minute():
    assert [each.every for each in registered_sweeps() if each.run is keep_marker] == [60]


@pytest.mark.django_db(transaction=True)
def test_the_threads_of_a_process_keep_the_marker_one_after_the_other():
    outcomes = at_once(*[keep_marker] * 16)

    assert outcomes == [1] * 16
    assert [path.name for path in marker_path().parent.iterdir()] == [marker_path().name]
