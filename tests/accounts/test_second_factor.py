from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import services
from accounts.models import RecoveryCode, User
from accounts.services.second_factor import TRIES
from foundation.exceptions import NotAllowedError, RefusedError
from tests.accounts.builders import code_of, make_person, make_person_with_app, next_code

pytestmark = pytest.mark.django_db


def test_a_code_works_once():
    user = make_person_with_app("agent")
    code = next_code(user)

    assert services.pass_second_factor(user, code) is True
    assert services.pass_second_factor(user, code) is False


def test_an_older_code_is_dead_once_a_newer_one_was_used():
    user = make_person_with_app("agent")
    services.pass_second_factor(user, next_code(user))

    assert services.pass_second_factor(user, code_of(user)) is False


def test_codes_of_long_ago_and_of_later_are_refused():
    user = make_person_with_app("agent")

    assert services.pass_second_factor(user, code_of(user, steps=-3)) is False
    assert services.pass_second_factor(user, code_of(user, steps=4)) is False


def test_spaces_in_a_code_do_no_harm():
    user = make_person_with_app("agent")
    code = next_code(user)

    assert services.pass_second_factor(user, f" {code[:3]} {code[3:]} ") is True


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "0" * 20, "\x00" * 6])
def test_odd_codes_are_wrong_and_break_nothing(code):
    assert services.pass_second_factor(make_person_with_app("agent"), code) is False


def test_five_tries_and_then_even_the_right_code_must_wait():
    user = make_person_with_app("agent")
    for _number in range(TRIES):
        assert services.pass_second_factor(user, "000000") is False

    assert services.pass_second_factor(user, next_code(user)) is None


@pytest.mark.django_db(transaction=True)
def test_a_raced_code_opens_one_session():
    user = make_person_with_app("agent")
    code = next_code(user)

    with ThreadPoolExecutor(4) as pool:
        passed = list(pool.map(lambda _number: pass_and_close(user, code), range(4)))

    assert sorted(passed, key=bool) == [False, False, False, True]


def pass_and_close(user, code):
    try:
        return services.pass_second_factor(user, code)
    finally:
        connection.close()


def test_recovery_code_works_once_however_it_is_typed():
    user = services.begin_second_factor(make_person("agent"))
    codes = services.confirm_second_factor(user, code_of(user))
    user = User.objects.get(pk=user.pk)

    assert services.pass_second_factor(user, codes[0].upper().replace("-", " ")) is True
    assert services.pass_second_factor(user, codes[0]) is False
    assert services.pass_second_factor(user, codes[1]) is True


def test_recovery_codes_are_nobody_elses():
    mine, other = make_person_with_app("agent"), make_person_with_app("agent")

    assert services.pass_second_factor(other, services.make_recovery_codes(mine)[0]) is False


def test_new_recovery_codes_end_the_old_ones():
    user = make_person_with_app("agent")
    old = services.make_recovery_codes(user)
    services.make_recovery_codes(user)

    assert services.pass_second_factor(user, old[0]) is False


def test_the_table_holds_no_recovery_code():
    user = make_person_with_app("agent")
    codes = services.make_recovery_codes(user)

    kept = set(RecoveryCode.objects.filter(user=user).values_list("digest", flat=True))

    assert len(kept) == len(codes) == 10
    assert not kept & {code.replace("-", "") for code in codes}


def test_factor_is_not_on_before_a_code_was_right():
    user = services.begin_second_factor(make_person("agent"))

    assert services.confirm_second_factor(user, "000000") is None
    assert not User.objects.get(pk=user.pk).has_second_factor


def test_beginning_again_does_not_replace_a_factor_in_use():
    user = make_person_with_app("agent")

    assert services.begin_second_factor(user).totp_secret == user.totp_secret


@pytest.mark.parametrize("role", ["finance", "manager", "admin"])
def test_obliged_roles_cannot_switch_it_off(role):
    user = make_person_with_app(role)

    with pytest.raises(RefusedError):
        services.remove_second_factor(user, by=user)


def test_colleagues_cannot_switch_it_off():
    with pytest.raises(NotAllowedError):
        services.remove_second_factor(make_person_with_app("agent"), by=make_person("lead"))


def test_agent_may_switch_it_off_and_on_again():
    user = make_person_with_app("agent")
    services.remove_second_factor(user, by=user)
    assert not User.objects.get(pk=user.pk).has_second_factor

    services.begin_second_factor(user)

    assert services.confirm_second_factor(user, next_code(user))


NEEDS = [("required", "finance", True), ("required", "lead", False), ("offered", "finance", False)]


@pytest.mark.parametrize(("setting", "role", "needed"), NEEDS)
def test_who_needs_it(settings, setting, role, needed):
    settings.BIHUAN_SECOND_FACTOR = setting

    assert make_person(role).needs_second_factor is needed


def test_profile_asks_for_the_password_before_it_weakens_the_account(client):
    user = make_person_with_app("agent")
    client.force_login(user)

    client.post("/admin/profile/factor/remove/", {"password": "wrong"})
    answer = client.post("/admin/profile/factor/codes/", {"password": "wrong"})

    assert answer.status_code == 303
    assert User.objects.get(pk=user.pk).has_second_factor


def test_profile_sets_it_up(client):
    user = make_person("agent")
    client.force_login(user)
    assert client.get("/admin/profile/factor/").headers["Location"] == "/admin/profile/"

    client.post("/admin/profile/factor/")
    answer = client.post("/admin/profile/factor/", {"code": code_of(user)})

    assert answer.content.decode().count("<li><code>") == 10
