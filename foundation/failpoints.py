"""Named places where a test can make a process die, fail, wait or stop. Disarmed, each is one dictionary look-up.

Armed by ``FAILPOINTS="outbox.after_claim=kill,task.start=raise:OSError,evidence.after_file=sleep:5,assign.after_commit=pause"``;
a system check forbids that in production.
"""

import builtins
import os
import signal
import time

NAMES = frozenset(
    {
        "complaint.after_commit",
        "outbox.after_claim",
        "outbox.after_send",
        "reports.after_send",
        "evidence.after_file",
        "evidence.after_commit",
        "assign.after_commit",
        "clock.before_fire",
        "clock.before_commit",
        "effort.before_commit",
        "exports.before_finish",
        "exports.half_way",
        "ledger.stored",
        "ledger.filled",
        "ledger.rolled",
        "rebuild.filled",
        "rebuild.caught_up",
        "rebuild.before_swap",
        "rebuild.after_swap",
        "refund.after_submit_commit",
        "refund.before_call",
        "refund.after_call",
        "refund.before_record",
        "snapshots.before_finish",
        "spikes.written",
        "task.start",
    }
)


def parse_failpoints(text: str) -> dict[str, str]:
    """Read the variable's value; an unknown name or act is an error, so that a misspelt test cannot pass."""
    armed = dict(part.strip().split("=", 1) for part in text.split(",") if part.strip())
    for name, act in armed.items():
        if name not in NAMES:
            raise ValueError(f"FAILPOINTS names {name!r}, which does not exist")
        if act.partition(":")[0] not in ACTS:
            raise ValueError(f"FAILPOINTS sets {name!r} to {act!r}; choose from {', '.join(ACTS)}")
    return armed


def failpoint(name: str, subject: object = None) -> None:
    """Do what the environment armed for this place; nothing otherwise. ``kill:17`` strikes only where the subject is 17."""
    act = ARMED.get(name)
    if act is not None:
        verb, _, argument = act.partition(":")
        if verb != "kill" or argument in ("", str(subject)):
            ACTS[verb](argument)


def _kill(_argument: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _raise(argument: str) -> None:
    raise getattr(builtins, argument or "RuntimeError")("failpoint")


def _sleep(argument: str) -> None:
    time.sleep(float(argument))


def _pause(_argument: str) -> None:
    # The whole process stops until someone sends SIGCONT, as a machine that stalls past its lease.
    os.kill(os.getpid(), signal.SIGSTOP)


ACTS = {"kill": _kill, "raise": _raise, "sleep": _sleep, "pause": _pause}
ARMED = parse_failpoints(os.environ.get("FAILPOINTS", ""))
