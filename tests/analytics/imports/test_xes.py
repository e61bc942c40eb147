"""XES files: what is read, and what is refused."""

import gzip
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest

from analytics.imports.records import CLASSIFIED, LogError, LogFile
from analytics.imports.xes import LONGEST_TOKEN, read_xes
from tests.analytics.imports.builders import FIXTURES, HEAD, MONDAY, xes_event, xes_trace

WANTED = frozenset({"concept:name", "time:timestamp", "case:concept:name", "case:channel"})
BOMB = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<log><trace><event><string key="concept:name" value="&b;"/></event></trace></log>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<log><trace><event><string key="concept:name" value="x">&file;</string></event></trace></log>"""
DOCUMENT_TYPE = '<!DOCTYPE log SYSTEM "http://127.0.0.1/log.dtd"><log/>'


def read(text, *, wanted=WANTED, classifier=""):
    stream = BytesIO(text.encode() if isinstance(text, str) else text)
    return list(read_xes(stream, wanted=wanted, classifier=classifier))


def test_events_carry_their_own_attributes_and_those_of_their_trace():
    records = read((FIXTURES / "desk.xes").read_bytes())

    assert [(each.line, each.cells.get("concept:name"), each.place) for each in records[:2]] == [(11, "Created", 1), (17, "Reply", 1)]
    assert (records[0].cells["case:concept:name"], records[0].cells["case:channel"]) == ("7", "email")
    assert "case:channel" not in records[5].cells


def test_attributes_that_nobody_wants_are_not_held():
    records = read(HEAD + xes_trace("1", [xes_event("a", MONDAY, "Anna")]) + "</log>")

    assert set(records[0].cells) == {"concept:name", "time:timestamp", "case:concept:name"}


def test_a_classifier_of_the_file_says_what_happened():
    records = read((FIXTURES / "desk.xes").read_bytes(), classifier="Name and step")

    assert [each.cells[CLASSIFIED] for each in records[:3]] == ["Created+complete", "Reply+start", "Reply+complete"]


def test_a_classifier_that_the_file_does_not_have_is_named_with_those_it_has():
    with pytest.raises(LogError, match="Name, Name and step"):
        read((FIXTURES / "desk.xes").read_bytes(), classifier="Costs")


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, DOCUMENT_TYPE])
def test_a_document_type_is_refused_before_any_entity_of_it_is_read(text):
    with pytest.raises(LogError, match="document type"):
        read(text)


def test_a_value_without_end_is_refused():
    with pytest.raises(LogError, match="a value of more than"):
        read(HEAD + '<trace><event><string key="concept:name" value="' + "x" * (LONGEST_TOKEN + 200_000))


def test_a_file_that_breaks_off_gives_what_stands_before():
    whole = xes_trace("1", [xes_event("a", MONDAY), xes_event("b", MONDAY)])

    records = read(HEAD + whole + "<trace><event></trace>")

    assert [each.fault for each in records] == ["", "", "broken_file"]
    assert records[-1].line == 7


def test_names_may_have_a_prefix():
    event = '<x:event><x:string key="concept:name" value="a"/></x:event>'
    text = f'<x:log xmlns:x="http://www.xes-standard.org/"><x:trace>{event}</x:trace></x:log>'

    assert [each.cells["concept:name"] for each in read(text)] == ["a"]


def test_an_event_outside_of_a_trace_belongs_to_no_case_by_itself():
    records = read(HEAD + xes_trace("1", []) + xes_event("a", MONDAY) + "</log>")

    assert [(each.place, "case:concept:name" in each.cells) for each in records] == [(0, False)]


def test_a_packed_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "desk.xes.gz"
    path.write_bytes(gzip.compress((FIXTURES / "desk.xes").read_bytes()))

    with LogFile(path) as file:
        records = list(read_xes(file.stream, wanted=WANTED, classifier=""))

    assert len(records) == 7


def test_a_packed_file_that_is_cut_off_gives_what_stands_before(tmp_path):
    path = tmp_path / "desk.xes.gz"
    packed = gzip.compress((FIXTURES / "desk.xes").read_bytes())
    path.write_bytes(packed[: len(packed) - 12])

    with LogFile(path) as file:
        records = list(read_xes(file.stream, wanted=WANTED, classifier=""))

    assert records[-1].fault == "broken_file"


def test_a_file_that_unpacks_to_far_more_than_a_log_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("analytics.imports.records.SMALL", 1 << 20)
    path = Path(tmp_path) / "bomb.xes.gz"
    path.write_bytes(gzip.compress(HEAD.encode() + b" " * (8 << 20)))

    with LogFile(path) as file, pytest.raises(LogError, match="unpacks to more than"):
        list(read_xes(file.stream, wanted=WANTED, classifier=""))


class Endless:
    """A file of as many events as are asked for, made while it is read."""

    def __init__(self, events):
        self.left, self.waiting = events, HEAD.encode() + b'<trace><string key="concept:name" value="1"/>'
        self.event = xes_event("a", MONDAY, "Anna", more="x" * 200).encode()

    def read(self, size):
        while len(self.waiting) < size and self.left:
            self.waiting += self.event
            self.left -= 1
            if not self.left:
                self.waiting += b"</trace></log>"
        given, self.waiting = self.waiting[:size], self.waiting[size:]
        return given


def peak_of(events):
    tracemalloc.start()
    try:
        count = sum(1 for _record in read_xes(Endless(events), wanted=WANTED, classifier=""))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_trace_of_any_length_takes_the_same_memory():
    short, long = peak_of(500), peak_of(10_000)

    assert (short[0], long[0]) == (500, 10_000)
    assert long[1] < 2 * short[1]
