import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.failpoints import NAMES, failpoint, parse_failpoints

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "from foundation.failpoints import failpoint; print('before', flush=True); failpoint('task.start'); print('after', flush=True)"


def start(act):
    environment = {"PATH": os.environ["PATH"], "FAILPOINTS": act, "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, text=True, **pipes)


def run(act):
    with start(act) as child:
        output, errors = child.communicate(timeout=30)
    return output.split(), child.returncode, errors


@pytest.mark.parametrize("act", ["", "outbox.after_send=kill", "task.start=kill:17"])
def test_failpoint_does_nothing_unless_it_is_armed(act):
    assert run(act)[:2] == (["before", "after"], 0)


def test_failpoint_can_kill():
    assert run("task.start=kill")[:2] == (["before"], -signal.SIGKILL)


def test_failpoint_can_raise_a_named_error():
    output, code, errors = run("outbox.after_send=kill, task.start=raise:OSError")

    assert (output, code) == (["before"], 1)
    assert "OSError: failpoint" in errors


def test_failpoint_can_sleep():
    assert run("task.start=sleep:0")[:2] == (["before", "after"], 0)


def test_failpoint_can_stop_the_process_until_it_is_told_to_go_on():
    with start("task.start=pause") as child:
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        os.kill(child.pid, signal.SIGCONT)
        output, _ = child.communicate(timeout=30)

    assert os.WIFSTOPPED(status)
    assert output.split() == ["before", "after"]


@pytest.mark.parametrize("text", ["task.strat=kill", "task.start=die", "task.start"])
def test_parse_failpoints_refuses_what_would_never_happen(text):
    with pytest.raises(ValueError):
        parse_failpoints(text)


def test_failpoint_names_in_the_code_are_listed():
    used = set()
    for app in (path.parent for path in ROOT.glob("*/apps.py")):
        for path in app.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == failpoint.__name__:
                    used.add(node.args[0].value)

    assert "evidence.after_file" in used
    assert used <= NAMES
