"""A missed clock is left out of the figures by somebody who did not miss it, with a reason, and counts again by a second word."""

from datetime import timedelta

import pytest

from complaints.lifecycle import Status
from complaints.models import Complaint, LegalRule
from complaints.services import assign_complaint
from complaints.services.external import note_external
from complaints.services.waiving import LONGEST_WORDS, count_target, waive_target
from foundation.events import find_break
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.complaints.builders import codes, fresh, kinds
from tests.complaints.sla.builders import run_of
from tests.factories import make_complaint, make_merchant, make_team, make_user

WHY = {"cause": "outage", "reason": "两小时停电"}


@pytest.fixture
def lead(day):
    return make_user("lead", shops=[make_merchant()])


@pytest.fixture
def missed(day) -> Complaint:
    complaint = make_complaint(assignee=make_user())
    miss(day)
    return fresh(complaint)


def miss(day) -> None:
    day.later(hours=30)
    day.sweep()


def first_of(complaint: Complaint) -> int:
    return run_of(complaint, "first").pk


def test_a_lead_leaves_out_a_missed_clock_with_a_reason_and_their_name(missed, lead):
    waive_target(missed, run=first_of(missed), by=lead, **WHY)

    noted = codes(missed, "clock.excluded")
    assert (noted["run"], noted["kind"], noted["reason"], noted["approver"]) == (first_of(missed), "first", "outage", lead.pk)
    assert run_of(missed, "first").missed_at is not None


def test_the_chain_holds_the_decision_and_its_return(missed, lead):
    waive_target(missed, run=first_of(missed), by=lead, **WHY)
    count_target(missed, run=first_of(missed), reason="doch zu spät", by=lead)

    now = fresh(missed)
    assert kinds(missed)[-2:] == ["clock.excluded", "clock.included"]
    assert find_break(missed.events.order_by("seq"), head_seq=now.head_seq, head_hash=now.head_hash) is None


@pytest.mark.parametrize(("role", "may"), [("agent", False), ("lead", True), ("manager", True), ("warehouse", False), ("finance", False)])
def test_only_leads_and_managers_leave_out_and_count_again(missed, role, may):
    person = make_user(role, shops=[make_merchant()])
    acts = [lambda: waive_target(missed, run=first_of(missed), by=person, **WHY),
            lambda: count_target(missed, run=first_of(missed), reason="x", by=person)]  # fmt: skip

    for act in acts:
        if may:
            assert act()
        else:
            with pytest.raises(NotAllowedError):
                act()


def test_a_lead_of_another_team_has_no_say(missed):
    with pytest.raises(NotAllowedError):
        waive_target(missed, run=first_of(missed), by=make_user("lead", teams=[make_team("repairs")]), **WHY)


def test_a_lead_does_not_excuse_what_they_have_themselves(day, lead):
    complaint = make_complaint(assignee=lead)
    miss(day)

    with pytest.raises(NotAllowedError):
        waive_target(complaint, run=first_of(complaint), by=lead, **WHY)


def test_a_lead_does_not_excuse_what_they_had_when_it_was_missed(day, lead):
    complaint = make_complaint(assignee=lead)
    miss(day)
    assign_complaint(complaint, to=make_user(), by=make_user("lead"), expected_version=None)

    with pytest.raises(NotAllowedError):
        waive_target(complaint, run=first_of(complaint), by=lead, **WHY)


@pytest.mark.parametrize("status", sorted(Status))
def test_a_miss_is_excused_in_every_state(day, lead, status):
    complaint = make_complaint(status)
    run = complaint.clock_runs.order_by("pk").first() or complaint.merged_into.clock_runs.order_by("pk").first()
    complaint.clock_runs.filter(pk=run.pk).update(missed_at=day.at)

    if run.complaint_id == complaint.pk:
        assert waive_target(complaint, run=run.pk, by=lead, **WHY)
    else:
        with pytest.raises(RefusedError):
            waive_target(complaint, run=run.pk, by=lead, **WHY)


def test_an_erased_complaint_keeps_its_figures(missed, lead, day):
    Complaint.objects.filter(pk=missed.pk).update(erased_at=day.at)

    with pytest.raises(RefusedError):
        waive_target(missed, run=first_of(missed), by=lead, **WHY)


def test_only_what_was_missed_is_left_out(day, lead):
    complaint = make_complaint()

    with pytest.raises(RefusedError):
        waive_target(complaint, run=first_of(complaint), by=lead, **WHY)


def test_the_clock_of_another_complaint_is_not_left_out_here(missed, lead):
    with pytest.raises(RefusedError):
        waive_target(make_complaint(), run=first_of(missed), by=lead, **WHY)


@pytest.mark.parametrize("words", [{"cause": "lunch"}, {"cause": ""}, {"reason": " "}, {"reason": "啊" * (LONGEST_WORDS + 1)}])
def test_a_reason_is_chosen_and_said(missed, lead, words):
    with pytest.raises(RefusedError):
        waive_target(missed, run=first_of(missed), by=lead, **(WHY | words))


def test_what_is_left_out_is_not_left_out_again(missed, lead):
    waive_target(missed, run=first_of(missed), by=lead, **WHY)

    with pytest.raises(RefusedError):
        waive_target(missed, run=first_of(missed), by=lead, **WHY)


def test_what_counts_is_not_counted_again(missed, lead):
    with pytest.raises(RefusedError):
        count_target(missed, run=first_of(missed), reason="x", by=lead)


def test_what_counts_again_may_be_left_out_again(missed, lead):
    waive_target(missed, run=first_of(missed), by=lead, **WHY)
    count_target(missed, run=first_of(missed), reason="x", by=lead)

    waive_target(missed, run=first_of(missed), by=lead, **WHY)

    assert kinds(missed).count("clock.excluded") == 2


def test_a_request_sent_twice_leaves_out_once(missed, lead):
    for _time in range(2):
        waive_target(missed, run=first_of(missed), by=lead, request_id="r1", **WHY)

    assert kinds(missed).count("clock.excluded") == 1


def test_a_decision_on_an_old_view_is_refused(missed, lead):
    with pytest.raises(VersionConflictError):
        waive_target(missed, run=first_of(missed), by=lead, expected_version=missed.version - 1, **WHY)


@pytest.mark.parametrize(("role", "may"), [("lead", False), ("manager", True)])
def test_a_deadline_of_the_law_is_for_a_manager(day, role, may):
    rule = LegalRule.objects.create(code="x", platform="12315", name_zh="答复", amount=24, source="办法第 8 条")
    complaint = make_complaint()
    note_external(complaint, rule=rule, external_no="8831", received_at=day.at, due_at=day.at + timedelta(hours=2), by=None)
    miss(day)
    run = complaint.clock_runs.get(external__isnull=False)
    person = make_user(role, shops=[make_merchant()])

    if may:
        assert waive_target(complaint, run=run.pk, by=person, **WHY)
    else:
        with pytest.raises(NotAllowedError):
            waive_target(complaint, run=run.pk, by=person, **WHY)
