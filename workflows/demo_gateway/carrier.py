"""The demo carrier, played by the process of the demo gateway: it is asked over HTTP, and tells by itself what it scans.

| call | answer |
|--|--|
| ``POST /carrier/v1/waybills/{waybill}`` | watches a waybill: its journey begins |
| ``GET /carrier/v1/waybills/{waybill}`` | every scan so far |

Its pushes get lost, doubled and late by seed. Which waybills are watched is kept in a file; a push that falls due while the process is
down is lost, as real ones are.
"""

import heapq
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from orders.carriers.demo_core import PATH, DemoCore, sign_push

from .clock import Clock

SPEED = 240  # a day of a journey passes in six minutes


class PlayedCarrier:
    """Answers about waybills, and hands each push to ``tell`` when it is due."""

    def __init__(self, file: Path, clock: Clock, tell: Callable[[bytes], None], *, seed: int = 0, speed: int = SPEED):
        self.core, self._file, self._clock, self._tell = DemoCore(seed=seed, speed=speed), file, clock, tell
        self._pushes: list[tuple[datetime, bytes]] = []
        self._turn = threading.Lock()
        self._recall()

    def answer(self, method: str, path: str) -> tuple[int, dict]:
        with self._turn:
            before = len(self.core.watched)
            answer = self.core.answer(method, path, self._clock.now())
            if len(self.core.watched) > before:
                self._remember(path.removeprefix(PATH))
        return answer

    def push_due(self) -> int:
        """Tell what has fallen due; returns how many pushes that were."""
        due = []
        with self._turn:
            while self._pushes and self._pushes[0][0] <= self._clock.now():
                due.append(heapq.heappop(self._pushes)[1])
        for body in due:
            self._tell(body)
        return len(due)

    def _remember(self, waybill: str) -> None:
        line = json.dumps({"waybill": waybill, "since": self.core.watched[waybill].isoformat()})
        with self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._plan(waybill)

    def _recall(self) -> None:
        for line in self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # cut short by the end of its process
            self.core.watched[row["waybill"]] = datetime.fromisoformat(row["since"])
            self._plan(row["waybill"], after=self._clock.now())

    def _plan(self, waybill: str, *, after: datetime | None = None) -> None:
        for at, body in self.core.arrivals(waybill):
            if after is None or at > after:
                heapq.heappush(self._pushes, (at, body))


def signer(secret: str) -> Callable[[bytes], dict[str, str]]:
    """The headers of a push that is sent now."""
    return lambda body: sign_push(body, secret, datetime.now(UTC))
