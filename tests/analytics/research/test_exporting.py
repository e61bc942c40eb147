"""An export: asked for with a reason, made period by period, each period published once and never in two ways."""

import csv
import io
import json
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import AccessLog
from analytics.ledger.filling import fill_from_complaints
from analytics.models import Arrival, ResearchCohort, ResearchExport, ResearchPage
from analytics.research import exporting, publishing
from analytics.research.columns import NAMES, QUASI, hierarchies_of
from analytics.research.exporting import ask_export, cohorts_of, work_due
from analytics.research.files import DICTIONARY, READMES, ROWS, describe, write_file
from analytics.research.ledger import is_ledger_behind
from analytics.research.reading import read_matters
from complaints.models import Event, EventFeed
from foundation.events import sequence_feed
from foundation.exceptions import NotAllowedError, RefusedError
from foundation.leases import MAX_CRASHES
from tests.analytics.research.builders import FEBRUARY, JANUARY, make_arrivals, make_wish
from tests.complaints.builders import later
from tests.factories import make_complaint, make_merchant, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return make_merchant()


@pytest.fixture
def manager(shop):
    return make_user("manager", shops=[shop])


def make_export(shop, by=None, **overrides) -> ResearchExport:
    """An export that has been asked for and made."""
    export = ask_export(make_wish(**overrides), merchants=[shop], by=by, reason="毕业论文")
    while work_due():
        continue
    export.refresh_from_db()
    return export


def text_of(name: str, export: ResearchExport) -> str:
    return "".join(write_file(name, export, cohorts_of(export)))


def rows_of(export: ResearchExport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(ROWS, export).removeprefix("\ufeff"))))


