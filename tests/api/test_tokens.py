from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from complaints.api.urls import urlpatterns
from complaints.api.verbs import VERBS
from foundation.exceptions import NotAllowedError, RefusedError
from foundation.limits import flood
from orders import tokenauth
from orders.models import ApiToken, MerchantMember
from orders.tokens import authenticate, issue_token, revoke_token
from tests.accounts.builders import make_person
from tests.api.machine import Machine
from tests.factories import make_complaint, make_merchant

pytestmark = pytest.mark.django_db
Scope = ApiToken.Scope
LIST = "complaints/"


def test_only_the_hash_of_a_token_is_kept():
    machine = Machine(Scope.COMPLAINTS_READ)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM orders_apitoken t")
        row = cursor.fetchone()[0]

    assert machine.secret not in row and machine.secret[12:] not in row
    assert len(machine.secret) >= 43


def test_token_acts_as_its_own_account_which_cannot_log_in():
    machine = Machine(Scope.COMPLAINTS_READ)
    actor = machine.token.actor

    assert (actor.is_staff, actor.has_usable_password(), actor.role_names) == (False, False, {"integration"})
    assert MerchantMember.objects.get(user=actor).merchant == machine.shop
    assert Client().post("/admin/login/", {"username": actor.username, "password": ""}).status_code == 422


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer bh_", "Basic {}", "Bearer x{}", "Bearer {}x", "{}", "Token {}"])
def test_anything_but_the_whole_token_is_refused(header):
    machine = Machine(Scope.COMPLAINTS_READ)

    answer = machine.client.get("/api/v1/complaints/", headers={"Authorization": header.format(machine.secret)})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_token_in_the_address_is_refused_even_beside_a_good_header():
    machine = Machine(Scope.COMPLAINTS_READ)

    assert machine.client.get(f"/api/v1/complaints/?token={machine.secret}").status_code == 400
    assert machine.get(LIST, access_token=machine.secret).status_code == 400


def test_token_opens_no_page_and_no_session():
    machine = Machine(*Scope.values)

    page = machine.client.get("/admin/profile/", headers=machine.headers)
    machine.get(LIST)

    assert page.headers["Location"].startswith("/admin/login/")
    assert "sessionid" not in machine.client.cookies


def test_session_opens_no_api(client):
    client.force_login(make_person("manager"))

    assert client.get("/api/v1/complaints/").status_code == 401


def test_revoked_token_is_dead_at_once():
    machine = Machine(Scope.COMPLAINTS_READ)
    assert machine.get(LIST).status_code == 200

    revoke_token(machine.token, by=None)

    assert machine.get(LIST).status_code == 401


def test_mark_of_revocation_alone_is_enough():
    machine = Machine(Scope.COMPLAINTS_READ)

    ApiToken.objects.filter(pk=machine.token.pk).update(revoked_at=timezone.now())

    assert machine.get(LIST).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (1, 401)])
def test_token_dies_when_it_expires(seconds, status):
    ends = timezone.now() + timedelta(days=1)
    machine = Machine(Scope.COMPLAINTS_READ, expires_at=ends)

    with time_machine.travel(ends + timedelta(seconds=seconds), tick=False):
        assert machine.get(LIST).status_code == status


def test_token_of_a_closed_shop_or_account_is_dead():
    shop, account = Machine(Scope.COMPLAINTS_READ), Machine(Scope.COMPLAINTS_READ, shop="other")
    make = type(shop.shop).objects.filter(pk=shop.shop.pk)
    make.update(is_active=False)
    User.objects.filter(pk=account.token.actor_id).update(is_active=False)

    assert (shop.get(LIST).status_code, account.get(LIST).status_code) == (401, 401)


@pytest.mark.parametrize("role", ["agent", "lead", "warehouse", "finance", "manager"])
def test_only_administrators_make_and_revoke_tokens(role):
    machine, by = Machine(Scope.PII), make_person(role)

    with pytest.raises(NotAllowedError):
        issue_token(make_merchant(), name="x", scopes=[Scope.PII], by=by)
    with pytest.raises(NotAllowedError):
        revoke_token(machine.token, by=by)

    assert authenticate(machine.secret)


