"""Force majeure in a region: who may pause it, whom it strikes, how it ends, and that nothing follows twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from complaints.lifecycle import Status
from complaints.models import ClockRun, Complaint, RegionPause, RegionPauseRun
from complaints.services import ask_customer, bind_order, miss_answer, post_customer_message
from complaints.services.pauses import resume_clock
from complaints.services.regions import carry_out, end_region, pause_region, spread_region_pauses
from complaints.sla.regions import effect_of, provinces_of, struck_in
from config.clock_invariants import CLOCK_FAULTS
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, kinds
from tests.complaints.sla.builders import ANY, moment, run_of, runs_of
from tests.factories import make_category, make_complaint, make_merchant, make_order, make_team, make_user

Kind, State, Pause = ClockRun.Kind, ClockRun.State, ClockRun.Pause
STORM = "台风登陆，快递停运。"


@pytest.fixture
def lead(day):
    return make_user("lead")


def make_struck(status: str = Status.NEW, *, province: str = "福建", **fields) -> Complaint:
    return make_complaint(status, order=make_order(province=province), **fields)


def pause(lead, *provinces: str, until="2026-03-13 10:00", **fields) -> RegionPause:
    """A pause of three days unless told otherwise, carried out."""
    given = {"provinces": provinces or ("福建",), "reason": STORM, "until": moment(until), "by": lead} | fields
    row = pause_region(**given)
    carry_out(row)
    return row


def state_of(complaint: Complaint) -> tuple:
    run = run_of(complaint, Kind.RESOLUTION)
    return run.state, run.pause_reason


STILL, RUNS = (State.PAUSED, Pause.DISASTER), (State.RUNNING, "")


def test_the_solutions_of_a_region_stand_still_each_with_an_event_and_nothing_else_does(day, lead):
    struck, elsewhere, without_order = make_struck(), make_struck(province="广东"), make_complaint()

    row = pause(lead)

    assert [state_of(each) for each in (struck, elsewhere, without_order)] == [STILL, RUNS, RUNS]
    assert {run.state for run in runs_of(struck) if run.kind != Kind.RESOLUTION} == {State.RUNNING}
    event = struck.events.get(kind="clock.paused")
    assert (event.actor_id, event.codes["reason"], event.codes["region"]) == (lead.pk, "disaster", row.pk)
    assert event.codes["until"] == moment("2026-03-13 10:00").isoformat()


def test_it_ends_by_itself_at_the_moment_that_was_set(day, lead):
    struck = make_struck()
    day.later(hours=2)
    pause(lead)
    day.go(moment("2026-03-13 10:00") - timedelta(seconds=1))
    day.sweep()
    just_before = state_of(struck)
    day.later(seconds=1)
    day.sweep()
    spread_region_pauses()

    run = run_of(struck, Kind.RESOLUTION)
    assert (just_before, state_of(struck)) == (STILL, RUNS)
    assert run.due_at == run.promise_at == moment("2026-03-15 10:00")  # 24 hours: its first answer was missed meanwhile
    assert run.consumed_s == 2 * 3600
    assert clock_faults() == []


def test_it_is_ended_before_its_time_for_whatever_stands_still_by_it(day, lead):
    struck = make_struck()
    row = pause(lead)
    day.later(hours=3)
    carry_out(end_region(row, by=lead))

    assert run_of(struck, Kind.RESOLUTION).due_at == moment("2026-03-13 13:00")
    assert struck.events.get(kind="clock.resumed").actor_id == lead.pk
    assert (codes(struck, "clock.resumed")["region"], spread_region_pauses(), state_of(struck)) == (row.pk, 0, RUNS)
    with pytest.raises(RefusedError):
        end_region(row, by=lead)


def test_nothing_follows_twice_however_often_anybody_comes_by(day, lead):
    struck = make_struck()
    row = pause(lead)
    for _time in range(3):
        assert (carry_out(row), spread_region_pauses()) == (0, 0)

    assert kinds(struck).count("clock.paused") == 1
    joined = RegionPauseRun.objects.get(pause=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegionPauseRun.objects.create(pause=row, run=joined.run, joined_at=day.at)


def test_the_same_request_again_is_the_same_pause(day, lead):
    first, again = (pause(lead, request_id="one") for _time in range(2))

    assert first == again
    assert RegionPause.objects.count() == 1


def test_a_request_to_end_it_that_comes_twice_ends_it_once(day, lead):
    row = pause(lead)
    ended = [end_region(row, by=lead, request_id="end").ended_at for _time in range(2)]

    assert ended[0] == ended[1]


def test_what_was_missed_before_stays_missed(day, lead):
    struck = make_struck()
    day.go(moment("2026-03-13 11:00"))
    row = pause(lead, until="2026-03-14 10:00")  # nobody had swept
    missed = run_of(struck, Kind.RESOLUTION).missed_at
    carry_out(end_region(row, by=lead))

    run = run_of(struck, Kind.RESOLUTION)
    assert (missed, run.missed_at, run.due_at) == (moment("2026-03-13 10:00"),) * 3
    assert kinds(struck).count("clock.missed") >= 1


def test_what_is_filed_or_matched_or_goes_on_while_it_is_in_force_follows(day, lead, agent):
    asked = make_struck(Status.OPEN, assignee=agent)
    ask_customer(asked, body="请补充。", by=agent, **ANY)
    unmatched = make_complaint()
    pause(lead)
    waits = state_of(asked)
    day.later(hours=1)
    filed = make_struck()
    bind_order(unmatched, order=make_order(province="福建"), by=None, **ANY)
    post_customer_message(asked, body="补充。")
    moved = spread_region_pauses()

    assert (waits, moved) == ((State.PAUSED, Pause.CUSTOMER_INFO), 3)
    assert [state_of(each) for each in (filed, unmatched, asked)] == [STILL] * 3
    assert clock_faults() == []


def test_the_turn_of_the_customer_outlasts_a_pause_of_the_region(day, lead, agent):
    struck = make_struck(Status.OPEN, assignee=agent)
    row = pause(lead)
    ask_customer(struck, body="请补充。", by=agent, **ANY)
    stands = state_of(struck)
    carry_out(end_region(row, by=lead))
    after = state_of(struck)
    day.later(hours=72)
    miss_answer(struck)

    assert (stands, after, state_of(struck)) == (STILL, (State.PAUSED, Pause.CUSTOMER_INFO), RUNS)


def test_whoever_lets_one_go_on_is_not_overruled_and_not_paused_again_when_it_ends(day, lead, caplog):
    struck = make_struck()
    row = pause(lead)
    day.later(hours=1)
    resume_clock(struck, by=lead)

    assert (spread_region_pauses(), state_of(struck), caplog.text) == (0, RUNS, "")
    assert (carry_out(end_region(row, by=lead)), state_of(struck)) == (0, RUNS)


def test_where_two_pauses_meet_the_end_of_one_leaves_the_other(day, lead):
    struck = make_struck()
    first = pause(lead, "福建", "广东", until="2026-03-12 10:00")
    second = pause(lead, until="2026-03-11 10:00")
    carry_out(end_region(first, by=lead))
    spread_region_pauses()
    still = state_of(struck)
    carry_out(end_region(second, by=lead))

    assert (still, state_of(struck)) == (STILL, RUNS)


def test_what_is_over_is_left_alone(day, lead, agent):
    over = [make_struck(status, assignee=agent) for status in (Status.RESOLVED, Status.WITHDRAWN)]
    pause(lead)

    assert [kinds(each).count("clock.paused") for each in over] == [0, 0]


@pytest.mark.parametrize(
    ("role", "other_team", "other_shop", "follows"),
    [("lead", False, True, True), ("lead", True, False, False), ("manager", True, False, True), ("manager", True, True, False)],
)
def test_leads_pause_for_their_teams_and_managers_for_their_shops(day, role, other_team, other_shop, follows):
    category = make_category("refund.slow", team=make_team("refunds")) if other_team else make_category()
    merchant = make_merchant("other") if other_shop else make_merchant()
    struck = make_struck(category=category)
    Complaint.objects.filter(pk=struck.pk).update(merchant=merchant)
    person = make_user(role, shops=[make_merchant()])
    if role == "manager":
        Membership.objects.filter(user=person).delete()

    pause(person)

    assert state_of(struck) == (STILL if follows else RUNS)


def test_agents_pause_nothing_and_end_nothing(day, lead):
    row, agent = pause(lead), make_user()

    for act in (lambda: pause(agent), lambda: end_region(row, by=agent)):
        with pytest.raises(NotAllowedError):
            act()


def test_whoever_does_not_lead_all_of_it_does_not_end_it(day, lead):
    make_struck()
    manager, stranger = make_user("manager", shops=[make_merchant()]), make_user("manager", shops=[make_merchant("other")])
    for person in (manager, stranger):
        Membership.objects.filter(user=person).delete()
    row = pause(lead)

    with pytest.raises(NotAllowedError):
        end_region(row, by=stranger)
    assert end_region(row, by=manager).ended_by == manager


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("until", {"until": moment("2026-03-17 10:01")}),
        ("until", {"until": moment("2026-03-10 10:00")}),
        ("reason", {"reason": " "}),
        ("reason", {"reason": "风" * 201}),
        ("provinces", {"provinces": ()}),
    ],
)
def test_it_has_a_reason_provinces_and_an_end_within_seven_days(day, lead, field, given):
    with pytest.raises(RefusedError) as refused:
        pause_region(**{"provinces": ("福建",), "reason": STORM, "until": moment("2026-03-13 10:00"), "by": lead} | given)

    assert [reason.code for reason in refused.value.reasons] == [field]


def test_one_that_is_broken_keeps_no_other_from_it(day, lead, caplog):
    broken, whole = make_struck(), make_struck()
    Complaint.objects.filter(pk=broken.pk).update(head_seq=0)  # its next event collides

    pause(lead)

    assert [state_of(each) for each in (broken, whole)] == [RUNS, STILL]
    assert "one by one" in caplog.text


def test_many_are_paused_in_rounds(day, lead):
    for _each in range(5):
        make_struck()
    pause_region(provinces=["福建"], reason=STORM, until=moment("2026-03-13 10:00"), by=lead)

    assert [spread_region_pauses(limit=2) for _round in range(4)] == [2, 2, 1, 0]


def test_a_sweep_without_a_region_is_one_statement_and_a_batch_costs_no_more_for_ten(day, lead):
    def asked(act) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len([each for each in queries if "SAVEPOINT" not in each["sql"]])

    def batch(complaints: int) -> int:
        for _each in range(complaints):
            make_struck()
        return asked(spread_region_pauses)

    nothing = asked(spread_region_pauses)
    pause(lead)
    batch(1)
    few, many = batch(2), batch(12)

    assert (nothing, many) == (1, few)


def test_a_preview_counts_what_would_stand_still_and_dates_some_of_it(day, lead, agent):
    struck, missed = make_struck(), make_struck(filed_at=moment("2026-03-05 10:00"))
    day.sweep()
    make_struck(Status.WAITING_CUSTOMER, assignee=agent)
    day.later(hours=1)

    found = effect_of(struck_in(Complaint.objects.all(), ["福建"]), at=day.at, until=moment("2026-03-11 11:00"))

    assert (found.running, found.paused, found.missed) == (2, 1, 1)
    later = {shift.complaint.pk: shift.later_at for shift in found.sample}
    assert later == {struck.pk: moment("2026-03-14 10:00"), missed.pk: None}
    assert provinces_of(Complaint.objects.all()) == [("福建", 3)]
    assert state_of(struck) == RUNS


def clock_faults() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_FAULTS, {"late": 7 * 86400})
        return cursor.fetchall()
