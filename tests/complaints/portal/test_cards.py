"""An item of the order as a card in the conversation: only of an order that is proven, and only as the shop knows it."""

import pytest

from complaints.cards import cards_of
from complaints.intake.links import make_link
from complaints.intake.matching import Match
from complaints.intake.submission import snapshot
from complaints.models import Complaint, Message
from complaints.privacy.erasure import erase_rows
from complaints.services import post_customer_message
from foundation.exceptions import RefusedError
from tests.complaints.assignment.builders import make_agent
from tests.complaints.chat.builders import talk_with
from tests.factories import make_order

FRAGMENT = {"HTTP_X_CHAT": "1"}


def text_of(response) -> str:
    return response.content.decode()


def about_order(proof: str = "phone", **order) -> dict:
    """What a filing holds of an order that was recognised by this proof."""
    made = make_order(lines=2, **order)
    return {"order": made, "order_snapshot": snapshot(Match(made, proof))}


@pytest.fixture
def agent(shop):
    return make_agent(capacity=300)


@pytest.fixture
def talk(agent, visitor):
    """A conversation about an order of two kinds of goods; the visitor is its customer."""
    session = talk_with(agent, **about_order())
    visitor.get(f"/t/{make_link(session.complaint)}/")
    return session


def send(visitor, session, item, **fields):
    return visitor.post(f"/c/{session.complaint.number}/chat/", {"item": item, "request_id": f"r{item}", **fields})


def test_an_item_is_sent_and_shown_on_both_sides(visitor, talk, agent, client):
    line = talk.complaint.order_snapshot["lines"][1]

    answer = send(visitor, talk, line["id"])
    mine = text_of(visitor.get(answer.headers["Location"]))
    client.force_login(agent)
    theirs = text_of(client.get(f"/admin/desk/c/{talk.complaint.number}/"))

    message = talk.complaint.messages.get(card__isnull=False)
    number = talk.complaint.order_snapshot["number"]
    assert message.card == {
        "order": number, "currency": "CNY", "line": line["id"], "title": "白茶 2 号", "variant": "", "quantity": 1, "paid_fen": 9900,
    }  # fmt: skip
    assert answer.status_code == 303
    for page in (mine.partition('role="log"')[2].partition("chat__foot")[0], theirs.partition('id="thread"')[2].partition("composer")[0]):
        assert page.count(f'data-card="{line["id"]}"') == 1
        assert page.count("白茶 2 号") == 1


def test_the_page_offers_every_item_without_scripts(visitor, talk):
    page = text_of(visitor.get(f"/c/{talk.complaint.number}/chat/"))

    assert [f'name="item" value="{line["id"]}"' in page for line in talk.complaint.order_snapshot["lines"]] == [True, True]


def test_whoever_reads_words_only_reads_the_item(visitor, talk):
    line = talk.complaint.order_snapshot["lines"][0]
    send(visitor, talk, line["id"])

    saved = text_of(visitor.get(f"/c/{talk.complaint.number}/chat/transcript/?text=1"))

    assert talk.complaint.messages.get(card__isnull=False).body == "白茶 1 号 × 1"
    assert saved.count("白茶 1 号 × 1") == 1
    assert talk.complaint.events.filter(kind="message.posted").order_by("-seq").first().payload["card"]["line"] == line["id"]


def test_words_may_go_along(visitor, talk):
    line = talk.complaint.order_snapshot["lines"][0]
    send(visitor, talk, line["id"], body="这个碎了")

    page = text_of(visitor.get(f"/c/{talk.complaint.number}/"))

    assert talk.complaint.messages.get(card__isnull=False).body == "这个碎了"
    assert ("这个碎了" in page, f'data-card="{line["id"]}"' in page) == (True, True)


def test_the_same_sending_twice_is_one_card(visitor, talk):
    line = talk.complaint.order_snapshot["lines"][0]
    for _time in range(2):
        send(visitor, talk, line["id"])

    assert talk.complaint.messages.filter(card__isnull=False).count() == 1


def test_words_with_an_unknown_item_are_asked_about_and_kept(visitor, talk):
    answer = send(visitor, talk, 999999, body="这个碎了")

    assert answer.status_code == 409
    assert "这个碎了" in text_of(answer)
    assert talk.complaint.messages.count() == 1


@pytest.mark.parametrize("item", ["999999", "-1", "x", "１"])
def test_no_other_item_can_be_sent(visitor, talk, item):
    answer = send(visitor, talk, item)

    assert answer.status_code in (409, 422)
    assert talk.complaint.messages.count() == 1


def test_nothing_that_was_typed_becomes_a_card(visitor, talk):
    line = talk.complaint.order_snapshot["lines"][0]
    send(visitor, talk, line["id"], title="<img src=x>", paid_fen="1", card='{"title": "假的"}')

    assert talk.complaint.messages.get(card__isnull=False).card["title"] == "白茶 1 号"


@pytest.mark.parametrize("proof", ["agent", "integration"])
def test_goods_of_an_order_that_is_not_proven_stay_unknown(visitor, agent, proof):
    session = talk_with(agent, **about_order(proof))
    visitor.get(f"/t/{make_link(session.complaint)}/")
    line = session.complaint.order_snapshot["lines"][0]

    page = text_of(visitor.get(f"/c/{session.complaint.number}/chat/"))

    assert cards_of(session.complaint) == []
    assert "data-items" not in page
    assert send(visitor, session, line["id"]).status_code == 409


def test_an_order_that_was_taken_off_has_no_cards(talk):
    line = talk.complaint.order_snapshot["lines"][0]
    Complaint.objects.filter(pk=talk.complaint.pk).update(order=None)

    with pytest.raises(RefusedError):
        post_customer_message(talk.complaint, body="", order_line=line["id"])


def test_hostile_names_stay_text(visitor, talk, agent, client):
    complaint = talk.complaint
    complaint.order_snapshot["lines"][0]["title"] = "<script>alert(1)</script>"
    complaint.save(update_fields=["order_snapshot"])
    send(visitor, talk, complaint.order_snapshot["lines"][0]["id"])
    client.force_login(agent)

    for page in (visitor.get(f"/c/{complaint.number}/chat/"), client.get(f"/admin/desk/c/{complaint.number}/")):
        assert "<script>alert(1)" not in text_of(page)
        assert "&lt;script&gt;alert(1)" in text_of(page)


def test_an_erased_complaint_keeps_no_card(visitor, talk):
    send(visitor, talk, talk.complaint.order_snapshot["lines"][0]["id"])

    erase_rows([talk.complaint], [], by=None)

    assert not Message.objects.filter(complaint=talk.complaint, card__isnull=False).exists()
