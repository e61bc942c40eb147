"""Which fault meets which refund: named for its key, else drawn by the seed, else none.

| fault | what happens |
|--|--|
| ``ok`` | paid at once |
| ``ok_but_drop_reply`` | paid, and the connection is closed without an answer |
| ``slow`` | paid after the caller has hung up |
| ``500_then_ok`` | the first call is answered 500 and nothing is recorded |
| ``processing:N`` | N queries say processing, the next one paid |
| ``reject`` | declined with a definite code, each time |
| ``duplicate_webhook:N`` | N copies of each notice, the later notice first |
| ``bounce:SECONDS`` | paid, and reported bounced so much later (1 when not named) |
| ``absent_then_lands:SECONDS`` | taken without an answer, unknown to queries, paid so much later |

A key may name a list: one fault for each time it is sent, the last one for all further times. What can happen only once
(a dropped answer, a slow one, a 500, a request under way) is followed by ``ok``.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

NUMBERED = {"processing": None, "duplicate_webhook": None, "bounce": 1, "absent_then_lands": None}  # with the number when none is named
ONCE = {"ok_but_drop_reply", "slow", "500_then_ok", "absent_then_lands"}
NAMES = ONCE | {"ok", "reject", *NUMBERED}
SPELLING = re.compile(r"([a-z0-9_]+)(?::(\d{1,9}))?")


class FaultError(ValueError):
    """No such fault, or no such plan."""


@dataclass(frozen=True)
class Fault:
    name: str = "ok"
    number: int = 0

    @classmethod
    def parse(cls, text: Any) -> "Fault":
        """Read ``reject`` or ``processing:3``."""
        found = SPELLING.fullmatch(text) if isinstance(text, str) else None
        name, number = found.groups() if found else ("", None)
        number = number or NUMBERED.get(name)
        if name not in NAMES or (number is None) != (name not in NUMBERED):
            raise FaultError(f"no fault is called {text!r}")
        return cls(name, int(number or 0))


OK = Fault()


@dataclass(frozen=True)
class Plan:
    """The faults of a run. ``ratios`` name the share of keys (0 to 1) that a fault meets; the same seed and key always meet the same."""

    keys: Mapping[str, list[Fault]] = field(default_factory=dict)
    ratios: Mapping[Fault, float] = field(default_factory=dict)
    seed: int = 0
    source: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, source: Any, *, seed: int = 0) -> "Plan":
        """Read ``{"keys": {"RF1": "reject", "RF2": ["slow", "reject"]}, "ratios": {"slow": 0.1}, "seed": 7}``; each part may be missing."""
        if not isinstance(source, dict) or not source.keys() <= {"keys", "ratios", "seed"}:
            raise FaultError("a plan has keys, ratios and seed")
        keys, ratios, seed = source.get("keys", {}), source.get("ratios", {}), source.get("seed", seed)
        if not isinstance(keys, dict) or not isinstance(ratios, dict) or type(seed) is not int:
            raise FaultError("keys and ratios are objects, seed is an integer")
        shares = {Fault.parse(text): share for text, share in ratios.items()}
        if any(type(share) not in (int, float) or share < 0 for share in shares.values()) or sum(shares.values()) > 1:
            raise FaultError("ratios are numbers from 0 up, together at most 1")
        return cls({key: parse_steps(steps) for key, steps in keys.items()}, shares, seed, {"keys": keys, "ratios": ratios, "seed": seed})

    def fault_for(self, key: str, *, attempt: int) -> Fault:
        """The fault of the ``attempt``-th time (from 0) that a key is sent."""
        steps = self.keys.get(key) or [self._draw(key)]
        step = min(attempt, len(steps) - 1)
        return OK if step < attempt and steps[step].name in ONCE else steps[step]

    def copies_for(self, key: str) -> int:
        """How many copies of each notice about a key are sent; 0 = one notice, at the end only."""
        return max((step.number for step in self.keys.get(key) or [self._draw(key)] if step.name == "duplicate_webhook"), default=0)

    def _draw(self, key: str) -> Fault:
        point = Random(f"{self.seed}:{key}").random()  # noqa: S311 - a fault to be repeated, no secret
        for fault, share in self.ratios.items():
            point -= share
            if point < 0:
                return fault
        return OK


class Faults:
    """The plan in force and how often each key was sent under it. The plan outlives the process, the counting does not."""

    def __init__(self, path: Path, *, seed: int | None = None):
        self._path, self._lock, self._sent = path, Lock(), Counter()
        kept = json.loads(path.read_bytes()) if path.exists() else {}
        self.plan = Plan.parse(kept if seed is None else {**kept, "seed": seed})

    def replace(self, source: Any) -> None:
        """Put another plan in force; counting starts anew. Raises ``FaultError`` and keeps the old one when it cannot be read."""
        plan = Plan.parse(source, seed=self.plan.seed)
        with self._lock:
            draft = self._path.with_suffix(".new")
            draft.write_text(json.dumps(plan.source))
            os.replace(draft, self._path)
            self.plan = plan
            self._sent.clear()

    def next_for(self, key: str) -> Fault:
        """The fault for this time that a key is sent."""
        with self._lock:
            self._sent[key] += 1
            return self.plan.fault_for(key, attempt=self._sent[key] - 1)


def parse_steps(steps: Any) -> list[Fault]:
    steps = steps if isinstance(steps, list) else [steps]
    if not steps:
        raise FaultError("a key names at least one fault")
    return [Fault.parse(text) for text in steps]