def codes(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


# ----- what is in the file


def test_every_row_looks_like_at_least_k_others_in_what_others_may_know(shop):
    make_arrivals(200)

    rows = rows_of(make_export(shop))

    alike = Counter(tuple(row[name] for name in QUASI) for row in rows)
    assert (len(rows), min(alike.values()) >= 5, len(alike) > 5) == (200, True, True)


def test_who_joins_the_file_with_the_original_rows_finds_at_least_k(shop):
    arrivals = make_arrivals(150)
    published = [tuple(row[name] for name in ("province", "channel", "category", "goods")) for row in rows_of(make_export(shop))]
    ways = dict(zip(QUASI, hierarchies_of("month"), strict=True))

    def fits(row, known) -> bool:
        pairs = zip(row, known, ("province", "channel", "category", "goods"), strict=True)
        return all(value in {ways[name].climb(leaf, level) for level in range(ways[name].top + 1)} for value, leaf, name in pairs)

    known = {(publishing_leaf(each), each.channel, each.category, each.sku) for each in arrivals}
    assert min(sum(fits(row, each) for row in published) for each in known) >= 5


def publishing_leaf(arrival: Arrival) -> str:
    codes = {"广东省": "CN-GD", "广西壮族自治区": "CN-GX", "北京市": "CN-BJ", "上海市": "CN-SH"}
    return codes.get(arrival.province, "")


def test_no_value_stands_outside_its_hierarchy(shop):
    make_arrivals(150)
    ways = dict(zip(QUASI, hierarchies_of("month"), strict=True))
    leaves = [dict(zip(NAMES, row, strict=True)) for row in read_matters(shop, JANUARY, date(2026, 1, 31))]

    rows = rows_of(make_export(shop))

    for name in QUASI:
        allowed = {ways[name].climb(leaf[name], level) for leaf in leaves for level in range(ways[name].top + 1)}
        assert {row[name] for row in rows} <= allowed


def test_nothing_in_the_files_names_a_row_or_a_member_of_the_staff(shop, manager):
    first = make_arrivals(60, agent=manager.pk)[0]
    export = make_export(shop)

    assert not {str(first.root_id), str(manager.pk), "不知道的地方"} & {value for row in rows_of(export) for value in row.values()}
    assert "不知道的地方" not in "".join(ResearchPage.objects.values_list("body", flat=True)) + json.dumps(
        list(ResearchCohort.objects.values_list("codes", flat=True)), ensure_ascii=False
    )


def test_the_order_of_rows_is_not_that_of_the_complaints(shop):
    make_arrivals(120, frt_s=None)
    Arrival.objects.filter(root_id__in=Arrival.objects.order_by("root_id").values("root_id")[:60]).update(frt_s=30)

    first_half = [row["response"] for row in rows_of(make_export(shop))][:60]

    assert 10 < first_half.count("0-3min") < 50


def test_cells_that_a_spreadsheet_would_run_are_made_text(shop):
    make_arrivals(20, sku="=1+1")

    assert {row["goods"] for row in rows_of(make_export(shop))} == {"'=1+1"}


def test_only_the_chosen_columns_are_in_the_file(shop):
    make_arrivals(40)

    export = make_export(shop, columns=("outcome", "period"))

    assert (list(rows_of(export)[0]), export.columns) == (["period", "outcome"], ["period", "outcome"])


def test_left_out_and_merged_complaints_are_no_rows(shop):
    make_arrivals(30)
    make_arrivals(3, arrived=0, excluded="spam")

    assert make_export(shop).row_count == 30


def test_the_dictionary_counts_what_the_rows_show(shop):
    make_arrivals(100)
    export = make_export(shop)

    about = json.loads(text_of(DICTIONARY, export))

    assert (about["rows"], about["suppressed"], about["k"], about["smallest_class"] >= 5) == (100, 0, 5, True)
    assert [each["name"] for each in about["columns"]] == list(NAMES)
    assert {sum(level["rows"] for level in each["levels"]) for each in about["columns"] if "levels" in each} == {100}


def test_the_pages_for_the_researcher_say_whose_copy_it_is_and_why(shop, manager):
    make_arrivals(30)
    export = make_export(shop, by=manager)

    for name in READMES:
        text = text_of(name, export)
        assert (manager.name in text, "毕业论文" in text, export.digest in text) == (True, True, True)


def test_l_keeps_every_class_from_giving_one_outcome_away(shop):
    make_arrivals(200)

    rows = rows_of(make_export(shop, l=2))

    kinds = {}
    for row in rows:
        kinds.setdefault(tuple(row[name] for name in QUASI), set()).add(row["outcome"])
    assert min(map(len, kinds.values())) >= 2


# ----- published once


def test_a_second_export_of_a_period_is_the_same_to_the_byte(shop):
    make_arrivals(80)
    first = make_export(shop)
    Arrival.objects.update(solved=1)
    make_arrivals(20)

    second = make_export(shop)

    assert (text_of(ROWS, second), second.digest) == (text_of(ROWS, first), first.digest)


def test_a_longer_export_takes_up_what_is_published_and_adds_the_rest(shop):
    make_arrivals(80)
    make_arrivals(80, month=FEBRUARY)
    short = Counter(tuple(row.values()) for row in rows_of(make_export(shop)))

    whole = make_export(shop, last=date(2026, 2, 28))

    assert short <= Counter(tuple(row.values()) for row in rows_of(whole))
    assert (ResearchCohort.objects.count(), whole.row_count, whole.period_count) == (2, 160, 2)


def test_fewer_columns_of_a_published_period_are_the_same_rows(shop):
    make_arrivals(80)
    whole = Counter(row["province"] for row in rows_of(make_export(shop)))

    assert Counter(row["province"] for row in rows_of(make_export(shop, columns=("province",)))) == whole


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"k": 6}, "low_k"),
        ({"l": 2}, "low_l"),
        ({"last": date(2026, 3, 31), "step": "quarter"}, "apart"),
    ],
)
def test_what_is_published_is_not_published_again_in_another_way(shop, wanted, code):
    make_arrivals(80)
    make_export(shop)

    with pytest.raises(RefusedError) as refused:
        ask_export(make_wish(**wanted), merchants=[shop], by=None, reason="again")

    assert (codes(refused), ResearchCohort.objects.count()) == ([code], 1)


def test_a_part_of_a_published_quarter_cannot_be_taken(shop):
    make_arrivals(80)
    make_export(shop, last=date(2026, 3, 31), step="quarter")

    with pytest.raises(RefusedError) as refused:
        ask_export(make_wish(), merchants=[shop], by=None, reason="one month")

    assert codes(refused) == ["straddles"]


def test_two_workers_publish_a_period_once(shop):
    make_arrivals(80)
    export = ask_export(make_wish(), merchants=[shop], by=None, reason="thesis")
    period = exporting._periods_of(export)[0]

    first = publishing.publish_period(period, k=5)
    second = publishing.publish_period(period, k=5)

    assert (first, ResearchCohort.objects.count()) == (second, 1)


def test_the_database_keeps_one_period_for_a_beginning(shop):
    make_arrivals(30)
    cohort = cohorts_of(make_export(shop))[0]
    cohort.pk = None

    with pytest.raises(IntegrityError):
        cohort.save()


