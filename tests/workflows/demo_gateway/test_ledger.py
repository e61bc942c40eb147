"""The ledger's file: whole lines in order, whatever kills its writer."""

import json
import os
import subprocess
import sys
import threading

import pytest

from tests.stack import ROOT
from workflows.demo_gateway.ledger import Ledger, LedgerError, read_facts

FULL_DISK = """
import resource, sys
from pathlib import Path
from workflows.demo_gateway.ledger import Ledger

ledger = Ledger(Path(sys.argv[1]))
ledger.append(kind="paid", text="first")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    ledger.append(kind="paid", text="x" * 200)
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ledger.append(kind="paid", text="second")
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "books" / "ledger.jsonl"


def write_facts(path, *kinds):
    ledger = Ledger(path)
    for kind in kinds:
        ledger.append(kind=kind)
    ledger.close()


def kinds_in(path):
    return [fact["kind"] for fact in read_facts(path)]


def test_facts_are_numbered_and_read_back(path):
    ledger = Ledger(path)

    ledger.append(kind="paid", text="七 🙂")

    assert list(read_facts(path)) == ledger.facts == [{"seq": 1, "kind": "paid", "text": "七 🙂"}]


def test_another_process_goes_on_where_the_last_one_stopped(path):
    write_facts(path, "a", "b")
    write_facts(path, "c")

    assert [(fact["seq"], fact["kind"]) for fact in read_facts(path)] == [(1, "a"), (2, "b"), (3, "c")]


def test_a_torn_last_line_is_ignored_and_cut_off_wherever_it_was_torn(path):
    write_facts(path, "a", "b")
    whole = path.read_bytes()
    start_of_last = whole.index(b"\n") + 1

    for end in range(start_of_last, len(whole)):
        path.write_bytes(whole[:end])

        assert kinds_in(path) == ["a"]

        write_facts(path, "c")

        assert kinds_in(path) == ["a", "c"]


@pytest.mark.parametrize("damage", [b"\n", b"nonsense\n", b"[]\n", b'{"kind":"x"}\n', b'{"seq":3}\n', b'{"seq":1}\n'])
def test_a_damaged_whole_line_is_an_error(path, damage):
    write_facts(path, "a")
    path.write_bytes(path.read_bytes() + damage)

    with pytest.raises(LedgerError):
        list(read_facts(path))
    with pytest.raises(LedgerError):
        Ledger(path)


def test_a_second_writer_is_refused_until_the_first_lets_go(path):
    first = Ledger(path)

    with pytest.raises(LedgerError):
        Ledger(path)

    first.close()
    Ledger(path).close()


def test_a_fact_is_whole_in_the_file_when_it_is_brought_to_disk(path, monkeypatch):
    ledger, synced = Ledger(path), []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (fsync(file), synced.append(path.read_bytes())))

    ledger.append(kind="a")
    ledger.append(kind="b")

    lines = [json.dumps(fact, separators=(",", ":")).encode() + b"\n" for fact in ledger.facts]
    assert synced == [lines[0], lines[0] + lines[1]]


def test_a_full_disk_leaves_no_half_line(path):
    path.parent.mkdir()

    subprocess.run([sys.executable, "-c", FULL_DISK, path], cwd=ROOT, check=True)

    assert [fact["text"] for fact in read_facts(path)] == ["first", "second"]


def test_threads_write_one_line_each(path):
    ledger = Ledger(path)
    threads = [threading.Thread(target=lambda: [ledger.append(kind="a") for _ in range(25)]) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [fact["seq"] for fact in read_facts(path)] == list(range(1, 201))
