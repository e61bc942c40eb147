"""A progress line for commands that take a while: share, count and the time that is left."""

import sys
import time
from typing import TextIO

WIDTH = 30
SECONDS_BETWEEN_LINES = 10


class ProgressBar:
    """Redraws one line on a terminal; elsewhere (a log) writes a line every ten seconds and one at the end."""

    def __init__(self, label: str, *, stream: TextIO | None = None) -> None:
        self.label, self.stream = label, stream or sys.stderr
        self.written = time.monotonic()
        self.began: tuple[float, int] | None = None  # when it was first called, and how much was done by then

    def __call__(self, done: int, total: int) -> None:
        now, is_done = time.monotonic(), done >= total
        since, before = self.began = self.began or (now, done)
        if not self.stream.isatty() and not is_done and now - self.written < SECONDS_BETWEEN_LINES:
            return
        self.written = now
        left = (now - since) * (total - done) / (done - before) if done > before else 0
        filled = WIDTH * done // max(total, 1)
        line = f"{self.label} [{'#' * filled}{'.' * (WIDTH - filled)}] {done:,}/{total:,}" + ("" if is_done else f"  {left:,.0f} s left")
        self.stream.write(f"\r\x1b[K{line}" if self.stream.isatty() else f"{line}\n")
        if is_done and self.stream.isatty():
            self.stream.write("\n")
        self.stream.flush()
