"""Deleting a log takes its facts, its sums and its events, and nothing else."""

import pytest

from analytics.imports import RefusedLogError, import_log, load_mapping, run
from analytics.imports.leaving import delete_log, take_away_logs
from analytics.ledger.filling import fill_sums
from analytics.models import Arrival, ArrivalRollup, Cycle, DirtyNode, ImportedEvent, ImportedFinding, ImportedLog, Round
from foundation.exceptions import NotAllowedError
from tests.accounts.builders import make_person
from tests.analytics.imports.builders import FIXTURES, many_traces, write_xes

pytestmark = pytest.mark.django_db


def import_desk(name="help-desk"):
    return import_log(FIXTURES / "desk.csv", mapping=load_mapping(name)).log


def roll():
    while fill_sums():
        continue


def test_a_deleted_log_leaves_nothing():
    log = import_desk()
    roll()

    delete_log(log, by=make_person("manager"))
    assert take_away_logs() == 4
    roll()

    left = [ImportedLog, ImportedEvent, ImportedFinding, Arrival, Cycle, Round, ArrivalRollup, DirtyNode]
    assert [model.objects.count() for model in left] == [0] * len(left)


def test_another_log_stays():
    log, other = import_desk(), import_desk("generic")

    delete_log(log, by=None)
    take_away_logs()

    assert ImportedLog.objects.get() == other
    assert set(Arrival.objects.values_list("source", flat=True)) == {other.pk}


def test_a_large_log_goes_in_several_rounds(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CASES", 2)
    monkeypatch.setattr("analytics.imports.leaving.MOST_BATCHES", 3)
    log = import_log(write_xes(tmp_path / "many.xes", many_traces(10)), mapping=load_mapping("help-desk")).log
    delete_log(log, by=None)

    rounds = [take_away_logs() for _round in range(3)]

    assert rounds == [6, 4, 0]
    assert not ImportedLog.objects.exists()


def test_a_file_whose_log_is_being_deleted_waits():
    delete_log(import_desk(), by=None)

    with pytest.raises(RefusedLogError, match="just being deleted"):
        import_desk()


@pytest.mark.parametrize("role", ["agent", "lead", "finance", "admin"])
def test_only_who_has_the_right_deletes(role):
    log = import_desk()

    with pytest.raises(NotAllowedError):
        delete_log(log, by=make_person(role))
    assert ImportedLog.objects.get().state == "done"


def test_an_import_that_is_at_it_stops(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 5)
    path = write_xes(tmp_path / "many.xes", many_traces(9))

    def delete(step, done, total):
        delete_log(ImportedLog.objects.get(), by=None)

    with pytest.raises(RefusedLogError, match="deleted meanwhile"):
        import_log(path, mapping=load_mapping("help-desk"), progress=delete)
