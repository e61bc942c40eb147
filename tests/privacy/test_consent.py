"""Which notice was given when a complaint came in, provable to the letter."""

import pytest
from django.utils import timezone

from complaints.models import Complaint, FilingConsent
from complaints.privacy_notice import current_notice, draft_consent, find_notice, notices
from tests.complaints.portal.journey import answer_problem, file_one
from tests.factories import make_complaint, make_user

# The words of a version never change: a change of a word needs a new version, and this list a new line.
DIGESTS = {
    ("2026-11", "zh-hans"): "f05240cc5403c2b9a5cd3cad0fb83c5bda8162c9f05d9df7d3068964d174732a",
    ("2026-11", "en"): "fda3dc9873ad2db491450334ee776d5775196f76940862d3590089c3c141073a",
    ("2026-11-2", "zh-hans"): "2aa3b48aa9be545e5657f3df7aa1a5fb89059bfe371d8bf0cd04e82e15d4163c",
    ("2026-11-2", "en"): "7aa29ff55580e0a1fac4cb7a66aec097792da96225ff2c9069b1767cd3aa53fc",
}


def draft(by=None, **fields):
    complaint = make_complaint(**fields)
    return draft_consent(complaint, by=by, at=timezone.now())


def test_the_words_of_a_version_are_the_ones_that_were_shown():
    assert {key: notice.digest for key, notice in notices().items()} == DIGESTS


def test_every_version_is_there_in_both_languages():
    versions = [version for version, _language in notices()]

    assert all((version, language) in notices() for version in versions for language in ("zh-hans", "en"))


def test_the_form_shows_the_notice_and_leads_to_its_whole_text(visitor):
    answer_problem(visitor)

    page = visitor.get("/file/check/").content.decode()

    assert current_notice().short in page
    assert current_notice().version in page
    assert 'href="/privacy/"' in page


@pytest.mark.parametrize(
    ("address", "language"),
    [("/privacy/", "zh-hans"), ("/en/privacy/", "en"), ("/en/privacy/2026-11/", "en"), ("/privacy/2026-11-2/", "zh-hans")],
)
def test_the_notice_is_a_page_in_both_languages(visitor, address, language):
    page = visitor.get(address)

    assert page.status_code == 200
    assert all(title in page.content.decode() for title, _text in notices()["2026-11", language].parts)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ["自动读您写的话", "不作任何决定", "员工可以更正它"]),
        ("en", ["a program reads your words", "It decides nothing", "staff can correct it"]),
    ],
)
def test_the_notice_says_that_a_machine_reads_and_that_people_decide(language, words):
    text = " ".join(part for _title, part in current_notice(language).parts)

    assert [each for each in words if each not in text] == []


def test_a_version_that_never_was_is_not_found(visitor):
    assert visitor.get("/privacy/1999-01/").status_code == 404
    assert find_notice("1999-01") is None


def test_a_filing_by_the_customer_notes_what_was_shown():
    consent = draft(language="en", channel="web")

    shown = current_notice("en")
    assert (consent.way, consent.channel, consent.version, consent.text_digest) == ("shown", "web", shown.version, shown.digest)


def test_a_filing_on_behalf_notes_that_it_was_told():
    consent = draft(by=make_user("agent"), channel="phone", origin=Complaint.Origin.AGENT)

    assert (consent.way, consent.channel, consent.version) == ("spoken", "phone", current_notice("zh-hans").version)


def test_a_filing_by_a_machine_claims_no_notice():
    consent = draft(channel="api", origin=Complaint.Origin.INTEGRATION)

    assert (consent.way, consent.version, consent.text_digest) == ("elsewhere", "", "")


def test_every_filing_leaves_one_row(visitor):
    complaint = file_one(visitor)

    assert FilingConsent.objects.get(complaint=complaint).text_digest == current_notice().digest