@pytest.mark.parametrize("scopes", [[], ["root"], [Scope.PII, "complaints:*"]])
def test_unknown_and_missing_scopes_are_refused(scopes):
    with pytest.raises(RefusedError):
        issue_token(make_merchant(), name="x", scopes=scopes, by=None)


def test_use_is_noted_once_a_minute(django_assert_num_queries):
    machine = Machine(Scope.COMPLAINTS_READ)
    authenticate(machine.secret)

    with django_assert_num_queries(1):
        token = authenticate(machine.secret)

    assert token.last_used_at is not None


def test_each_token_has_a_budget_of_its_own(monkeypatch):
    monkeypatch.setattr(tokenauth, "CALLS_PER_MINUTE", 3)
    busy, calm = Machine(Scope.COMPLAINTS_READ), Machine(Scope.COMPLAINTS_READ)
    used = f"api:{busy.token.pk}"
    for _number in range(3):
        flood(used, 3, 60)

    answer = busy.get(LIST)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert calm.get(LIST).status_code == 200


def test_guessing_tokens_is_slowed_down_per_network(monkeypatch):
    monkeypatch.setattr(tokenauth, "WRONG_PER_NETWORK", 2)
    client, machine = Client(), Machine(Scope.COMPLAINTS_READ)
    guesses = [client.get("/api/v1/complaints/", headers={"Authorization": f"Bearer bh_{number}"}).status_code for number in range(3)]

    assert guesses == [401, 401, 429]
    assert machine.get(LIST).status_code == 200


CALLS = {
    "list": ("get", "complaints/", Scope.COMPLAINTS_READ),
    "retrieve": ("get", "complaints/{number}/", Scope.COMPLAINTS_READ),
    "verbs": ("get", "complaints/{number}/verbs/", Scope.COMPLAINTS_READ),
    "messages": ("get", "complaints/{number}/messages/", Scope.COMPLAINTS_READ),
    "attachments": ("get", "complaints/{number}/attachments/", Scope.COMPLAINTS_READ),
    "attachment": ("get", "attachments/unknown/", Scope.COMPLAINTS_READ),
    "content": ("get", "attachments/unknown/content/", Scope.COMPLAINTS_READ),
    "create": ("post", "complaints/", Scope.COMPLAINTS_CREATE),
    "customer message": ("post", "complaints/{number}/customer-messages/", Scope.COMPLAINTS_CREATE),
    "filing link": ("post", "filing-links/", Scope.COMPLAINTS_CREATE),
    "reply": ("post", "complaints/{number}/messages/", Scope.COMPLAINTS_WRITE),
    "note": ("post", "complaints/{number}/notes/", Scope.NOTES),
    **{verb: ("post", f"complaints/{{number}}/{verb}/", Scope.COMPLAINTS_WRITE) for verb in VERBS},
}


@pytest.mark.parametrize("call", CALLS)
def test_each_call_needs_its_scope_and_no_other_one_will_do(call):
    method, path, needed = CALLS[call]
    number = make_complaint().number
    right, wrong = Machine(needed), Machine(*(scope for scope in Scope.values if scope != needed))

    allowed = getattr(right, method)(path.format(number=number)).status_code
    refused = getattr(wrong, method)(path.format(number=number))

    assert allowed not in (401, 403)
    assert (refused.status_code, str(needed) in refused.json()["title"]) == (403, True)


def test_every_address_of_the_api_is_in_the_list_of_calls():
    listed = {path.format(number="N") for _method, path, _scope in CALLS.values()} | {"attachments/"}

    assert [pattern for pattern in urlpatterns if not any(pattern.resolve(path) for path in listed)] == []


@pytest.mark.parametrize("verb", ["decline", "merge", "assign", "claim", "transfer", "begin", "mark_spam", "appeal", "confirm"])
def test_verbs_of_people_have_no_address(verb):
    machine = Machine(*Scope.values)

    assert machine.post(f"complaints/{make_complaint().number}/{verb}/", {"expected_version": 1}).status_code == 404
