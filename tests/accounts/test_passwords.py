import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.utils import timezone

from accounts import services
from accounts.models import PasswordMail, User
from foundation.exceptions import NotAllowedError
from tests.accounts.builders import PASSWORD, make_person, make_person_with_app

pytestmark = pytest.mark.django_db
NEW = "Neun-Türme-9"


@pytest.fixture(autouse=True)
def _outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def asked(client, name: str, **options):
    return client.post("/admin/password/", {"name": name}, **options)


def mailed_link(user) -> str:
    services.ask_for_password_mail(user.username, network="192.0.2.1")
    services.send_password_mails()
    return re.search(rf"{re.escape(settings.BIHUAN_BASE_URL)}(/\S+)", mail.outbox[-1].body)[1]


def test_forgotten_password_from_asking_to_logging_in(client):
    user = make_person("agent", email="a@shop.example")

    assert asked(client, "A@Shop.Example").status_code == 303
    services.send_password_mails()
    path = re.search(r"(/admin/password/\S+)", mail.outbox[0].body)[1]
    assert mail.outbox[0].to == ["a@shop.example"]
    assert client.get(path).headers["Location"] == "/admin/password/new/"
    assert client.post("/admin/password/new/", {"new": NEW}).headers["Location"] == "/admin/login/"

    assert User.objects.get(pk=user.pk).check_password(NEW)


def test_link_works_once(client):
    user = make_person("agent", email="a@shop.example")
    path = mailed_link(user)
    client.get(path)
    client.post("/admin/password/new/", {"new": NEW})

    client.get(path)

    assert client.get("/admin/password/new/").status_code == 404
    assert client.post("/admin/password/new/", {"new": "Zwölf-Wege-12"}).status_code == 404
    assert User.objects.get(pk=user.pk).check_password(NEW)


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (1, 404)])
def test_link_dies_after_two_hours(client, seconds, status):
    user = make_person("agent", email="a@shop.example")
    now = timezone.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False):
        path = mailed_link(user)

    with time_machine.travel(now + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + seconds), tick=False):
        client.get(path)
        answer = client.get("/admin/password/new/")

    assert answer.status_code == status


def test_link_of_a_closed_account_is_dead(client):
    user = make_person("agent", email="a@shop.example")
    path = mailed_link(user)
    services.deactivate_user(user, by=None)
    client.get(path)

    assert client.get("/admin/password/new/").status_code == 404


@pytest.mark.parametrize("link", ["MQ/abc-def", "%00/x", "AAAA/x", "____________/x"])
def test_made_up_links_are_refused(client, link):
    client.get(f"/admin/password/{link}/")

    assert client.get("/admin/password/new/").status_code == 404


def test_known_and_unknown_names_get_the_same_answer_and_the_same_work(client):
    make_person("agent", username="known", email="a@shop.example")

    known, unknown = asked(client, "known"), asked(client, "unknown")

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert PasswordMail.objects.count() == 2
    services.send_password_mails()
    assert [letter.to for letter in mail.outbox] == [["a@shop.example"]]


def test_nobody_is_flooded_with_password_mails(client):
    make_person("agent", username="known", email="a@shop.example")
    for number in range(6):
        asked(client, "known", REMOTE_ADDR=f"192.0.2.{number}")

    services.send_password_mails()

    assert len(mail.outbox) == 3


def test_mail_names_our_address_whatever_the_request_claims(client):
    make_person("agent", username="known", email="a@shop.example")
    assert asked(client, "known", HTTP_HOST="evil.example").status_code == 400
    asked(client, "known", HTTP_X_FORWARDED_HOST="evil.example")

    services.send_password_mails()

    assert "evil" not in mail.outbox[0].body
    assert settings.BIHUAN_BASE_URL in mail.outbox[0].body


def test_a_mail_is_sent_once_and_forgotten_after_a_day():
    services.ask_for_password_mail(make_person("agent", email="a@shop.example").username, network="192.0.2.1")
    services.send_password_mails()
    services.send_password_mails()
    assert len(mail.outbox) == 1

    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        services.send_password_mails()

    assert PasswordMail.objects.count() == 0


def test_a_mail_that_could_not_leave_is_tried_again(settings):
    user = make_person("agent", email="a@shop.example")
    services.ask_for_password_mail(user.username, network="192.0.2.1")
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 9
    services.send_password_mails()

    row = PasswordMail.objects.get()
    assert row.sent_at is None and timezone.now() < row.next_at < timezone.now() + timedelta(minutes=2)


def test_a_new_password_does_not_remove_the_second_factor(client):
    user = make_person_with_app("agent")
    User.objects.filter(pk=user.pk).update(email="a@shop.example")
    client.get(mailed_link(user))
    client.post("/admin/password/new/", {"new": NEW})

    assert client.post("/admin/login/", {"username": user.username, "password": NEW}).headers["Location"] == "/admin/login/code/"


def test_new_colleague_is_invited_by_mail():
    user = services.create_user(username="new", name="新同事", email="new@shop.example", roles=["agent"], by=make_person("admin"))
    services.send_password_mails()

    assert not user.has_usable_password()
    assert "new@shop.example" in mail.outbox[0].to and "new" in mail.outbox[0].body


def test_only_administrators_make_accounts():
    with pytest.raises(NotAllowedError):
        services.create_user(username="new", name="x", by=make_person("manager"))


def test_weak_new_password_is_refused_and_the_link_stays_good(client):
    user = make_person("agent", email="a@shop.example")
    client.get(mailed_link(user))

    assert client.post("/admin/password/new/", {"new": "123"}).status_code == 422
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert client.post("/admin/password/new/", {"new": NEW}).status_code == 303
