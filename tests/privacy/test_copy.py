"""A copy holds everything of the person who asks, and nothing of anybody else."""

import io
import json
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AccessLog
from accounts.services import record_access
from complaints.intake.links import make_link
from complaints.intake.uploads import new_attachment, store_files
from complaints.services import post_note, post_reply
from complaints.timing import PROOF_FOR
from tests.complaints.builders import fresh, kinds
from tests.factories import make_complaint, make_customer, make_order, make_user
from tests.foundation.pictures import picture

ANNA, BERT = "anna@mail.example", "bert@mail.example"


@pytest.fixture
def agent():
    return make_user("agent", name="欧阳静怡", username="secret-user-name")


@pytest.fixture
def order():
    return make_order(customer=make_customer(email=ANNA, name="安娜甲"), receiver_address="安娜路一号", buyer_note="安娜的备注")


@pytest.fixture
def annas(order, agent):
    """The buyer's complaint about the order, and what was written on it."""
    return make_complaint("open", assignee=agent, order=order, contact_email=ANNA, contact_name="安娜甲", description="ANNA-WORDS")


@pytest.fixture
def berts(order, agent):
    """The receiver complains about the same order."""
    return make_complaint("open", assignee=agent, order=order, contact_email=BERT, contact_name="伯特乙", description="BERT-WORDS")


def attach(complaint, name="photo.jpg", **fields):
    stored, _refusals = store_files([SimpleUploadedFile(name, picture("JPEG"), content_type="image/jpeg")])
    file = new_attachment(stored[0], complaint=complaint, **fields)
    file.save()
    return file


def copy_of(visitor, complaint) -> tuple[dict, str, list[str]]:
    """The copy as the customer gets it: its JSON, the JSON as text, and the names of its files."""
    index = fresh(complaint).contact_email_index
    visitor.get(f"/t/{make_link(complaint, lifetime=PROOF_FOR, purpose='privacy', contact_index=index)}/privacy/")
    answer = visitor.post(f"/c/{complaint.number}/privacy/copy/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    body = b"".join(answer.streaming_content)
    with ZipFile(io.BytesIO(body)) as archive:
        text = archive.read("copy.json").decode()
        return json.loads(text), text, [name for name in archive.namelist() if name != "copy.json"]


def test_two_customers_on_one_order_get_their_own_words_only(visitor, stranger, annas, berts):
    _words, of_anna, _files = copy_of(visitor, annas)
    _words, of_bert, _files = copy_of(stranger, berts)

    assert "ANNA-WORDS" in of_anna and "安娜路一号" in of_anna
    assert [each for each in ("BERT", "伯特", BERT) if each in of_anna] == []
    assert "BERT-WORDS" in of_bert
    assert [each for each in ("ANNA", "安娜", ANNA) if each in of_bert] == []


def test_all_complaints_of_one_address_are_in_it_but_not_those_in_another_shop(visitor, annas):
    second = make_complaint(contact_email=ANNA.upper(), description="ANNA-AGAIN")
    from tests.factories import make_merchant

    make_complaint(contact_email=ANNA, description="OTHER-SHOP", merchant=make_merchant("other", name="别家"))

    words, text, _files = copy_of(visitor, annas)

    assert [each["number"] for each in words["complaints"]] == [annas.number, second.number]
    assert "OTHER-SHOP" not in text


def test_files_come_along_and_internal_ones_stay(visitor, annas):
    mine, internal = attach(annas), attach(annas, name="internal.jpg", is_internal=True)

    words, _text, files = copy_of(visitor, annas)

    assert files == [f"files/{mine.pk}-photo.jpg"]
    assert [each["name"] for each in words["complaints"][0]["files"]] == files
    assert internal.name not in str(words)


def test_staff_are_shortened_and_notes_stay_inside(visitor, annas, agent):
    post_reply(annas, body="我们在查", by=agent, expected_version=None)
    post_note(annas, body="INTERNAL-NOTE", by=agent)
    annas.messages.update(leaves_at=None)

    words, text, _files = copy_of(visitor, annas)

    assert {"from": "staff", "text": "我们在查"}.items() <= words["complaints"][0]["messages"][-1].items()
    assert [each for each in ("INTERNAL-NOTE", "欧阳静怡", "secret-user-name") if each in text] == []


def test_it_tells_when_somebody_looked_but_not_who_or_why(visitor, annas, agent):
    record_access(AccessLog.Act.REVEAL, annas, by=agent, field="contact_phone", reason="REASON-OF-STAFF")

    words, text, _files = copy_of(visitor, annas)

    assert [(each["act"], each["field"]) for each in words["complaints"][0]["seen_in_full"]] == [("reveal", "contact_phone")]
    assert "REASON-OF-STAFF" not in text


def test_a_copy_leaves_a_request_that_is_done_and_an_event(visitor, annas):
    copy_of(visitor, annas)

    request = annas.privacy_requests.get()
    assert (request.kind, request.status, kinds(annas)[-1]) == ("copy", "done", "privacy.copied")
