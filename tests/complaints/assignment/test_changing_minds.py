"""While work is given out, people leave, lose a skill, a team or their shift: whoever gets it is eligible when it is committed.

Whoever changes what makes somebody eligible counts, right after their own commit, what that person has got. Nothing may be added
to that later: work is given either before the change or not at all.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import AgentSkill, Membership, Presence, Shift, User
from complaints.assignment.claim import assign_waiting, claim_next
from complaints.assignment.load import take_room
from complaints.models import Complaint, Decision
from foundation.exceptions import ReasonedError
from tests.complaints.assignment.builders import assert_loads_are_right, file_waiting, make_agent
from tests.complaints.test_concurrency import assert_whole, at_once
from tests.factories import make_category, make_team

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS, COMPLAINTS = 20, 200

CHANGES: dict[str, Callable[[User], object]] = {
    "presence": lambda agent: Presence.objects.filter(user=agent).update(state="away"),
    "account": lambda agent: User.objects.filter(pk=agent.pk).update(is_active=False),
    "skill": lambda agent: AgentSkill.objects.filter(user=agent, skill__code="quality").update(level=1),
    "skill gone": lambda agent: AgentSkill.objects.filter(user=agent, skill__code="quality").delete(),
    "team": lambda agent: Membership.objects.filter(user=agent).delete(),
    "shift": lambda agent: Shift.objects.filter(user=agent).delete(),
}
# What else is asked only of somebody who is given work in a language.
OF_SPEAKERS = CHANGES | {"language gone": lambda agent: AgentSkill.objects.filter(user=agent, skill__code="language-en").delete()}


def drain() -> int:
    given = 0
    while found := assign_waiting(limit=5):
        given += found
    return given


def given_to(agent: User) -> int:
    return Decision.objects.filter(winner=agent).count()


@pytest.fixture
def hard():
    return make_category("refund.counterfeit", team=make_team(plans_shifts=True), skill_code="quality", skill_level=2)


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_gets_work_after_the_change_that_made_them_ineligible(hard, change):
    """The first places go to whoever changes, because nobody else was given less."""
    changing = [make_agent(skills={"quality": 2}, shift=(-60, 600)) for _ in range(4)]
    make_agent(skills={"quality": 2}, shift=(-60, 600), capacity=1000, given=500)
    file_waiting(60, category=hard)
    going = threading.Event()

    def leave(agent: User) -> int:
        going.wait(timeout=10)
        CHANGES[change](agent)
        return given_to(agent)

    def work() -> int:
        going.set()
        return drain()

    outcomes = at_once(*[work] * 6, *[lambda agent=agent: leave(agent) for agent in changing])
    drain()

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert outcomes[6:] == [given_to(agent) for agent in changing]
    assert Complaint.objects.filter(assignee__isnull=True).count() == 0
    assert_loads_are_right()


def test_twenty_workers_and_changing_people_give_out_two_hundred_once_each(hard):
    luck = random.Random(7)
    agents = [
        make_agent(skills={"quality": luck.choice([1, 2, 3])}, shift=(-60, 600), capacity=luck.choice([23, 60, 100])) for _ in range(12)
    ]
    file_waiting(COMPLAINTS // 2, category=hard)
    file_waiting(COMPLAINTS // 2)
    flips = [(luck.choice(list(CHANGES)), agent) for agent in agents[:5]]

    def ask(agent: User) -> None:
        try:
            while claim_next(agent):
                continue
        except ReasonedError:
            return

    people = [lambda change=change, agent=agent: CHANGES[change](agent) for change, agent in flips]
    outcomes = at_once(*[drain] * WORKERS, *[lambda agent=agent: ask(agent) for agent in agents[5:8]], *people)
    drain()

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert Complaint.objects.alias(times=Count("decisions")).filter(times__gt=1).count() == 0
    for decision in Decision.objects.all():
        winner = decision.candidates[0]
        assert winner["agent"] == decision.winner_id
        assert winner["used"] + winner["weight"] <= winner["capacity"]
    assert_loads_are_right()
    assert_whole(*Complaint.objects.all())


@contextmanager
def impatient() -> Iterator[None]:
    """A transaction that waits for nobody's rows for long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        yield


@pytest.fixture
def skilled(hard):
    """Somebody who may take hard work, and what is asked of them."""
    agent = make_agent(skills={"quality": 2, "language-en": 1}, shift=(-60, 600))
    terms = {"team": hard.team_id, "skill": "quality", "level": 2, "tongue": "language-en", "minutes": 15}
    return agent, partial(take_room, agent.pk, 5, at=timezone.now(), terms=terms)


@pytest.mark.parametrize("change", OF_SPEAKERS)
def test_a_change_waits_for_the_commit_of_who_gives_work(skilled, change):
    agent, take = skilled

    def try_to_change() -> None:
        with impatient():
            OF_SPEAKERS[change](agent)

    with transaction.atomic():
        assert take() == 0
        (outcome,) = at_once(try_to_change)

    assert isinstance(outcome, OperationalError)
    OF_SPEAKERS[change](agent)
    assert take() is None


@pytest.mark.parametrize("change", OF_SPEAKERS)
def test_who_gives_work_waits_for_a_change_that_is_about_to_be_made(skilled, change):
    agent, take = skilled

    def try_to_take() -> int | None:
        with impatient():
            return take()

    with transaction.atomic():
        OF_SPEAKERS[change](agent)
        (outcome,) = at_once(try_to_take)

    assert isinstance(outcome, OperationalError)
