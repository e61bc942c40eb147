"""Assignment as a state machine: whatever happens in whatever order, work is where it belongs and is counted right."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import AgentSkill, Presence, Shift, User
from complaints.assignment.agents import read_agents
from complaints.assignment.candidates import BARS, Need, bars_against, judge, winner_of
from complaints.assignment.claim import assign_waiting, claim_next
from complaints.assignment.load import find_wrong_loads
from complaints.assignment.take_back import check_begun, take_back_after_shift, take_back_from_gone
from complaints.chat.sessions import accept_chat, decline_offer, end_chat, leave_queue, start_chat
from complaints.lifecycle import LIVE
from complaints.models import AssignmentRequest, ChatSession, Complaint, Decision
from complaints.services import assign_complaint, post_customer_message, post_reply, release_complaint, resolve_complaint
from foundation.exceptions import ReasonedError
from tests.complaints.assignment.builders import make_agent, make_shift
from tests.factories import make_category, make_complaint, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
PLACES = st.integers(0, 3)
PICKS = st.integers(0, 50)


class Assignment(RuleBasedStateMachine):
    """Four agents of a team that plans shifts; two of them have the skill."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        team = make_team(plans_shifts=True)
        self.hard = make_category("refund.counterfeit", team=team, skill_code="quality", skill_level=2)
        self.lead = make_user("lead")
        rooms, skills = [12, 60, 35, 100], [{}, {"quality": 2}, {"quality": 3}, {}]
        self.agents = [make_agent(capacity=room, skills=skill, shift=(-60, 600)) for room, skill in zip(rooms, skills, strict=True)]

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def agent(self, place: int) -> User:
        return User.objects.get(pk=self.agents[place].pk)

    def one_of(self, rows, pick: int):
        found = list(rows.order_by("pk"))
        return found[pick % len(found)] if found else None

    def attempt(self, act, *args, **options) -> None:
        try:
            with transaction.atomic():
                act(*args, **options)
        except ReasonedError:
            return

    @rule(priority=st.integers(0, 3), is_hard=st.booleans())
    def file(self, priority, is_hard):
        make_complaint(priority=priority, **({"category": self.hard} if is_hard else {}))

    @rule(pick=PICKS)
    def talk(self, pick):
        complaint = self.one_of(Complaint.objects.filter(status__in=LIVE), pick)
        if complaint is not None:
            self.attempt(start_chat, complaint, body="请问到哪了")

    @rule(pick=PICKS, verb=st.sampled_from(["accept", "decline", "end", "leave"]))
    def go_on_talking(self, pick, verb):
        session = self.one_of(ChatSession.objects.filter(state__in=ChatSession.LIVE).select_related("complaint"), pick)
        if session is None:
            return
        acts = {"accept": (accept_chat, {"by": session.agent}), "decline": (decline_offer, {}), "end": (end_chat, {"as_customer": True})}
        act, options = acts.get(verb, (leave_queue, {}))
        if verb != "accept" or session.agent is not None:
            self.attempt(act, session, **options)

    @rule(place=PLACES, state=st.sampled_from(Presence.State.values), silent_for=st.sampled_from([0, 30, 70, 4000]))
    def change_presence(self, place, state, silent_for):
        at = timezone.now() - timedelta(seconds=silent_for)
        Presence.objects.filter(user=self.agents[place]).update(state=state, heartbeat_at=at, changed_at=at)

    @rule(place=PLACES, shift=st.sampled_from([(-60, 600), (-60, 5), (-60, -1), (30, 600), None]), is_leave=st.booleans())
    def change_shift(self, place, shift, is_leave):
        Shift.objects.filter(user=self.agents[place]).delete()
        if shift is not None:
            make_shift(self.agents[place], *shift, is_leave=is_leave)

    @rule(place=st.integers(1, 2), level=st.integers(1, 3))
    def change_skill(self, place, level):
        AgentSkill.objects.filter(user=self.agents[place]).update(level=level)

    @rule(place=PLACES)
    def ask_for_next(self, place):
        self.attempt(claim_next, self.agent(place))

    @rule(pick=PICKS, place=PLACES, reason=st.sampled_from(["", "只有他认识"]))
    def give(self, pick, place, reason):
        complaint = self.one_of(Complaint.objects.filter(status__in=LIVE), pick)
        if complaint is not None:
            self.attempt(assign_complaint, complaint, to=self.agent(place), by=self.lead, expected_version=None, reason=reason)

    @rule(pick=PICKS, verb=st.sampled_from(["reply", "release", "resolve", "customer"]))
    def work(self, pick, verb):
        complaint = self.one_of(Complaint.objects.exclude(assignee=None).select_related("assignee"), pick)
        if complaint is None:
            return
        by = {"by": complaint.assignee, "expected_version": None}
        acts = {
            "reply": (post_reply, {"body": "正在核实", **by}),
            "release": (release_complaint, by),
            "resolve": (resolve_complaint, {**SOLVED, **by}),
            "customer": (post_customer_message, {"body": "还没有收到"}),
        }
        act, options = acts[verb]
        self.attempt(act, complaint, **options)

    @rule(minutes=st.sampled_from([5, 20, 60]))
    def wait(self, minutes):
        gone = timedelta(minutes=minutes)
        AssignmentRequest.objects.filter(check_at__isnull=False).update(check_at=F("check_at") - gone)
        AssignmentRequest.objects.filter(sticky_until__isnull=False).update(sticky_until=F("sticky_until") - gone)
        Decision.objects.update(at=F("at") - gone)
        Complaint.objects.update(unanswered_since=F("unanswered_since") - gone, filed_at=F("filed_at") - gone)

    @rule()
    def take_back(self):
        check_begun()
        take_back_from_gone()
        take_back_after_shift()

    @rule()
    def assign(self):
        last = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        assign_waiting()
        for decision in Decision.objects.filter(pk__gt=last).select_related("complaint__category", "complaint__customer"):
            row, need = decision.candidates[0], Need.of(decision.complaint)
            (agent,) = read_agents(user_ids=[decision.winner_id])
            owner = Need.of(decision.complaint, owner_id=agent.id)
            assert row["used"] + row["weight"] <= row["capacity"], "given beyond the cap"
            assert bars_against(agent, owner, among=BARS.keys() - {"full", "language"}) == [], "given to somebody who could not take it"
            assert need.team_id in agent.team_ids
        assert not waiting_in_vain(), "left waiting although somebody could take it"

    @invariant()
    def every_load_is_the_sum_of_what_is_held(self):
        assert find_wrong_loads() == []

    @invariant()
    def what_waits_is_in_the_queue_once_and_what_is_held_is_not(self):
        waiting = AssignmentRequest.objects.filter(state="waiting")
        alone = Complaint.objects.filter(status__in=LIVE, assignee=None)
        assert set(waiting.filter(complaint__assignee=None).values_list("complaint", flat=True)) == set(alone.values_list("pk", flat=True))
        assert not waiting.filter(complaint__assignee__isnull=False, chat=None).exists()
        assert not waiting.exclude(complaint__status__in=LIVE).exists()

    @invariant()
    def whoever_waits_to_talk_is_in_the_queue(self):
        queued = ChatSession.objects.filter(state="queued", agent=None, complaint__status__in=LIVE)
        assert not queued.exclude(assignment_requests__state="waiting").exists()


def waiting_in_vain() -> list[Complaint]:
    requests = AssignmentRequest.objects.filter(state="waiting").exclude(blocked_by__in=["held", "kept"])
    asked = requests.select_related("complaint__category", "complaint__customer")
    needs = [(request.complaint, Need.of(request.complaint, request)) for request in asked]
    return [complaint for complaint, need in needs if winner_of(judge(read_agents(team_ids=[need.team_id]), need))]


def test_work_is_always_where_it_belongs():
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
    limits = settings(max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=checks)

    run_state_machine_as_test(Assignment, settings=limits)
