import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import Presence, User
from accounts.services.signing_in import TRIES_PER_NAME, TRIES_PER_PLACE, network_of
from tests.accounts.builders import PASSWORD, code_of, make_person, make_person_with_app, next_code

pytestmark = pytest.mark.django_db
LOGIN, CODE, START = "/admin/login/", "/admin/login/code/", "/admin/login/start/"
PROFILE = "/admin/profile/"


def enter(client, user, password=PASSWORD, **options):
    return client.post(LOGIN, {"username": user.username, "password": password}, **options)


def is_in(client) -> bool:
    return client.get(PROFILE).status_code == 200


def test_agent_logs_in_with_a_password_alone(client):
    user = make_person("agent")

    answer = enter(client, user)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/")
    assert is_in(client)


@pytest.mark.parametrize(("role", "is_ready"), [("agent", True), ("lead", False)])
def test_an_agent_is_ready_for_work_after_log_in(client, role, is_ready):
    user = make_person(role)

    enter(client, user)

    assert Presence.objects.filter(user=user, state="ready").exists() == is_ready


def test_wrong_password_keeps_the_name_and_opens_nothing(client):
    user = make_person("agent")

    answer = enter(client, user, "wrong")

    assert answer.status_code == 422
    assert f'value="{user.username}"' in answer.content.decode()
    assert not is_in(client)


def test_unknown_name_and_wrong_password_get_the_same_page(client):
    user = make_person("agent")

    known = enter(client, user, "wrong").content.decode().replace(user.username, "NAME")
    unknown = client.post(LOGIN, {"username": "nobody", "password": "wrong"}).content.decode().replace("nobody", "NAME")

    assert without_token(known) == without_token(unknown)


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_staff": False}])
def test_closed_and_foreign_accounts_stay_outside(client, changes):
    user = make_person("agent")
    User.objects.filter(pk=user.pk).update(**changes)

    assert enter(client, user).status_code == 422
    assert not is_in(client)


def test_session_gets_a_new_number_at_log_in(client):
    user = make_person("agent")
    session = client.session
    session["planted"] = 1
    session.save()

    enter(client, user)

    assert client.session.session_key != session.session_key
    assert is_in(client)


def test_guesses_from_one_place_are_slowed_down(client):
    user = make_person("agent")
    for _number in range(TRIES_PER_PLACE):
        assert enter(client, user, "wrong").status_code == 422

    answer = enter(client, user)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert not is_in(client)


def test_a_stranger_in_one_place_does_not_lock_the_owner_out(client):
    user = make_person("agent")
    for _number in range(TRIES_PER_PLACE + 2):
        enter(client, user, "wrong", REMOTE_ADDR="192.0.2.1")

    assert enter(client, user, REMOTE_ADDR="192.0.2.2").status_code == 303


def test_strangers_everywhere_do_not_lock_out_a_browser_that_was_in_before(client):
    user = make_person("agent")
    enter(client, user)
    client.post("/admin/logout/")
    for number in range(TRIES_PER_NAME):
        services.check_sign_in(user.username, "wrong", network=f"198.51.{number}.1")

    assert enter(Client(), user).status_code == 429
    assert enter(client, user).status_code == 303


def test_a_forged_device_mark_has_no_limit_of_its_own(client):
    user = make_person("agent")
    client.cookies["bihuan_device"] = "forged:mark"
    for _number in range(TRIES_PER_PLACE):
        enter(client, user, "wrong")

    assert enter(client, user).status_code == 429


@pytest.mark.parametrize(
    ("address", "network"), [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"), ("nonsense", "unknown")]
)
def test_network_is_the_address_or_the_half_of_ipv6(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/admin/profile/",
        "https://testserver@evil.example/admin/",
        "\t//evil.example",
        "/c/1/",
        "/admin/" + "a" * 2100,
    ],
)
def test_log_in_never_leads_to_a_foreign_page(client, wanted):
    user = make_person("agent")

    answer = client.post(LOGIN, {"username": user.username, "password": PASSWORD, "next": wanted})

    assert answer.headers["Location"] == "/admin/"


