"""A team that works no longer: nobody is offered it any more, and nothing that was written down before leads into it."""

import pytest
from django.utils import translation

from accounts.models import Membership
from complaints.desk.board import teams_led
from complaints.desk.choices import team_choices
from complaints.desk.scope import Scope
from complaints.services.act import lock_act
from complaints.services.labels import apply_action
from foundation.exceptions import RefusedError
from tests.factories import make_complaint, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(lead):
    team = make_team("quality", is_active=False)
    Membership.objects.create(team=team, user=lead, is_lead=True)
    return team


def test_a_closed_team_is_not_offered(closed):
    assert team_choices() == [("logistics", "物流组")]
    with translation.override("en"):
        assert team_choices() == [("logistics", "Delivery")]


def test_a_closed_team_has_no_wall(closed, lead):
    assert [team.code for team in teams_led(Scope(lead))] == ["logistics"]


@pytest.mark.parametrize(("is_active", "moved"), [(True, "quality"), (False, "logistics")])
def test_a_macro_moves_nothing_into_a_closed_team(closed, lead, is_active, moved):
    type(closed).objects.filter(pk=closed.pk).update(is_active=is_active)
    act = lock_act(make_complaint(), "reply", by=lead)

    try:
        apply_action(act, {"act": "set_team", "value": "quality"})
    except RefusedError:
        assert not is_active

    assert act.complaint.team.code == moved
