"""One complaint from the customer's phone to the survey, told once for every way of looking at it.

A journey pauses with ``yield`` where it waits for something that takes its time (a reply leaves after ten seconds); meanwhile the
others go on, so that all of them together take little longer than one.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, expect

from tests.e2e import agent, customer
from tests.e2e.hand import Hand
from tests.e2e.house import LANGUAGES, PATIENCE, PREFIXES, House, find_link

AGENT = "lin.agent"
CANNED = {"zh": "psbf", "en": "dsa"}
CANNED_CODE = "damaged-reship"
SAID = {
    "zh": {
        "problem": "外箱压扁了，里面的杯子碎了两个。",
        "typed": "您好，我们今天补发，请告诉我是否需要换颜色。",
        "answer": "不用换，谢谢。",
        "result": "已补发新的一套，明天送达。",
        "comment": "很快。",
    },
    "en": {
        "problem": "The box was crushed and two cups are broken.",
        "typed": "Hello, we send it again today. Would you like another colour?",
        "answer": "No, the same one please.",
        "result": "A new set is on its way and arrives tomorrow.",
        "comment": "Quick.",
    },
}


class Variant(NamedTuple):
    """How somebody looks at the house."""

    size: str
    language: str
    with_scripts: bool

    def __str__(self) -> str:
        return f"{self.size}-{self.language}-{'scripts' if self.with_scripts else 'plain'}"

    @property
    def by_keyboard(self) -> bool:
        """Whether the agent does everything without a pointer."""
        return self.size == "desk" and self.with_scripts


VARIANTS = [Variant(size, language, scripts) for size in ("phone", "desk") for language in ("zh", "en") for scripts in (True, False)]


@dataclass
class Wait:
    """What a journey waits for."""

    condition: Callable[[], object]
    what: str

    def __post_init__(self):
        self.deadline = time.monotonic() + PATIENCE


class Journey:
    """The story of one variant. ``steps`` is the whole of it, top to bottom."""

    def __init__(self, house: House, variant: Variant, photos: list[Path]):
        self.house, self.variant, self.photos = house, variant, photos
        self.said, self.prefix = SAID[variant.language], PREFIXES[variant.language]
        # One acknowledgement an hour goes to one address.
        self.address = f"{variant}.{secrets.token_hex(3)}@customer.example"

    def steps(self) -> Iterator[Wait]:
        with ExitStack() as open_pages:
            mine = open_pages.enter_context(self.house.visitor(**self.variant._asdict()))
            self.file(mine)
            yield Wait(lambda: self.house.find_letter(self.address, self.number), "the receipt by mail")
            desk = open_pages.enter_context(self.house.staff(AGENT, **self.variant._asdict()))
            reply = self.take_and_reply(desk)
            self.see_that_nothing_left(mine, reply)
            yield Wait(lambda: self.house.find_letter(self.address, reply), "the reply by mail")
            elsewhere = open_pages.enter_context(self.house.visitor(**self.variant._asdict()))
            self.answer(elsewhere, reply)
            self.resolve(desk)
            yield Wait(lambda: self.house.find_letter(self.address, self.said["result"]), "the result by mail")
            self.rate(mine)
            self.check_facts()

    def file(self, page: Page) -> None:
        """From the first page to the receipt, with two photos."""
        page.goto(f"{self.prefix}/")
        with page.expect_navigation():
            page.locator(f"a[href$='{self.prefix}/file/']:visible").last.click()
        hand = Hand(page)
        customer.choose_problem(hand, category="logistics.damaged", wish="reship")
        hand.fill(page.locator("[name=description]"), self.said["problem"])
        customer.add_photos(hand, self.photos)
        customer.go_on(hand)
        assert page.url.endswith(f"{self.prefix}/file/check/"), page.url
        hand.tap(page.locator("#questions label:has([type=radio])").first)
        hand.fill(page.locator("#check [name=phone]"), f"139{secrets.randbelow(10**8):08}")
        hand.fill(page.locator("[name=email]"), self.address)
        customer.go_on(hand)
        self.number = customer.read_number(page)
        assert page.url.endswith(f"{self.prefix}/c/{self.number}/"), page.url
        expect(page.locator(".evidence img")).to_have_count(2)

    def take_and_reply(self, page: Page) -> str:
        """The agent finds the complaint, claims it, and replies; returns what the customer will read."""
        page.goto(agent.DESK)
        if self.variant.by_keyboard:
            return self.reply_by_keyboard(Hand(page))
        return self.reply_by_pointer(page)

    def reply_by_keyboard(self, hand: Hand) -> str:
        agent.open_by_keyboard(hand, self.number)
        agent.claim_by_keyboard(hand)
        reply = agent.write_canned_by_keyboard(hand, CANNED[self.variant.language])
        assert reply
        hand.press("Control+Enter")
        expect(hand.page.locator(".message--unsent [data-shortcut='Ctrl+z']")).to_be_visible()
        return reply

    def reply_by_pointer(self, page: Page) -> str:
        if page.locator("[data-pane-tab=list]").is_visible():
            page.locator("[data-pane-tab=list]").click()
        agent.open_by_mouse(page, self.number)
        agent.do_act(page, "claim")
        page.locator(agent.REPLY).fill(self.said["typed"])
        page.locator("[data-composer-form=reply] button.button--primary").click()
        expect(page.locator(".message--unsent button")).to_be_visible()
        return self.said["typed"]

    def see_that_nothing_left(self, page: Page, reply: str) -> None:
        """While the reply can be taken back, the customer has neither a mail nor a message on the page."""
        leaves_at, sent = self.house.rows(
            "SELECT m.leaves_at > now(), o.state FROM complaints_message m JOIN complaints_outbox o ON o.message_id = m.id"
            " JOIN complaints_complaint c ON c.id = m.complaint_id WHERE c.number = %s",
            self.number,
        )[0]
        page.reload()
        if leaves_at:
            assert sent == "queued"
            assert not self.house.find_letter(self.address, reply)

    def answer(self, page: Page, reply: str) -> None:
        """On another device, by the link in the mail."""
        page.goto(find_link(self.house.find_letter(self.address, reply)))
        assert page.url.endswith(f"{self.prefix}/c/{self.number}/"), page.url
        expect(page.locator("#conversation .message--team")).to_contain_text(reply[:20])
        customer.send_message(Hand(page), self.said["answer"])
        expect(page.locator("#conversation")).to_contain_text(self.said["answer"])

    def resolve(self, page: Page) -> None:
        page.goto(f"{agent.DESK}c/{self.number}/")
        expect(page.locator("#thread")).to_contain_text(self.said["answer"])
        if self.variant.by_keyboard:
            agent.resolve_by_keyboard(Hand(page), self.said["result"])
        else:
            agent.reply_and_resolve(page, self.said["result"])
        expect(page.locator("#thread .panel--due")).to_contain_text(self.said["result"])

    def rate(self, page: Page) -> None:
        """The customer reads the result, confirms it and answers the survey."""
        page.goto(f"{self.prefix}/c/{self.number}/")
        expect(page.locator(".panel--due")).to_contain_text(self.said["result"])
        with page.expect_navigation():
            page.locator("form[action$='/confirm/'] button").click()
        with page.expect_navigation():
            page.locator("a[href$='/survey/']").first.click()
        hand = Hand(page)
        hand.tap(page.locator(".scale__choice:has([value='5'])"))
        hand.fill(page.locator("[name=comment]"), self.said["comment"])
        customer.go_on(hand)
        expect(page.locator(".notice--success")).to_be_visible()

    def check_facts(self) -> None:
        """What stands in the database is what was seen on the pages."""
        facts = (
            "SELECT c.status, c.outcome, c.language, s.score, u.username,"
            " (SELECT count(*) FROM complaints_attachment a WHERE a.complaint_id = c.id)"
            " FROM complaints_complaint c JOIN complaints_survey s ON s.complaint_id = c.id AND s.cycle = c.cycle"
            " JOIN accounts_user u ON u.id = c.assignee_id"
            " WHERE c.number = %s"
        )
        talk = (
            "SELECT m.author_kind, m.canned_codes FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id"
            " WHERE c.number = %s ORDER BY m.id"
        )
        assert self.house.rows(facts, self.number) == [("closed", "solved", LANGUAGES[self.variant.language], 5, AGENT, 2)]
        canned = [CANNED_CODE] if self.variant.by_keyboard else []
        assert self.house.rows(talk, self.number) == [("customer", []), ("human", canned), ("customer", []), ("human", [])]


def tell_together(journeys: dict[Variant, Iterator[Wait]]) -> dict[Variant, Exception | None]:
    """Let all journeys take turns, each going on when what it waits for is there; returns what stopped each, or None."""
    ends: dict[Variant, Exception | None] = {}
    waits: dict[Variant, Wait | None] = dict.fromkeys(journeys)
    while waits:
        for variant, wait in list(waits.items()):
            if wait is not None and not wait.condition() and time.monotonic() < wait.deadline:
                time.sleep(0.02)
                continue
            try:
                assert wait is None or wait.condition(), f"still waiting for {wait.what}"
                waits[variant] = next(journeys[variant])
            except StopIteration:
                ends[variant] = None
                del waits[variant]
            except Exception as error:
                ends[variant] = error
                journeys[variant].close()
                del waits[variant]
    return ends