# ----- refusals


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"k": 2}, "k_too_small"),
        ({"columns": ("phone",)}, "no_columns"),
        ({"last": date(2025, 12, 31)}, "backwards"),
        ({"first": date(2026, 1, 5)}, "not_whole"),
        ({"step": "quarter"}, "not_whole"),
        ({"last": timezone.localdate()}, "not_closed"),
    ],
)
def test_what_cannot_be_is_refused_at_once(shop, wanted, code):
    with pytest.raises(RefusedError) as refused:
        ask_export(make_wish(**wanted), merchants=[shop], by=None, reason="thesis")

    assert codes(refused)[0] == code


def test_a_reason_is_needed(shop, manager):
    with pytest.raises(RefusedError) as refused:
        ask_export(make_wish(), merchants=[shop], by=manager, reason=" x ")

    assert codes(refused) == ["no_reason"]


@pytest.mark.parametrize("role", ["agent", "lead", "finance", "admin", "warehouse"])
def test_only_managers_export(shop, role):
    with pytest.raises(NotAllowedError):
        ask_export(make_wish(), merchants=[shop], by=make_user(role, shops=[shop]), reason="thesis")


def test_a_manager_takes_no_shop_of_others(manager):
    with pytest.raises(RefusedError) as refused:
        ask_export(make_wish(), merchants=[make_merchant("other")], by=manager, reason="thesis")

    assert codes(refused) == ["no_shop"]


def test_one_export_at_a_time_for_each_person(shop, manager):
    ask_export(make_wish(), merchants=[shop], by=manager, reason="thesis")

    with pytest.raises(RefusedError) as refused:
        ask_export(make_wish(), merchants=[shop], by=manager, reason="thesis")

    assert codes(refused) == ["under_way"]


def test_too_few_complaints_are_refused_and_nothing_is_published(shop):
    make_arrivals(4)

    export = make_export(shop)

    assert (export.state, export.why, export.about) == ("refused", "too_few", {"name": "2026-01", "suppressed": 4, "total": 4})
    assert not ResearchCohort.objects.exists()


def test_a_level_that_too_few_share_is_refused_with_the_column_to_coarsen(shop):
    make_arrivals(40, province="广东省")
    make_arrivals(4, province="北京市")

    export = make_export(shop, floors={"province": 0})

    assert (export.why, export.about["column"], export.about["suppressed"]) == ("too_rare", "province", 4)


def test_what_is_too_rare_for_a_level_is_left_out_and_counted(shop):
    make_arrivals(96, province="广东省")
    make_arrivals(4, province="北京市")

    export = make_export(shop, floors={"province": 0})

    assert (export.state, export.row_count, export.suppressed_count) == ("done", 96, 4)
    assert describe(export, cohorts_of(export))["suppressed_permille"] == 40


def test_an_empty_month_is_an_empty_file(shop):
    export = make_export(shop)

    assert (export.state, export.row_count, rows_of(export)) == ("done", 0, [])


# ----- the job


def test_asking_leaves_a_row_in_the_access_log(shop, manager):
    export = ask_export(make_wish(), merchants=[shop], by=manager, reason="毕业论文", network="10.0.0.1")

    entry = AccessLog.objects.get()
    assert (entry.actor, entry.act, entry.subject_id, entry.reason, entry.network) == (manager, "export", export.pk, "毕业论文", "10.0.0.1")


def test_each_step_publishes_one_period(shop):
    make_arrivals(30)
    make_arrivals(30, month=FEBRUARY)
    export = ask_export(make_wish(last=date(2026, 2, 28)), merchants=[shop], by=None, reason="thesis")

    seen = []
    while work_due():
        export.refresh_from_db()
        seen.append((export.state, export.done_count, ResearchCohort.objects.count()))

    assert seen == [("running", 1, 1), ("running", 2, 2), ("done", 2, 2)]


def test_nothing_is_published_from_a_ledger_that_is_behind(shop):
    make_arrivals(30)
    make_complaint()
    export = ask_export(make_wish(), merchants=[shop], by=None, reason="thesis")

    with later(hours=1):
        work_due()

    export.refresh_from_db()
    assert (export.state, export.next_at > timezone.now(), ResearchCohort.objects.exists()) == ("running", True, False)


def test_a_ledger_that_has_read_everything_is_not_behind(shop):
    make_complaint()
    late = timezone.now() + timedelta(hours=1)
    before = is_ledger_behind(late)

    while sequence_feed(Event, EventFeed) or fill_from_complaints():
        continue

    assert (before, is_ledger_behind(late)) == (True, False)


def test_an_export_that_kills_its_worker_is_given_up(shop):
    export = ask_export(make_wish(), merchants=[shop], by=None, reason="thesis")
    ResearchExport.objects.filter(pk=export.pk).update(attempts=MAX_CRASHES)

    work_due()

    export.refresh_from_db()
    assert (export.state, export.why) == ("refused", "crashed")
