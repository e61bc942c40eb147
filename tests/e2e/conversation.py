"""What customers and agents do in a live conversation."""

from playwright.sync_api import expect

from tests.e2e import agent
from tests.e2e.hand import Hand

PATIENCE = 60


def ask_for_person(page, words: str) -> str:
    """From any page: the link at the top, a sentence, and the customer waits. Returns the complaint's number."""
    hand = Hand(page)
    with page.expect_navigation():
        hand.tap(page.locator(".head__human"))
    expect(page.locator("#description")).to_be_focused()
    page.keyboard.insert_text(words)
    with page.expect_navigation():
        hand.tap(page.locator(".button--primary:visible").last)
    assert "/chat/" in page.url
    return page.locator("chat-room").get_attribute("data-number")


def accept(desk, number: str) -> None:
    """By the key alone, wherever the focus is."""
    expect(desk.locator("[data-offer]")).to_be_visible(timeout=PATIENCE * 1000)
    with desk.expect_navigation():
        desk.keyboard.press("Control+.")
    expect(desk.locator(f"[data-complaint='{number}']")).to_be_visible()
    expect(desk.locator("[data-chatbar]")).to_be_visible()


def write(page, words: str) -> None:
    """On the customer's page; on a phone the button sends."""
    page.locator("#body").fill(words)
    page.locator("#line .button--primary").click()


def answer(desk, words: str) -> None:
    desk.locator(agent.REPLY).fill(words)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#thread")).to_contain_text(words)


def said(page, words: str):
    return page.locator("[data-log] [data-line]", has_text=words)
