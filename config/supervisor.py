"""Keeps the programs of the trial run alive, and ends all of them together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from config import children
from config.embedded import last_lines

LONGEST_PAUSE = 30.0
SETTLED_AFTER = 10.0
LOOK_EVERY = 0.2


class Startable(Protocol):
    """An engine or a program: something with a name and a log that can be started."""

    name: str
    log: Path
    stop_signal: int

    def spawn(self) -> subprocess.Popen: ...


@dataclass(kw_only=True)
class Program:
    """One of our own processes: web server, worker, sweeper."""

    name: str
    argv: list
    log: Path
    env: dict = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM

    def spawn(self) -> subprocess.Popen:
        return children.spawn([sys.executable, *self.argv], log=self.log, env={**os.environ, **self.env})


@dataclass
class Kept:
    """A started program and how often it failed in a row."""

    program: Startable
    process: subprocess.Popen
    started_at: float
    failures: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Starts programs, starts each again when it dies (later and later if it keeps dying), stops them in reverse order."""

    def __init__(self, *, run_folder: Path, say: Callable[[str], None]):
        self.run_folder = run_folder
        self.say = say
        self.kept: list[Kept] = []

    def keep(self, program: Startable, *, process: subprocess.Popen | None = None) -> None:
        """Start a program, or take over one that is already started."""
        self.kept.append(Kept(program, process or program.spawn(), time.monotonic()))
        self._note_pid(self.kept[-1])

    def watch(self) -> None:
        """Look after the programs until an exception (KeyboardInterrupt) ends it."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Start again whatever died and has waited long enough."""
        for kept in self.kept:
            if kept.start_again_at is not None:
                self._start_again_if_due(kept)
            elif kept.process.poll() is not None:
                self._plan_restart(kept)

    def stop(self) -> None:
        """End our own programs together, then the engines they write to, last started first."""
        programs = [kept for kept in self.kept if isinstance(kept.program, Program)]
        for kept in programs:
            if kept.process.poll() is None:
                kept.process.send_signal(kept.program.stop_signal)
        engines = [kept for kept in self.kept if kept not in programs]
        for kept in reversed(engines + programs):
            children.stop(kept.process, by=kept.program.stop_signal, within=15)
            self._pid_file(kept).unlink(missing_ok=True)

    def _plan_restart(self, kept: Kept) -> None:
        now = time.monotonic()
        kept.failures = 0 if now - kept.started_at > SETTLED_AFTER else kept.failures + 1
        pause = min(0.5 * 2 ** (kept.failures - 1), LONGEST_PAUSE) if kept.failures > 1 else 0.0
        kept.start_again_at = now + pause
        when = f" in {pause:.0f} s" if pause >= 1 else ""
        self.say(f"{kept.program.name} {describe_end(kept.process.returncode)}; starting it again{when}")
        if kept.failures > 1:
            self.say(f"  last words, from {kept.program.log}:\n{last_lines(kept.program.log)}")

    def _start_again_if_due(self, kept: Kept) -> None:
        if time.monotonic() < kept.start_again_at:
            return
        children.kill_session(kept.process.pid)
        kept.process = kept.program.spawn()
        kept.started_at, kept.start_again_at = time.monotonic(), None
        self._note_pid(kept)

    def _note_pid(self, kept: Kept) -> None:
        self.run_folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._pid_file(kept).with_suffix(".new")
        unfinished.write_text(f"{kept.process.pid}\n")
        unfinished.replace(self._pid_file(kept))

    def _pid_file(self, kept: Kept) -> Path:
        return self.run_folder / f"{kept.program.name}.pid"


def describe_end(returncode: int) -> str:
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with code {returncode}"
