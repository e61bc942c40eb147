"""The local mailbox: what a newcomer sees of what the customer got."""

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from complaints.channels.mailbox import newest_letters
from complaints.channels.relay import relay_mail
from tests.factories import make_complaint, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = "complaints.channels.mailbox.LocalMailbox"


def test_an_empty_mailbox_says_what_to_do(client):
    client.force_login(make_user("admin"))

    page = client.get(reverse("admin:mailbox")).content.decode()

    assert "填了邮箱的投诉" in page or "File a complaint" in page


def test_a_mail_is_listed_masked_and_read_in_full(client):
    complaint = make_complaint(contact_email="xiaoman@mail.example")
    relay_mail()
    client.force_login(make_user("admin"))

    listed = client.get(reverse("admin:mailbox")).content.decode()
    read = client.get(reverse("admin:mailbox-letter", args=[newest_letters()[0].key])).content.decode()

    assert complaint.number in listed and "xiaoman@" not in listed
    assert "xiaoman@mail.example" in read and '<a href="http' in read and "/t/" in read


def test_markup_in_a_mail_stays_text(client):
    get_connection().send_messages([EmailMessage("<b>x</b>", "<script>alert(1)</script>", "a@shop.example", ["b@mail.example"])])
    client.force_login(make_user("admin"))

    read = client.get(reverse("admin:mailbox-letter", args=[newest_letters()[0].key])).content.decode()

    assert "<script>alert" not in read and "&lt;b&gt;x&lt;/b&gt;" in read


@pytest.mark.parametrize("key", ["nothing", "..", "1.M1P1", "%2e%2e%2fpasswd"])
def test_a_key_is_no_path(client, key):
    client.force_login(make_user("admin"))

    assert client.get(f"/admin/mailbox/{key}/").status_code in (301, 302, 404)


def test_only_who_may_reads_customers_mail(client):
    client.force_login(make_user("warehouse"))

    assert client.get(reverse("admin:mailbox")).status_code == 403


def test_the_newest_mail_comes_first():
    for number in range(3):
        get_connection().send_messages([EmailMessage(f"mail {number}", "x", "a@shop.example", ["b@mail.example"])])

    assert [letter.subject for letter in newest_letters()] == ["mail 2", "mail 1", "mail 0"]
