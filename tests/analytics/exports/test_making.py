"""Long lists become files by a worker: once, whole, within the rights of their asker, and again after a crash."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AccessLog
from analytics.desk import lists
from analytics.exports import making
from analytics.exports.asking import MOST_OPEN, fetch_file
from analytics.exports.files import path_of
from analytics.exports.listing import mark_of
from analytics.exports.making import forget_old_files, make_next
from analytics.exports.tasks import LATE, SHOWN, ended_exports, sweep_exports
from analytics.ledger.freshness import freshness
from analytics.models import Arrival, Cycle, ListExport
from foundation import failpoints
from foundation.exceptions import NotAllowedError, RefusedError
from foundation.leases import MAX_CRASHES
from tests.analytics.exports.builders import REASON, file_of, make_listing, rows_of, take, take_made
from tests.complaints.builders import later
from tests.factories import make_merchant, make_user
from ui.exports.csv_file import write_csv
from ui.exports.sheets import Sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]
State, Why = ListExport.State, ListExport.Why


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def end_leases() -> None:
    ListExport.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def files_in(folder) -> list:
    return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize(("most", "kind"), [(10, Sheet), (9, ListExport)])
def test_up_to_the_limit_a_list_is_sent_and_above_it_is_made(manager, past, monkeypatch, most, kind):
    monkeypatch.setattr("analytics.exports.asking.MOST_AT_ONCE", most)

    assert make_listing(manager).size(as_of=past.now) == 10
    assert isinstance(take(manager), kind)


def test_a_file_holds_what_the_list_of_the_screen_holds(manager):
    listing = make_listing(manager)
    with time_machine.travel(timezone.now(), tick=False):
        export = take_made(manager)
        sent = listing.sheet(as_of=freshness().as_of, mark="")

        assert rows_of(file_of(export)) == [line[: len(sent.columns)] for line in rows_of([*map(_cells, write_csv(sent))])]
    assert (export.state, export.row_count) == (State.DONE, listing.size(as_of=timezone.now()))


def _cells(line: str) -> list[str]:
    return line.removeprefix("\ufeff").strip("\r\n").split(",")


def test_a_summed_part_comes_to_what_the_screen_says(manager, past):
    """The values of the file add up to the total above the list."""
    Cycle.objects.filter(pk__in=Cycle.objects.order_by("pk").values("pk")[:4]).update(day=past.last, by_carrier=60)
    listing = make_listing(manager, name="pareto_liability", part="by_carrier")
    total = lists.total_of(listing.metric, listing.part, listing.choice, listing.facts(as_of=past.now), as_of=past.now)

    head, *rest = file_of(take_made(manager, name="pareto_liability", part="by_carrier"))

    shares = [int(row[head.index("数值")]) for row in rows_of([head, *rest])]
    assert listing.part.value_of(sum(shares), len(shares)) == total.value > 0


def test_the_file_says_who_took_it_what_for_and_under_which_number(manager):
    export = take_made(manager)

    entry = AccessLog.objects.get()
    notes = [cell for line in file_of(export) for cell in line]
    assert (entry.act, entry.actor, entry.reason, entry.network, entry.pk) == ("export", manager, REASON, "10.0.0.1", export.entry)
    assert mark_of(manager, reason=REASON, entry=entry.pk) in notes


def test_a_workbook_has_as_many_rows_and_the_same_mark(manager):
    export = take_made(manager, extension="xlsx")

    rows, about = load_workbook(io.BytesIO(path_of(export).read_bytes())).worksheets

    assert (rows.max_row - 1, export.byte_count) == (export.row_count, path_of(export).stat().st_size)
    assert mark_of(manager, reason=REASON, entry=export.entry) in [cell.value for cell in about["B"]]


@pytest.mark.parametrize(("language", "head"), [("zh-hans", "编号"), ("en", "Number")])
def test_a_file_is_in_the_language_of_whoever_asked(manager, language, head):
    manager.language = language
    manager.save()

    assert file_of(take_made(manager))[0][0] == head


def test_the_days_are_those_of_the_wish_also_tomorrow(manager):
    export = take(manager, query="period=7d")
    expected = make_listing(manager, query="period=7d").size(as_of=timezone.now())

    with later(days=7):
        make_next()

    export.refresh_from_db()
    assert (export.state, export.row_count) == (State.DONE, expected)


def test_a_manager_says_what_it_is_for(manager):
    with pytest.raises(RefusedError) as refused:
        take(manager, reason=" ")

    assert (codes(refused), ListExport.objects.exists(), AccessLog.objects.exists()) == (["no_reason"], False, False)


def test_agents_take_nothing(past):
    with pytest.raises(NotAllowedError):
        take(make_user("agent"))


def test_a_lead_takes_no_more_than_the_limit(past, monkeypatch):
    monkeypatch.setattr("complaints.services.exporting.MOST_ROWS", 3)

    with pytest.raises(RefusedError) as refused:
        take(make_user("lead"))

    assert (codes(refused), ListExport.objects.exists()) == (["too_many_rows"], False)


def test_who_asks_twice_gets_the_one_that_is_being_made(manager):
    assert take(manager) == take(manager)
    assert (ListExport.objects.count(), AccessLog.objects.count()) == (1, 1)


def test_three_at_a_time_for_each_person(manager):
    for number in range(MOST_OPEN):
        take(manager, reason=f"{REASON} {number}")

    with pytest.raises(RefusedError) as refused:
        take(manager)

    assert (codes(refused), AccessLog.objects.count()) == (["under_way"], MOST_OPEN)


# ----- rights


def test_who_may_not_any_more_gets_nothing_made(manager, folder):
    export = take(manager)
    manager.groups.clear()

    make_next()

    export.refresh_from_db()
    assert (export.state, export.why, files_in(folder)) == (State.REFUSED, Why.NO_RIGHT, [])


def test_what_was_chosen_and_is_not_seen_any_more_is_not_made(past):
    """An imported log, by somebody who sees none: without it the list would be another one."""
    lead = make_user("lead")
    export = take(lead)
    ListExport.objects.update(query=f"{export.query}&source=7")

    make_next()

    export.refresh_from_db()
    assert export.why == Why.NO_RIGHT


def test_who_may_take_fewer_rows_by_now_gets_nothing_made(manager, monkeypatch):
    """A manager who has become a lead."""
    export = take(manager)
    monkeypatch.setattr("complaints.services.exporting.MOST_ROWS", 3)
    lead = make_user("lead")
    manager.groups.set(lead.groups.all())
    for team in lead.memberships.all():
        manager.memberships.create(team=team.team, is_lead=True)

    make_next()

    export.refresh_from_db()
    assert export.why == Why.NO_RIGHT


def test_a_file_holds_what_its_asker_sees_when_it_is_made(manager):
    export = take(manager)
    other = make_merchant("other")
    Arrival.objects.filter(root_id__in=Arrival.objects.order_by("root_id").values("root_id")[:4]).update(merchant=other.pk)

    make_next()

    export.refresh_from_db()
    assert (export.row_count, len(rows_of(file_of(export)))) == (6, 6)


def test_who_sees_less_than_the_file_holds_does_not_fetch_it(manager):
    export = take_made(manager)
    make_merchant("other")  # from now on every figure is limited to the own shops
    export = ListExport.objects.get(pk=export.pk)

    with pytest.raises(RefusedError) as refused:
        fetch_file(export, network=None)

    assert codes(refused) == ["no_right"]


def test_who_sees_more_than_before_fetches_it_still(manager):
    other = make_merchant("other")
    export = take_made(manager)
    other.memberships.create(user=manager)

    with fetch_file(ListExport.objects.get(pk=export.pk), network=None) as file:
        assert file.read()


# ----- the job


@pytest.fixture
def told_often(monkeypatch):
    monkeypatch.setattr(making, "TOLD_EVERY", 4)


@pytest.mark.usefixtures("told_often")
@pytest.mark.parametrize("place", ["exports.half_way", "exports.before_finish"])
def test_a_worker_that_dies_leaves_a_file_that_the_next_one_makes_whole(manager, folder, monkeypatch, place):
    export = take(manager)
    monkeypatch.setitem(failpoints.ARMED, place, "raise:KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        make_next()
    monkeypatch.delitem(failpoints.ARMED, place)

    assert make_next() == 0  # still leased to whoever died
    end_leases()
    assert make_next() == 1

    export.refresh_from_db()
    assert (export.state, len(rows_of(file_of(export)))) == (State.DONE, export.row_count)


@pytest.mark.usefixtures("told_often")
def test_while_it_is_made_it_says_how_far_it_is(manager, monkeypatch):
    export, seen = take(manager), []
    tell = making._Told._tell

    def look(told):
        tell(told)
        seen.append(ListExport.objects.get(pk=export.pk).done_count)

    monkeypatch.setattr(making._Told, "_tell", look)
    make_next()

    assert seen == [4, 8]


@pytest.mark.usefixtures("told_often")
def test_a_worker_that_has_lost_its_lease_stops(manager, monkeypatch):
    export, passed = take(manager), []

    def lose(place):
        passed.append(place)
        ListExport.objects.update(fence=9)

    monkeypatch.setattr(making, "failpoint", lose)
    make_next()

    export.refresh_from_db()
    assert (export.state, export.fence, passed) == (State.RUNNING, 9, ["exports.half_way"])


@pytest.mark.usefixtures("told_often")
def test_a_list_that_takes_longer_than_a_task_may_is_given_up(manager, monkeypatch):
    monkeypatch.setattr(making, "MOST_SECONDS", -1)
    export = take(manager)

    make_next()

    export.refresh_from_db()
    assert (export.state, export.why) == (State.REFUSED, Why.TOO_LONG)


def test_what_cannot_be_made_says_so(manager, folder):
    export = take(manager)
    folder.parent.joinpath("exports").touch()

    make_next()

    export.refresh_from_db()
    assert (export.state, export.why) == (State.REFUSED, Why.FAILED)


def test_an_export_that_kills_its_worker_is_given_up(manager):
    export = take(manager)
    ListExport.objects.update(attempts=MAX_CRASHES)

    assert make_next() == 0

    export.refresh_from_db()
    assert (export.state, export.why) == (State.REFUSED, Why.CRASHED)


def test_the_sweeper_makes_what_no_worker_took(manager):
    export = take(manager)
    assert sweep_exports() == 0

    ListExport.objects.update(next_at=timezone.now() - LATE - timedelta(seconds=1))
    assert sweep_exports() == 1

    export.refresh_from_db()
    assert export.state == State.DONE


# ----- afterwards


def test_a_file_is_deleted_after_its_day(manager, folder):
    export = take_made(manager)

    assert (forget_old_files(export.ends_at - timedelta(minutes=1)), len(files_in(folder))) == (0, 1)
    assert (forget_old_files(export.ends_at + timedelta(minutes=1)), files_in(folder)) == (1, [])


def test_nothing_is_deleted_where_nothing_was_made():
    assert forget_old_files(timezone.now()) == 0


def test_a_file_that_is_gone_from_disk_is_gone(manager, folder):
    export = take_made(manager)
    path_of(export).unlink()

    with pytest.raises(RefusedError) as refused:
        fetch_file(export, network=None)

    assert codes(refused) == ["gone"]


def test_what_became_of_it_is_known_for_a_month(manager):
    export = take_made(manager)

    assert [ended_exports(export.ended_at + SHOWN + timedelta(seconds=more)).count() for more in (0, 1)] == [0, 1]
