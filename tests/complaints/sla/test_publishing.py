"""Promises change by new versions, with a right, a reason and nothing that makes no sense; what runs keeps what it began with."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import load_calendars
from complaints.models import ClockRun, SlaPolicy
from complaints.services.policies import newest_policies, publish_policies, publish_policy
from complaints.services.progress import begin_complaint
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.drafts import PolicyDraft
from complaints.sla.policies import forget_policies, read_policies
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db
WHY = {"reason": "大促"}


@pytest.fixture(autouse=True)
def _shipped(db):
    load_calendars()
    load_sla_defaults()
    forget_policies()
    yield
    forget_policies()


def draft_of(code: str, **changes) -> PolicyDraft:
    return replace(PolicyDraft.of(newest_policies()[code]), **changes)


def refusals(draft: PolicyDraft, version: int = 1) -> set[str]:
    with pytest.raises(RefusedError) as refused:
        publish_policy(draft, by=make_user("manager"), expected_version=version, **WHY)
    return {reason.code for reason in refused.value.reasons}


def test_a_published_version_counts_for_what_comes_next_and_says_who_and_why():
    manager = make_user("manager")

    policy = publish_policy(draft_of("vip", targets={"first": 10}), by=manager, expected_version=1, **WHY)

    assert (policy.version, policy.published_by, policy.reason, policy.targets) == (2, manager, "大促", {"first": 10})
    assert {each.code: each.version for each in read_policies()}["vip"] == 2
    assert SlaPolicy.objects.get(code="vip", version=1).targets == {"first": 15, "next": 30}


def test_a_version_that_lies_ahead_is_not_in_force_yet():
    tomorrow = timezone.now() + timedelta(days=1)

    publish_policy(draft_of("vip", targets={"first": 10}), by=make_user("manager"), expected_version=1, effective_from=tomorrow, **WHY)

    assert {each.code: each.version for each in read_policies()}["vip"] == 1
    assert newest_policies()["vip"].effective_from == tomorrow


def test_a_version_is_never_in_force_before_it_was_published():
    before = timezone.now()

    policy = publish_policy(
        draft_of("vip", rank=311), by=make_user("manager"), expected_version=1, effective_from=before - timedelta(days=30), **WHY
    )

    assert policy.effective_from >= before


@pytest.mark.parametrize("role", ["agent", "lead", "admin"])
def test_only_a_manager_publishes(role):
    with pytest.raises(NotAllowedError):
        publish_policy(draft_of("vip", rank=311), by=make_user(role), expected_version=1, **WHY)


def test_nobody_publishes_over_a_version_that_they_have_not_seen():
    publish_policy(draft_of("vip", rank=311), by=make_user("manager"), expected_version=1, **WHY)

    with pytest.raises(VersionConflictError):
        publish_policy(draft_of("vip", rank=312), by=make_user("manager"), expected_version=1, **WHY)


@pytest.mark.parametrize(
    ("code", "changes", "field"),
    [
        ("vip", {"condition": {"weather": ["rain"]}}, "condition"),
        ("vip", {"condition": {"tiers": []}}, "tiers"),
        ("vip", {"condition": {"tiers": ["gold-plated"]}}, "tiers"),
        ("vip", {"condition": {"min_risk": True}}, "min_risk"),
        ("vip", {"targets": {"first": 0}}, "first"),
        ("vip", {"targets": {"first": -5}}, "first"),
        ("vip", {"targets": {"third": 5}}, "targets"),
        ("vip", {"targets": {}}, "targets"),
        ("vip", {"calendar": "nowhere"}, "calendar"),
        ("vip", {"name_en": " "}, "name_en"),
        ("high", {"rank": None}, "rank"),
        ("high", {"rank": 100}, "rank"),
        ("high", {"rank": 950}, "rank"),
        ("high", {"targets": {"first": 60}}, "next"),
        ("standard", {"is_active": False}, "is_active"),
        ("standard", {"condition": {"priorities": [1]}}, "is_active"),
        ("standard", {"rank": 10}, "rank"),
    ],
)
def test_nonsense_is_refused_at_its_field(code, changes, field):
    assert field in refusals(draft_of(code, **changes))
    assert SlaPolicy.objects.filter(code=code).count() == 1


def test_a_change_needs_a_reason_and_something_that_changes():
    manager = make_user("manager")

    with pytest.raises(RefusedError) as refused:
        publish_policy(draft_of("vip", rank=311), by=manager, expected_version=1, reason=" ")
    assert refused.value.reasons[0].code == "reason"
    assert refusals(draft_of("vip")) == {"nothing_new"}


def test_several_policies_are_published_all_or_none():
    drafts = [draft_of("vip", rank=311), draft_of("high", rank=100)]

    with pytest.raises(RefusedError):
        publish_policies(drafts, by=make_user("manager"), expected={"vip": 1, "high": 1}, **WHY)

    assert SlaPolicy.objects.filter(version=2).count() == 0


def test_swapping_two_ranks_at_once_is_no_clash():
    drafts = [draft_of("urgent", rank=200), draft_of("high", rank=100)]

    publish_policies(drafts, by=make_user("manager"), expected={"urgent": 1, "high": 1}, **WHY)

    assert {each.code: each.rank for each in read_policies() if not each.is_overlay} == {"urgent": 200, "high": 100, "standard": 900}


@pytest.mark.parametrize("minutes", [1, 10_000])
def test_a_change_never_dates_a_promise_anew(minutes):
    agent = make_user()
    complaint = make_complaint()
    before = {run.kind: (run.due_at, run.promise_at) for run in ClockRun.objects.filter(complaint=complaint)}

    targets = {"first": minutes, "next": minutes, "resolution": minutes}
    publish_policy(draft_of("standard", targets=targets), by=make_user("manager"), expected_version=1, **WHY)
    forget_policies()
    complaint.assignee = agent
    complaint.save(update_fields=["assignee"])
    begin_complaint(complaint, by=agent)

    assert {run.kind: (run.due_at, run.promise_at) for run in ClockRun.objects.filter(complaint=complaint)} == before
