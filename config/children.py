"""Child processes that never outlive the one that started them."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import psutil

LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


def spawn(
    argv: list, *, log: Path, env: dict | None = None, user: str | None = None, death_signal: int = signal.SIGTERM
) -> subprocess.Popen:
    """Start a child in its own session, as ``user``, writing to ``log``.

    On Linux the kernel sends ``death_signal`` to the child when this process dies, even by SIGKILL.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
            preexec_fn=_die_with_parent(death_signal),  # noqa: PLW1509 - runs two system calls only
            **identity(user),
        )


def identity(user: str | None) -> dict:
    """Arguments of Popen that make a child run as ``user``, with none of this process's groups."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def stop(process: subprocess.Popen, *, by: int = signal.SIGTERM, within: float = 10) -> None:
    """Ask a child to stop; whatever is left of its session after ``within`` seconds is killed."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    kill_session(process.pid)


def kill_session(session: int) -> None:
    """Kill what a dead child left behind, so that its port and its files are free again."""
    for process in session_members(session):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def session_members(session: int) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _session_of(process.pid) == session]


def read_pid(path: Path) -> int | None:
    """The process number in the first line of a pid file, if there is such a file and it is whole."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process has ``folder`` as its working folder: a number alone may have been given away again."""
    try:
        return Path(psutil.Process(pid).cwd()) == folder
    except psutil.Error:
        return False


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _die_with_parent(death_signal: int):
    parent = os.getpid()

    def prepare() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(1)

    return prepare
