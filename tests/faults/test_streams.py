"""F27: the line of an open page breaks again and again, Valkey is emptied and dies. The page misses nothing and hears nothing twice."""

import json
import random
from contextlib import suppress

import pytest
import redis

from tests.faults.clients import OK
from tests.faults.harness import seeds
from tests.live import Ear

SEQ = "SELECT head_seq FROM complaints_complaint WHERE number = %s"
LATEST = (
    "SELECT m.body FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id WHERE c.number = %s ORDER BY m.id DESC"
)
MESSAGES = 24


class OpenPage:
    """An agent's page: it looks again at whatever the stream points at, and by itself while there is no stream."""

    def __init__(self, proving, agent, number: str):
        self.proving, self.agent, self.number = proving, agent, number
        self.versions: list[int] = []
        self.last, self.seen = "", ""
        self.connect()

    def connect(self) -> None:
        cookies = {cookie.name: cookie.value for cookie in self.agent.cookies}
        place = {"Last_Event_ID": self.last} if self.last else {}
        self.ear, self.known = Ear(self.proving.stack.port, f"complaint-{self.number}", cookies=cookies, **place), 0

    def drop(self) -> None:
        """The line breaks; the browser comes back with the place of the last thing that it heard."""
        self.hear()
        self.ear.close()
        self.proving.wait(self._is_back)

    def _is_back(self) -> bool:
        try:
            self.connect()
        except OSError:
            return False
        return self.ear.status == 200

    def hear(self) -> None:
        """Look again if there was a reason to."""
        words = self.ear.words[self.known :]
        self.known += len(words)
        self.last = next((word.position for word in reversed(words) if word.position), self.last)
        self.versions += [json.loads(word.text)["version"] for word in words if word.kind == ""]
        states = [word.kind for word in self.ear.words if word.kind in ("away", "reset")]
        is_alone = self.ear.is_over.is_set() or states[-1:] == ["away"]
        if is_alone or any(word.kind in ("", "reset") for word in words):
            self.seen = self.agent.open(self.number).text

    def shows(self, text: str) -> bool:
        if self.ear.is_over.is_set():
            self.drop()
        self.hear()
        return text in self.seen


def drop_line(page, proving):
    page.drop()


def empty_valkey(page, proving):
    with suppress(redis.RedisError):  # it may be starting from the fault before
        redis.Redis.from_url(proving.stack.redis_url).flushall()


def kill_valkey(page, proving):
    with suppress(ProcessLookupError):
        proving.stack.kill("valkey")


FAULTS = [drop_line, drop_line, drop_line, empty_valkey, kill_valkey]


@pytest.mark.parametrize("seed", seeds())
def test_an_open_page_misses_nothing_and_hears_nothing_twice(seed, proving):
    dice = random.Random(seed)
    visitor, agent = proving.visitor(), proving.agent()
    proving.wait(lambda: visitor.number_of_complaint or visitor.file() == OK)
    page = OpenPage(proving, agent, visitor.number_of_complaint)

    for _each in range(MESSAGES):
        if dice.random() < 0.5:
            dice.choice(FAULTS)(page, proving)
        proving.wait(lambda: visitor.write() == OK)
        text = proving.value(LATEST, visitor.number_of_complaint)
        proving.wait(lambda text=text: page.shows(text))

    page.ear.close()
    assert page.versions == sorted(set(page.versions))
    assert page.versions[-1:] <= [proving.value(SEQ, visitor.number_of_complaint)]
    proving.wait_until_settled()
    proving.check_invariants()
