"""Work that nobody begins, or whose agent is gone, goes back; work that is begun stays."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Presence, User
from complaints.assignment import take_back
from complaints.assignment.claim import assign_waiting
from complaints.assignment.take_back import check_begun, take_back_after_shift, take_back_from_gone
from complaints.models import AssignmentRequest, Complaint, Decision, Outbox
from complaints.services import assign_complaint, post_note, post_reply
from tests.complaints.assignment.builders import assert_loads_are_right, assignee_of, load_of, make_agent, make_shift
from tests.complaints.test_concurrency import at_once
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def pass_time(complaint: Complaint, **duration: float) -> None:
    """Let so much time pass since the complaint was given: everything about that lies so much further back."""
    gone = timedelta(**duration)
    AssignmentRequest.objects.filter(complaint=complaint, check_at__isnull=False).update(check_at=F("check_at") - gone)
    Decision.objects.filter(complaint=complaint).update(at=F("at") - gone)
    names = ("filed_at", "due_at", "due_since", "unanswered_since")
    Complaint.objects.filter(pk=complaint.pk).update(**{name: F(name) - gone for name in names})


def give_one(**overrides) -> Complaint:
    complaint = make_complaint(**overrides)
    assert assign_waiting() == 1
    return complaint


def events_of(complaint: Complaint) -> list[str]:
    wanted = ("assigned", "reminded", "taken_back", "unassigned")
    return list(complaint.events.filter(kind__in=wanted).order_by("seq").values_list("kind", flat=True))


def request_of(complaint: Complaint) -> AssignmentRequest:
    return complaint.assignment_requests.latest("id")


def test_work_that_nobody_begins_is_reminded_of_and_then_taken_back():
    holder, other = make_agent(), make_agent(given=50)
    complaint = give_one()
    assert assignee_of(complaint) == holder

    pass_time(complaint, minutes=14)
    assert check_begun() == 0
    pass_time(complaint, minutes=1)
    assert check_begun() == 1
    assert (events_of(complaint), assignee_of(complaint)) == (["assigned", "reminded"], holder)
    pass_time(complaint, minutes=15)
    assert check_begun() == 1

    assert (events_of(complaint), assignee_of(complaint)) == (["assigned", "reminded", "taken_back"], None)
    assert load_of(holder) == 0
    assert assign_waiting() == 1
    assert assignee_of(complaint) == other
    assert_loads_are_right()


def test_what_was_taken_back_keeps_its_place_at_the_front():
    make_agent(), make_agent(given=50)
    complaint = give_one()
    first = request_of(complaint).rank_at

    for _half in range(2):
        pass_time(complaint, minutes=15)
        check_begun()

    assert request_of(complaint).state == "waiting"
    assert request_of(complaint).rank_at == first


@pytest.mark.parametrize("act", ["note", "reply", "begun before"])
def test_work_that_was_begun_is_left_alone(act):
    holder, _other = make_agent(), make_agent(given=50)
    complaint = give_one()
    if act == "note":
        post_note(complaint, body="打电话给仓库", by=User.objects.get(pk=holder.pk))
    else:
        post_reply(complaint, body="您好，正在核实。", by=User.objects.get(pk=holder.pk), expected_version=None)

    pass_time(complaint, minutes=60)
    check_begun()

    assert (events_of(complaint), assignee_of(complaint)) == (["assigned"], holder)
    assert request_of(complaint).check_at is None


def test_what_a_colleague_does_is_not_a_beginning():
    holder, other = make_agent(), make_agent(given=50)
    complaint = give_one()
    post_note(complaint, body="客户又来电", by=User.objects.get(pk=other.pk))

    pass_time(complaint, minutes=15)
    check_begun()

    assert (events_of(complaint), assignee_of(complaint)) == (["assigned", "reminded"], holder)


def test_work_given_by_hand_is_looked_at_as_well():
    lead, holder, other = make_user("lead"), make_agent(), make_agent()
    complaint = give_one()
    assign_complaint(complaint, to=other if assignee_of(complaint) == holder else holder, by=lead, expected_version=None)

    for _half in range(2):
        pass_time(complaint, minutes=15)
        check_begun()

    assert assignee_of(complaint) is None


def test_the_only_one_who_could_have_it_keeps_it():
    holder = make_agent()
    complaint = give_one()

    for _half in range(3):
        pass_time(complaint, minutes=15)
        assert check_begun() == 1

    assert (events_of(complaint), assignee_of(complaint)) == (["assigned", "reminded"], holder)
    assert request_of(complaint).check_at > timezone.now()


def test_the_only_one_does_not_keep_it_while_away():
    holder = make_agent()
    complaint = give_one()
    Presence.objects.filter(user=holder).update(state="away")

    for _half in range(2):
        pass_time(complaint, minutes=15)
        check_begun()

    assert assignee_of(complaint) is None
    Presence.objects.filter(user=holder).update(state="ready")
    assert assign_waiting() == 1
    assert assignee_of(complaint) == holder
    assert Outbox.objects.filter(complaint=complaint, node="assigned").count() == 1, "the customer hears of a new name only"


def test_two_sweeps_at_once_take_back_once(transactional_db):
    make_agent(), make_agent(given=50)
    complaint = give_one()
    for _half in range(2):
        pass_time(complaint, minutes=15)
        outcomes = at_once(*[check_begun] * 4)
        assert sum(outcomes) == 1

    assert events_of(complaint) == ["assigned", "reminded", "taken_back"]
    assert_loads_are_right()


def test_a_sweep_that_comes_a_moment_late_finds_nothing_to_do(monkeypatch):
    make_agent(), make_agent(given=50)
    complaint = give_one()
    pass_time(complaint, minutes=15)

    def lock_late(complaint_id):
        AssignmentRequest.objects.filter(complaint=complaint).update(check_at=timezone.now() + timedelta(minutes=15))
        return lock(complaint_id)

    lock = take_back._lock
    monkeypatch.setattr(take_back, "_lock", lock_late)

    assert check_begun() == 0
    assert events_of(complaint) == ["assigned"]


@pytest.mark.parametrize(
    ("presence", "is_taken"),
    [
        ({"state": "offline", "minutes": 14}, False),
        ({"state": "offline", "minutes": 16}, True),
        ({"state": "ready", "minutes": 16}, True),
        ({"state": "ready", "minutes": 14}, False),
        ({"state": "away", "minutes": 0}, False),
    ],
)
def test_unanswered_work_of_who_is_gone_goes_back_after_a_quarter_of_an_hour(presence, is_taken):
    holder = make_agent()
    complaint = give_one()
    pass_time(complaint, hours=1)
    left_at = timezone.now() - timedelta(minutes=presence["minutes"])
    Presence.objects.filter(user=holder).update(state=presence["state"], changed_at=left_at, heartbeat_at=left_at)

    assert take_back_from_gone() == is_taken

    assert (assignee_of(complaint) is None) == is_taken
    assert take_back_from_gone() == 0
    assert_loads_are_right()


def test_somebody_offline_at_an_open_desk_is_gone():
    holder = make_agent()
    complaint = give_one()
    pass_time(complaint, hours=1)
    Presence.objects.filter(user=holder).update(state="offline", changed_at=timezone.now() - timedelta(minutes=16))

    assert take_back_from_gone() == 1
    assert assignee_of(complaint) is None


def test_answered_work_of_who_is_gone_stays():
    holder = make_agent()
    complaint = give_one()
    post_reply(complaint, body="您好，正在核实。", by=User.objects.get(pk=holder.pk), expected_version=None)
    pass_time(complaint, hours=1)
    Presence.objects.filter(user=holder).update(heartbeat_at=timezone.now() - timedelta(hours=1))

    assert take_back_from_gone() == 0


def test_what_a_lead_gave_to_somebody_absent_waits_as_long():
    lead, holder = make_user("lead"), make_agent(silent_for=7200)
    complaint = make_complaint()
    pass_time(complaint, hours=1)
    assign_complaint(complaint, to=holder, by=lead, expected_version=None)

    assert take_back_from_gone() == 0
    pass_time(complaint, minutes=16)
    assert take_back_from_gone() == 1


def test_a_closed_account_keeps_nothing():
    holder = make_agent()
    complaint = make_complaint("waiting_customer", assignee=holder)
    User.objects.filter(pk=holder.pk).update(is_active=False)

    assert take_back_from_gone() == 1
    assert assignee_of(complaint) is None


@pytest.fixture
def planning():
    return make_team(plans_shifts=True)


@pytest.mark.parametrize(
    ("status", "shifts", "is_taken"),
    [
        ("open", [(-600, -1)], True),
        ("open", [(-600, 60)], False),
        ("open", [(-600, -1), (90, 600)], False),
        ("open", [(-600, -1), (150, 600)], True),
        ("waiting_customer", [(-600, -1)], True),
        ("waiting_customer", [(-600, -1), (900, 1400)], False),
        ("waiting_customer", [(-600, -1), (6000, 6400)], True),
    ],
)
def test_at_the_end_of_a_shift_rounds_go_back_and_what_waits_stays_with_who_returns_in_time(planning, status, shifts, is_taken):
    holder = make_agent(silent_for=300)
    complaint = make_complaint(status, assignee=holder)
    pass_time(complaint, hours=2)
    due_at = timezone.now() + timedelta(hours=48)
    Complaint.objects.filter(pk=complaint.pk).update(due_at=due_at)
    for shift in shifts:
        make_shift(holder, *shift)

    assert take_back_after_shift() == is_taken

    assert (assignee_of(complaint) is None) == is_taken
    assert take_back_after_shift() == 0
    assert_loads_are_right()


@pytest.mark.parametrize(("ended", "is_taken"), [(-14, False), (-16, True)])
def test_who_is_still_at_the_desk_may_finish(planning, ended, is_taken):
    holder = make_agent(shift=(-600, ended))
    complaint = make_complaint("open", assignee=holder)
    pass_time(complaint, hours=2)

    assert take_back_after_shift() == is_taken


def test_what_was_given_after_the_shift_stays(planning):
    holder = make_agent(silent_for=300, shift=(-600, -60))
    make_complaint("open", assignee=holder)

    assert take_back_after_shift() == 0


def test_without_planned_shifts_nobody_goes_home():
    holder = make_agent(silent_for=300, shift=(-600, -1))
    complaint = make_complaint("open", assignee=holder)
    pass_time(complaint, hours=2)

    assert take_back_after_shift() == 0


def test_the_owner_gets_it_back_in_the_next_shift(planning):
    owner, other = make_agent(silent_for=300), make_agent(state="away", shift=(-600, 600))
    shift = make_shift(owner, -600, -1)
    complaint = make_complaint("open", assignee=owner)
    pass_time(complaint, hours=2)
    take_back_after_shift()
    shift.delete()
    make_shift(owner, -1, 600)
    Presence.objects.filter(user__in=[owner, other]).update(state="ready", heartbeat_at=timezone.now())

    assert assign_waiting() == 1
    assert assignee_of(complaint) == owner
