"""A few long-lived child processes that decode images, so that a bomb hits its own limits and not the web server.

Children are started on first use, reused, replaced when they die and retired after some images.
"""

import atexit
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from pathlib import Path

MOST_CHILDREN = 2
MOST_SECONDS = 30
IMAGES_PER_CHILD = 500
SCRIPT = Path(__file__).with_name("image_child.py")


class ImageChildError(Exception):
    """The child died, hung or was never free; ``code`` says what to tell the visitor."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Child:
    """One child process; used by one thread at a time."""

    def __init__(self) -> None:
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        command = [sys.executable, "-I", str(SCRIPT)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.popen = subprocess.Popen(command, bufsize=0, env=environment, **pipes)
        self.images = 0

    def ask(self, order: dict) -> dict:
        """Send one image and wait for the answer; a child that breaks on it is ended."""
        self.images += 1
        try:
            self.popen.stdin.write(json.dumps(order).encode() + b"\n")
            return json.loads(self._read_line(time.monotonic() + MOST_SECONDS))
        except (OSError, ValueError) as error:
            self.stop()
            raise ImageChildError("too_complex") from error

    def is_fit(self) -> bool:
        return self.popen.poll() is None and self.images < IMAGES_PER_CHILD

    def stop(self) -> None:
        self.popen.kill()
        self.popen.wait()
        self.popen.stdin.close()
        self.popen.stdout.close()

    def _read_line(self, deadline: float) -> bytes:
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.popen.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(deadline - time.monotonic()):
                    raise TimeoutError
                chunk = os.read(self.popen.stdout.fileno(), 65536)
                if not chunk:
                    raise ConnectionResetError("the child is gone")
                line += chunk
        return line


class Pool:
    """At most ``MOST_CHILDREN`` children; whoever comes later waits for one."""

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[Child] = queue.LifoQueue()
        self._slots = threading.BoundedSemaphore(MOST_CHILDREN)

    def ask(self, order: dict) -> dict:
        if not self._slots.acquire(timeout=MOST_SECONDS):
            raise ImageChildError("busy")
        try:
            child = self._take()
            reply = child.ask(order)
            self._idle.put(child)
            return reply
        finally:
            self._slots.release()

    def _take(self) -> Child:
        while True:
            try:
                child = self._idle.get_nowait()
            except queue.Empty:
                return Child()
            if child.is_fit():
                return child
            child.stop()

    def stop(self) -> None:
        """End the idle children; the next image starts new ones."""
        while not self._idle.empty():
            self._idle.get_nowait().stop()


_pool = Pool()


def reencode_image(order: dict) -> dict:
    """Let a child re-encode one image; see ``image_child`` for the order and its answer."""
    return _pool.ask(order)


def stop_children() -> None:
    """End the idle children of this process."""
    _pool.stop()


def _start_afresh() -> None:
    """The children belong to the process that started them, not to its forks."""
    global _pool
    _pool = Pool()


atexit.register(stop_children)
os.register_at_fork(after_in_child=_start_afresh)
