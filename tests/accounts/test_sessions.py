import pytest
from django.test import Client

from accounts import services
from accounts.backends import StaffBackend
from accounts.models import User
from tests.accounts.builders import PASSWORD, make_person, make_person_with_app
from tests.factories import make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.user = make_person("agent")
    client.force_login(client.user)
    assert is_in(client)
    return client


def is_in(client) -> bool:
    return client.get("/admin/profile/").status_code == 200


def test_session_ends_when_the_account_is_closed(staff):
    services.deactivate_user(staff.user, by=None)

    assert not is_in(staff)


def test_session_ends_when_a_role_is_taken(staff):
    services.set_roles(staff.user, [], by=None)

    assert not is_in(staff)


def test_session_lives_on_when_the_roles_stay_the_same(staff):
    services.set_roles(staff.user, ["agent"], by=None)

    assert is_in(staff)


def test_session_ends_when_an_administrator_drops_the_second_factor(client):
    user = make_person_with_app("agent")
    client.force_login(user)

    services.remove_second_factor(user, by=make_person("admin"))

    assert not is_in(client)


def test_changing_the_password_ends_every_other_session(staff):
    other = Client()
    other.force_login(staff.user)

    answer = staff.post("/admin/password_change/", {"old": PASSWORD, "new": "Neun-Türme-9"})

    assert answer.status_code == 303
    assert is_in(staff)
    assert not is_in(other)


def test_changing_the_password_needs_the_present_one(staff):
    answer = staff.post("/admin/password_change/", {"old": "wrong", "new": "Neun-Türme-9"})

    assert answer.status_code == 422
    assert User.objects.get(pk=staff.user.pk).check_password(PASSWORD)


@pytest.mark.parametrize("weak", ["short", "12345678", "password"])
def test_weak_passwords_are_refused_at_the_field(staff, weak):
    answer = staff.post("/admin/password_change/", {"old": PASSWORD, "new": weak})

    assert answer.status_code == 422
    assert User.objects.get(pk=staff.user.pk).check_password(PASSWORD)


def test_a_page_asks_once_for_the_user_with_roles_and_teams(staff, django_assert_num_queries):
    staff.user.memberships.create(team=make_team(), is_lead=True)

    with django_assert_num_queries(1):
        user = StaffBackend().get_user(staff.user.pk)
        seen = user.role_names, user.has_perm("complaints.reply_complaint"), user.team_ids, user.led_team_ids, user.preferences

    team = make_team().pk
    assert seen == (frozenset({"agent"}), True, frozenset({team}), frozenset({team}), {})


def test_the_session_query_brings_no_secret():
    user = make_person_with_app("agent")

    assert "totp_secret" in StaffBackend().get_user(user.pk).get_deferred_fields()


def test_guessing_the_present_password_in_an_open_session_is_slowed_down(staff):
    for _number in range(5):
        staff.post("/admin/password_change/", {"old": "wrong", "new": "Neun-Türme-9"})

    answer = staff.post("/admin/password_change/", {"old": PASSWORD, "new": "Neun-Türme-9"})

    assert answer.status_code == 422
    assert User.objects.get(pk=staff.user.pk).check_password(PASSWORD)
