"""The real house for tests that need it whole: ``manage.py up`` in a folder of its own, started and stopped from outside."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from config.embedded import Postgres
from config.environment import free_port, read_trial_values

ROOT = Path(__file__).resolve().parent.parent
CHILDREN = ("postgres", "valkey", "web", "sweeper", "money", "mail", "clocks", "bulk")
SMALL_DEMO = ("--demo-orders", "60", "--demo-complaints", "40")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


class Stack:
    """A running house: its addresses, its children by name, and ways to hurt it.

    ``demo`` loads a small demo shop; ``env`` adds variables (FAILPOINTS, EMAIL_URL, …). Call ``stop()`` or use it in ``with``.
    """

    def __init__(self, data: Path, *, demo: bool = False, env: dict[str, str] | None = None, python: str = sys.executable):
        self.data = Path(data)
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.output = self.data / "up.out"
        self.argv = [python, str(ROOT / "manage.py"), "up", *(SMALL_DEMO if demo else ["--no-demo"])]
        self.env = {**inherited_environment(), "BIHUAN_DATA": str(self.data), "PORT": str(self.port), **shared_static(), **(env or {})}
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Stack":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()
        self.discard()

    @property
    def database_url(self) -> str:
        return read_trial_values(self.data)["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        return read_trial_values(self.data)["REDIS_URL"]

    def start(self, *, within: float = 120) -> "Stack":
        """Start the house and wait until it is whole: every child is there and the web server is ready."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as out:
            # A shell that starts something in the background lets it ignore Ctrl-C; the house must not take that over.
            self.process = subprocess.Popen(
                self.argv, env=self.env, cwd=ROOT, stdout=out, stderr=out, start_new_session=True, preexec_fn=ignore_ctrl_c
            )
        wait_for(lambda: self.is_whole() or self.process.poll() is not None, within=within, what=self.describe)
        assert self.process.poll() is None, self.describe()
        return self

    def stop(self, *, by: int = signal.SIGTERM, within: float = 40) -> int:
        """End the house as Ctrl-C or a service manager would; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(within)

    def discard(self) -> None:
        """Remove the database, which for root may stand outside the data folder."""
        home = Postgres(folder=self.data / "postgres", port=0, password="", log=self.output).home
        shutil.rmtree(home, ignore_errors=True)

    def kill(self, name: str, *, by: int = signal.SIGKILL) -> int:
        """Kill one child by name; returns the number of the process that it was."""
        pid = self.pid(name)
        os.kill(pid, by)
        return pid

    def pid(self, name: str) -> int:
        return int((self.data / "run" / f"{name}.pid").read_text())

    def processes(self) -> list[psutil.Process]:
        """Everything that still runs for this house: what carries its data folder in its environment or works in it."""
        return [process for process in psutil.process_iter() if belongs_to(process, self.data)]

    def inner(self, name: str) -> list[psutil.Process]:
        """The processes that a child has started itself: the web server's worker, the pool of a Celery worker."""
        try:
            return psutil.Process(self.pid(name)).children()
        except psutil.NoSuchProcess:
            return []

    def is_whole(self) -> bool:
        named = [self.data / "run" / f"{name}.pid" for name in CHILDREN]
        return all(path.exists() for path in named) and b"; Ctrl-C stops it" in self.output.read_bytes() and self.is_ready()

    def is_ready(self) -> bool:
        status, _ = self.get("/readyz")
        return status == 200

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page; status 0 when nobody answers."""
        try:
            with OPENER.open(self.base_url + path, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a management command against this house."""
        return subprocess.run(
            [self.argv[0], self.argv[1], *arguments], env=self.env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )

    def describe(self) -> str:
        logs = [self.output, *sorted((self.data / "log").glob("*.log"))]
        readiness = f"--- /readyz {self.get('/readyz')}\n"
        return readiness + "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs if log.exists())


def ignore_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def wait_for(condition: Callable[[], object], *, within: float, what: Callable[[], str] | str = "") -> None:
    """Wait until ``condition()`` is true; fail with ``what`` when that takes too long."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"still waiting after {within} s\n{what() if callable(what) else what}")
        time.sleep(0.1)


def belongs_to(process: psutil.Process, data: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("BIHUAN_DATA") == str(data) or process.cwd().startswith(str(data))
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return False


def inherited_environment() -> dict[str, str]:
    """Nothing of the tests' own settings reaches the house, only what a shell needs."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def shared_static() -> dict[str, str]:
    """Static files are collected once for all houses of one checkout, not once per house."""
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    return {"STATIC_ROOT": str(Path(tempfile.gettempdir()) / f"bihuan-static-{checkout}")}
