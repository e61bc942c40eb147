"""Hints on the desk: with their reason, in words and not by colour alone, and never in front of a customer."""

import pytest
from django.urls import reverse
from django.utils import translation

from complaints.desk.canned import offers_for
from complaints.emotion.reading import SIGNALS
from complaints.emotion.words import LEVELS, SAFETY_STEPS, STEPS
from complaints.emotion.words import SIGNALS as NAMES
from complaints.intake.links import make_link
from complaints.models import Complaint
from complaints.services import post_customer_message
from knowledge.services import load_defaults
from tests.complaints.emotion.test_effects import ANGRY, CALM, DISPLEASED, SAFETY, THREAT
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


def page_of(desk, url, complaint) -> str:
    return desk.get(url("complaint", complaint.number)).content.decode()


@pytest.fixture(autouse=True)
def _english(agent):
    agent.language = "en"
    agent.save(update_fields=["language"])
    with translation.override("en"):
        yield


@pytest.fixture
def shown(desk, url, agent):
    def show(text: str) -> str:
        return page_of(desk, url, make_complaint("open", assignee=agent, description=text))

    return show


def test_a_calm_complaint_shows_no_hint(shown):
    page = shown(CALM)

    assert "tag--risk" not in page
    assert "empathy" not in page
    assert 'class="hints"' not in page


def test_the_head_names_level_and_reason(shown):
    assert "Angry · Anger, Raised voice" in shown(ANGRY)
    assert "Displeased · Disappointment, Long wait" in shown(DISPLEASED)
    assert "High risk · Threat to escalate" in shown(THREAT)


def test_the_message_lists_and_marks_the_words(shown):
    page = shown(THREAT)

    assert "Why this hint?" in page
    assert "12315</mark>" in page
    assert "<li><strong>Threat to escalate</strong> 打12315</li>" in page


def test_a_customer_cannot_mark_up_the_desk(shown):
    page = shown("<script>alert(1)</script>骗子！！<img src=x>")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<mark class="hint">骗子' in page


def test_masking_wins_over_marking(shown):
    kept, moved = shown("骗子！！打我电话13812345678"), shown("骗子！！否则138 12345 678投诉")

    assert "1381234" not in kept and "12345" not in moved
    assert '<mark class="hint">骗子' in kept
    assert 'class="hint"' not in moved  # masking moved the words
    assert "</strong> 骗子</li>" in moved and "</strong> 否则 · … · 投诉</li>" in moved


def test_erased_words_leave_no_hint(desk, url, agent):
    complaint = make_complaint("open", assignee=agent, description=THREAT)
    complaint.messages.filter(author_kind="customer").update(body="")

    page = page_of(desk, url, complaint)

    assert 'class="hint' not in page


def test_empathy_mode_gives_hints_from_anger_on(shown):
    assert "Empathy mode" in shown(ANGRY)
    assert str(STEPS["anger"]) in shown(ANGRY)
    assert str(STEPS["threat"]) in shown(THREAT) and str(STEPS["anger"]) in shown(THREAT)
    assert "Empathy mode" not in shown(DISPLEASED)


def test_danger_shows_the_fixed_guidance(shown):
    page = shown(SAFETY)

    assert "Safety first" in page
    assert [step for step in SAFETY_STEPS if str(step) not in page] == []


def test_the_row_says_what_is_at_risk(desk, url, agent):
    for text in (CALM, DISPLEASED, ANGRY, THREAT):
        make_complaint("open", assignee=agent, description=text)

    page = desk.get(url("queue"), {"view": "mine"}).content.decode()

    assert page.count("tag--risk") == 2
    assert 'title="Angry: Anger, Raised voice"' in page
    assert "Threat to escalate</span>" in page


def test_words_of_comfort_come_first_from_displeasure_on(agent):
    load_defaults()
    calm, upset = make_complaint(description=CALM), make_complaint(description="已经是第三次了，失望。")

    first = [[offer.id for offer in offers_for(each, user=agent, query="")] for each in (calm, upset)]

    assert not first[0][0].startswith("empathy")
    assert set(first[1][:2]) == {"empathy-repeat", "empathy-disappointed"}
    assert all(code.startswith("empathy") for code in first[1][:7])


def test_the_act_asks_for_level_and_reason(desk, url, agent):
    complaint = make_complaint("open", assignee=agent, description=THREAT)
    sent = {"expected_version": complaint.version, "request_id": "r1", "level": "1"}

    assert desk.post(url("act", complaint.number, "risk"), sent).status_code == 422
    assert desk.post(url("act", complaint.number, "risk"), {**sent, "reason": "误会，已说清"}).status_code == 303
    assert Complaint.objects.get(pk=complaint.pk).risk_level == 1
    assert "set by a colleague" in page_of(desk, url, complaint)


def test_events_are_told_in_words(shown):
    page = shown(THREAT)

    assert "Message read for anger and risk" in page
    assert "Calm → High risk · Threat to escalate" in page


def test_every_level_and_signal_has_a_name():
    assert set(NAMES) == set(SIGNALS)
    assert set(LEVELS) == set(range(5))
    assert set(STEPS) <= set(SIGNALS)


def test_no_page_of_the_customer_shows_a_label(client):
    complaint = make_complaint(description=f"{THREAT}{SAFETY}")
    post_customer_message(complaint, body=ANGRY)
    client.post(reverse("complaints:complaint-open", args=[make_link(complaint)]))
    pages = [client.get(reverse("complaints:tracker", args=[complaint.number])).content.decode()]

    assert all(complaint.number in page for page in pages)
    told = [*map(str, LEVELS.values()), *map(str, NAMES.values()), "risk", "hint", "signal", "empathy", "classified"]
    assert [word for word in told for page in pages if f">{word}" in page or f"{word}<" in page or f'"{word}' in page] == []
