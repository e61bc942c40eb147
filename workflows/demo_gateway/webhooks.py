"""Notices to the product: signed, in several copies, out of order, late and again when they are not taken.

Everything waits in memory and is sent by threads of its own: a receiver that is dead or slow never delays an answer, and a gateway
that dies forgets its notices, as real ones do. Whoever listens has to ask for the truth anyway.
"""

import heapq
import itertools
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from .loopback import Place, call
from .signing import seal

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 5
RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)
MOST_WAITING = 50_000


class Letter(NamedTuple):
    """One notice on its way: when it is due, its place in the line, how often it was tried, and its bytes."""

    due_at: float
    place: int
    tries: int
    body: bytes


class Courier:
    """Delivers notices to one address. Without a receiver it drops them.

    ``spread_seconds`` is the time over which the copies of a duplicated notice arrive, in an order drawn from ``seed``;
    ``retry_seconds`` are the pauses before each further try. ``sign`` gives the headers of a body, where it is no notice of the gateway.
    """

    def __init__(
        self,
        receiver: Place | None,
        secret: str,
        *,
        seed: int = 0,
        spread_seconds: float = 0.5,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        carriers: int = 4,
        sign: Callable[[bytes], dict[str, str]] | None = None,
    ):
        self._receiver, self._seed = receiver, seed
        self._sign = sign or (lambda body: seal(secret, "notice", body=body))
        self._spread, self._retries = spread_seconds, tuple(retry_seconds)
        self._letters: list[Letter] = []
        self._places = itertools.count()
        self._wake = threading.Condition()
        self._is_open = receiver is not None
        for _ in range(carriers if self._is_open else 0):
            threading.Thread(target=self._carry, name="webhook", daemon=True).start()

    def send(self, *notices: dict[str, Any], copies: int = 1) -> None:
        """Send each notice in so many copies and return at once. Several letters arrive out of order, the last notice first."""
        bodies = [json.dumps(notice, ensure_ascii=False).encode() for notice in notices for _ in range(copies)]
        last, rest = bodies[-1:], bodies[:-1]
        Random(f"{self._seed}:{notices[-1]['notify_id']}").shuffle(rest)  # noqa: S311 - an order to be repeated, no secret
        for number, body in enumerate(last + rest):
            self._put(body, tries=0, pause=self._spread * number / len(bodies))

    def post(self, body: bytes) -> None:
        """Send one body as it is and return at once."""
        self._put(body, tries=0, pause=0)

    def stop(self) -> None:
        """Forget what waits. Letters on their way are not waited for."""
        with self._wake:
            self._is_open = False
            self._wake.notify_all()

    def _put(self, body: bytes, *, tries: int, pause: float) -> None:
        with self._wake:
            if self._is_open and len(self._letters) < MOST_WAITING:
                heapq.heappush(self._letters, Letter(time.monotonic() + pause, next(self._places), tries, body))
                self._wake.notify()

    def _carry(self) -> None:
        while letter := self._take():
            if self._deliver(letter.body) or letter.tries == len(self._retries):
                continue
            self._put(letter.body, tries=letter.tries + 1, pause=self._retries[letter.tries])

    def _take(self) -> Letter | None:
        """The next letter when it is due; None when the courier has stopped."""
        with self._wake:
            while self._is_open:
                pause = self._letters[0].due_at - time.monotonic() if self._letters else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._letters)
                self._wake.wait(pause)
            return None

    def _deliver(self, body: bytes) -> bool:
        """True when the receiver took it. Each delivery is signed anew, so a copy is no replay."""
        try:
            answer = call(self._receiver, "POST", "", body=body, headers=self._sign(body), seconds=PATIENCE_SECONDS)
        except OSError as error:
            logger.debug("no notice delivered: %s", error)
            return False
        return 200 <= answer.status < 300
