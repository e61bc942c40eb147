"""Several sweepers at the same moment, beside somebody who writes on the same complaint."""

import pytest

from complaints.effort.settling import settle_effort
from complaints.services import post_note
from tests.complaints.effort.builders import make_stretch, recorded
from tests.complaints.test_concurrency import assert_whole, at_once
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_sweepers_at_the_same_moment_settle_everything_once():
    agents = [make_user() for _each in range(3)]
    complaints = [make_complaint("open", assignee=agents[0]) for _each in range(2)]
    for position, agent in enumerate(agents):
        for window in range(4):
            make_stretch(agent, complaints[position % 2], ago=40 + 10 * window, seconds=30)

    outcomes = at_once(*[settle_effort] * 3, lambda: post_note(complaints[0], body="在查", by=agents[0], request_id="n1"))
    settle_effort()

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert sum(codes["active_ms"] for complaint in complaints for codes in recorded(complaint)) == 12 * 30_000
    assert_whole(*complaints)
