"""A contact is proven by opening a link that was mailed to it, and by nothing else."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from complaints.channels.relay import relay_mail
from complaints.intake.links import make_link
from complaints.models import Complaint, SecretLink
from complaints.timing import PROOF_FOR
from foundation.crypto import blind_index
from tests.complaints.builders import fresh, kinds
from tests.factories import make_complaint
from tests.privacy.letters import link_in, newest_letter
from tests.security.visitors import read_all


@pytest.fixture
def complaint():
    return make_complaint(contact_email="xiaoman@mail.example")


def test_a_mailed_link_proves_the_contact_when_it_is_opened(visitor, complaint, mailoutbox):
    relay_mail()
    version = fresh(complaint).version
    assert fresh(complaint).is_proven is False

    visitor.get(link_in(newest_letter(mailoutbox)))

    found = fresh(complaint)
    assert (found.is_proven, found.version, kinds(complaint)[-1]) == (True, version, "contact.proven")


def test_a_second_opening_writes_nothing(visitor, complaint, mailoutbox, django_assert_num_queries):
    relay_mail()
    link = link_in(newest_letter(mailoutbox))
    visitor.get(link)

    with django_assert_num_queries(1):
        visitor.get(link)

    assert kinds(complaint).count("contact.proven") == 1


def test_a_link_that_was_saved_or_printed_proves_nothing(visitor, complaint):
    visitor.get(f"/t/{make_link(complaint)}/")

    assert fresh(complaint).is_proven is False


def test_a_link_to_an_earlier_address_proves_nothing_of_the_present_one(visitor, complaint, mailoutbox):
    relay_mail()
    index = blind_index("new@mail.example", purpose="email")
    Complaint.objects.filter(pk=complaint.pk).update(contact_email_index=index)

    visitor.get(link_in(newest_letter(mailoutbox)))

    assert fresh(complaint).is_proven is False


def test_the_privacy_page_asks_for_proof_and_mails_a_fresh_link(visitor, complaint, mailoutbox):
    visitor.get(f"/t/{make_link(complaint)}/")
    page = f"/c/{complaint.number}/privacy/"
    assert "privacy/copy/" not in visitor.get(page).content.decode()

    assert visitor.post(f"{page}link/").status_code == 303
    while relay_mail():
        pass
    answer = visitor.get(link_in(newest_letter(mailoutbox)))

    assert answer.headers["Location"] == page
    assert "privacy/copy/" in visitor.get(page).content.decode()


@pytest.mark.parametrize(("late", "status"), [(timedelta(seconds=-1), 200), (timedelta(seconds=1), 403)])
def test_the_proof_ends_after_half_an_hour(visitor, complaint, late, status):
    visitor.get(f"/t/{make_link(complaint)}/")
    visitor.get(f"/t/{privacy_link(complaint)}/privacy/")

    with time_machine.travel(timezone.now() + PROOF_FOR + late, tick=False):
        answer = visitor.post(f"/c/{complaint.number}/privacy/copy/")
        read_all(answer)

    assert answer.status_code == status


@pytest.mark.parametrize("changed", [{"purpose": "track"}, {"contact_index": ""}, {"contact_index": "0" * 32}])
def test_no_other_link_opens_the_copy(visitor, complaint, changed):
    token = privacy_link(complaint)
    SecretLink.objects.update(**changed)
    visitor.get(f"/t/{token}/privacy/")

    assert visitor.post(f"/c/{complaint.number}/privacy/copy/").status_code == 403
    assert visitor.post(f"/c/{complaint.number}/privacy/ask/", {"kind": "erasure"}).status_code == 403
    assert not fresh(complaint).privacy_requests.exists()


def test_a_stranger_sees_the_page_of_every_unknown_number(stranger, complaint):
    page = f"/c/{complaint.number}/privacy/"

    assert stranger.get(page).status_code == 404
    assert [stranger.post(f"{page}{act}/").status_code for act in ("link", "copy", "ask")] == [404, 404, 404]


def privacy_link(complaint):
    return make_link(complaint, lifetime=PROOF_FOR, purpose="privacy", contact_index=complaint.contact_email_index)