def test_log_in_leads_back_to_where_one_wanted_to_go(client):
    user = make_person("agent")
    assert client.get(PROFILE).headers["Location"] == "/admin/login/?next=/admin/profile/"

    answer = client.post(LOGIN, {"username": user.username, "password": PASSWORD, "next": "/admin/profile/?a=1"})

    assert answer.headers["Location"] == "/admin/profile/?a=1"


def test_role_that_needs_a_second_factor_sets_it_up_before_anything_opens(client):
    user = make_person("finance")

    assert enter(client, user).headers["Location"] == START
    assert not is_in(client)
    page = client.get(START)
    assert "otpauth" not in page.content.decode() and "<svg" in page.content.decode()
    assert client.post(START, {"code": "000000"}).status_code == 422
    answer = client.post(START, {"code": code_of(user)})

    assert answer.content.decode().count("<li><code>") == 10
    assert is_in(client)


def test_second_step_is_asked_of_everybody_who_uses_it(client):
    user = make_person_with_app("agent")

    assert enter(client, user).headers["Location"] == CODE
    assert not is_in(client)
    assert client.post(CODE, {"code": next_code(user)}).status_code == 303
    assert is_in(client)


@pytest.mark.parametrize("path", [CODE, START])
def test_second_step_without_the_first_one_leads_to_log_in(client, path):
    make_person_with_app("finance")

    assert client.get(path).headers["Location"] == LOGIN
    assert client.post(path, {"code": "123456"}).headers["Location"] == LOGIN


def test_a_confirmed_factor_cannot_be_set_up_anew_with_the_password_alone(client):
    user = make_person_with_app("finance")
    enter(client, user)

    assert client.get(START).headers["Location"] == LOGIN


def test_half_way_session_dies_when_the_password_changes(client):
    user = make_person_with_app("agent")
    enter(client, user)
    user.set_password("another-password")
    user.save()

    assert client.post(CODE, {"code": next_code(user)}).headers["Location"] == LOGIN
    assert not is_in(client)


def test_half_way_session_dies_after_ten_minutes(client):
    user = make_person_with_app("agent")
    enter(client, user)
    session = client.session
    session["sign_in"] = session["sign_in"] | {"until": session["sign_in"]["until"] - 600}
    session.save()

    assert client.get(CODE).headers["Location"] == LOGIN


def test_log_out_ends_the_session_and_the_readiness(client):
    user = make_person("agent")
    enter(client, user)
    services.set_presence(user, "ready", by=user)
    old = client.cookies["sessionid"].value

    assert client.get("/admin/logout/").status_code == 405
    client.post("/admin/logout/")
    client.cookies["sessionid"] = old

    assert not is_in(client)
    assert user.presence.state == Presence.State.OFFLINE


def test_log_in_speaks_english_when_asked(client):
    assert "<h1>Log in</h1>" in client.get(LOGIN + "?language=en").content.decode()


def test_start_page_of_an_administrator_is_the_configuration(client):
    client.force_login(make_person("admin"))

    assert client.get("/admin/").headers["Location"] == reverse("admin:configuration")
    assert client.get(reverse("admin:configuration")).status_code == 200


def test_start_page_of_an_agent_is_the_queue(client):
    client.force_login(make_person("agent"))

    assert client.get("/admin/").headers["Location"] == reverse("admin:desk-queue")


def test_start_page_of_a_lead_is_the_wallboard(client):
    client.force_login(make_person("lead"))

    assert client.get("/admin/").headers["Location"] == reverse("admin:desk-wall")


def test_start_page_of_a_manager_are_the_figures(client):
    client.force_login(make_person("manager"))

    assert client.get("/admin/").headers["Location"] == reverse("admin:reports")
