"""The registry of sweeps: short rounds of work that find whatever a lost hint left behind.

An app registers its sweeps in its ``tasks.py``; ``manage.py sweeper`` and the Celery task ``config.tick`` run them.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """A function without arguments that returns how many rows it worked, and how often to run it, in seconds."""

    name: str
    every: float
    run: Callable[[], int]


_registered: dict[str, Sweep] = {}


def sweep(name: str, *, every: float) -> Callable:
    """Register the decorated function; it must be safe doubled, skipped and killed half-way."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        if name in _registered and _registered[name].run.__module__ != run.__module__:
            raise ValueError(f"two sweeps are called {name!r}")
        _registered[name] = Sweep(name, every, run)
        return run

    return register


def registered_sweeps() -> list[Sweep]:
    """All sweeps, the most frequent first."""
    return sorted(_registered.values(), key=lambda each: (each.every, each.name))


def run_sweeps(sweeps: list[Sweep]) -> dict[str, int | Exception]:
    """Run sweeps one after the other; one that fails is logged and never keeps the next from running."""
    return {each.name: _run(each) for each in sweeps}


def _run(each: Sweep) -> int | Exception:
    try:
        return each.run()
    except Exception as error:
        logger.exception("sweep %s failed", each.name)
        return error


def each_apart(ids: Iterable[int], look: Callable[[int], Any], *, put_off: Callable[[int], Any]) -> int:
    """Work on rows one by one; one that fails is logged and put off, and keeps no other from being worked. Returns how many moved."""
    return sum(_apart(pk, look, put_off) for pk in ids)


def _apart(pk: int, look: Callable[[int], Any], put_off: Callable[[int], Any]) -> bool:
    try:
        return bool(look(pk))
    except Exception:
        logger.exception("%s failed for row %d, which is put off", look.__qualname__, pk)
        put_off(pk)
        return False
