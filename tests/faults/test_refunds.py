"""F14 to F17 in a whole house: whatever dies or lies between us and the payment provider, money moves once and both books agree."""

import json
import os

import pytest

from config.environment import read_trial_values
from tests.faults.harness import kill_all
from tests.stack import wait_for
from workflows.demo_gateway.loopback import call, loopback_place
from workflows.demo_gateway.signing import seal

# The builders count from 1 in every process; here each goes on where no other one was.
MAKE = """
from random import randrange
from itertools import count
from tests import factories
from tests.workflows import builders
factories._numbers = builders._numbers = count(randrange(10**9))
from tests.workflows.settling.builders import decide, make_owed
for _number in range({number}):
    [refund] = decide(make_owed(auto_limit=9900))
    print("made", refund.pk)
"""
OPEN = "SELECT id FROM workflows_refund WHERE id = ANY(%s) AND state NOT IN ('succeeded', 'failed', 'bounced')"
STATES = "SELECT DISTINCT state FROM workflows_refund WHERE id = ANY(%s)"
# As if the pauses between questions, and the leases of the dead, were over.
PASS_TIME = """
    UPDATE workflows_refund SET next_at = now(), submitted_at = submitted_at - interval '1 hour'
    WHERE id = ANY(%s) AND state IN ('submitting', 'unknown', 'processing') RETURNING 1
"""
BREATHE = "UPDATE workflows_gatewayhealth SET paused_until = NULL RETURNING 1"
MIXED = {"ok_but_drop_reply": 0.2, "500_then_ok": 0.2, "processing:2": 0.2, "duplicate_webhook:5": 0.2, "absent_then_lands:0": 0.1}


@pytest.fixture
def plan(proving):
    """Puts faults in force at the house's own provider; none afterwards."""
    values = read_trial_values(proving.stack.data)
    place = loopback_place(values["BIHUAN_GATEWAY_DEMO_URL"])

    def put(**plan) -> None:
        body = json.dumps(plan).encode()
        headers = seal(values["BIHUAN_GATEWAY_DEMO_SECRET"], "request", "PUT", "/_control/faults", body=body)
        assert call(place, "PUT", "/_control/faults", body=body, headers=headers, seconds=30).status == 200

    yield put
    put()


def make_refunds(proving, number: int) -> list[int]:
    made = proving.stack.manage("shell", "-v0", "-c", MAKE.format(number=number))
    assert made.returncode == 0, made.stderr
    return [int(line.split()[1]) for line in made.stdout.splitlines() if line.startswith("made")]


def settle(proving, refunds: list[int]) -> set[str]:
    """Wait until every one of them holds still; returns in which states."""

    def all_hold_still() -> bool:
        proving.rows(PASS_TIME, refunds)
        proving.rows(BREATHE)
        return not proving.rows(OPEN, refunds)

    wait_for(all_hold_still, within=300, what=lambda: f"{proving.rows(OPEN, refunds)}\n{proving.stack.describe()}")
    return {state for (state,) in proving.rows(STATES, refunds)}


def test_a_released_refund_is_paid_by_a_worker_of_its_own(proving, plan):
    refunds = make_refunds(proving, 1)

    assert settle(proving, refunds) == {"succeeded"}
    proving.check_invariants()


@pytest.mark.parametrize("name", ["money", "gateway"])
def test_whoever_is_killed_between_us_and_the_provider_money_moves_once(proving, plan, name):
    plan(ratios=MIXED, seed=int(os.environ["BIHUAN_SEED"]))
    refunds = make_refunds(proving, 12)

    kill_all([proving.stack.pid(name), *[each.pid for each in proving.stack.inner(name)]])
    proving.wait_until_whole()

    assert settle(proving, refunds) == {"succeeded"}
    proving.check_invariants()


def test_without_any_worker_the_sweeper_pays(proving, plan):
    refunds = make_refunds(proving, 2)
    kill_all([proving.stack.pid("money"), *[each.pid for each in proving.stack.inner("money")]])

    assert settle(proving, refunds) == {"succeeded"}
    proving.check_invariants()
