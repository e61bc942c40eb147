"""XES files, streamed: an event is handed out as soon as it ends, and nothing but the wanted attributes is held.

A document type, and with it every entity of its own, is refused; XES has neither.
"""

import shlex
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from .records import CLASSIFIED, LogError, Record

CHUNK = 1 << 16
LONGEST_TOKEN = 1 << 22
LONGEST_VALUE = 10_000
ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})
NAME = "concept:name"
OF_CASE = "case:"


def read_xes(stream: BinaryIO, *, wanted: frozenset[str], classifier: str | tuple[str, ...]) -> Iterator[Record]:
    """The events of a file. What breaks it off is a record with that fault; what stands before it has been handed out."""
    handler = _Handler(wanted, classifier)
    fed = 0
    try:
        while chunk := stream.read(CHUNK):
            fed += len(chunk)
            handler.parser.Parse(chunk, False)
            yield from handler.take()
            if fed - handler.parser.CurrentByteIndex > LONGEST_TOKEN:
                raise LogError(f"Line {handler.parser.CurrentLineNumber}: a value of more than {LONGEST_TOKEN:,} bytes.")
        handler.parser.Parse(b"", True)
    except (expat.ExpatError, EOFError, OSError, zlib.error) as error:
        yield from handler.take()
        yield Record(getattr(error, "lineno", handler.parser.CurrentLineNumber), fault="broken_file")
    if isinstance(classifier, str) and classifier and not handler.parts:
        raise LogError(f"The file has no classifier {classifier!r}. It has: {', '.join(sorted(handler.classifiers)) or 'none'}.")


class _Handler:
    """Follows the elements of a file; the values of an event are those of its own attributes and, with ``case:``, of its trace."""

    def __init__(self, wanted: frozenset[str], classifier: str | tuple[str, ...]) -> None:
        self.wanted, self.classifier = wanted, classifier
        self.parts = () if isinstance(classifier, str) else classifier
        self.classifiers: set[str] = set()
        self.path: list[str] = []
        self.ready: list[Record] = []
        self.trace: dict[str, str] = {}
        self.event: dict[str, str] = {}
        self.traces = self.line = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.StartDoctypeDeclHandler = self._refuse

    def take(self) -> list[Record]:
        taken, self.ready = self.ready, []
        return taken

    def _refuse(self, *declared: object) -> None:
        raise LogError(f"Line {self.parser.CurrentLineNumber}: the file declares a document type, which no XES file has.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        parent = self.path[-1] if self.path else ""
        self.path.append(tag)
        if tag == "trace":
            self.traces += 1
            self.trace = {}
        elif tag == "event":
            self.event, self.line = {}, self.parser.CurrentLineNumber
        elif tag == "classifier" and parent == "log":
            self._declare(attributes)
        elif tag in ATTRIBUTES and parent in ("event", "trace"):
            self._note(parent, attributes.get("key", ""), attributes.get("value", ""))

    def _declare(self, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        self.classifiers.add(name)
        if name == self.classifier:
            self.parts = tuple(_split_keys(attributes.get("keys", "")))

    def _note(self, parent: str, key: str, value: str) -> None:
        name = key if parent == "event" else OF_CASE + key
        if name in self.wanted or key in self.parts or (parent == "trace" and key == NAME):
            holder = self.event if parent == "event" else self.trace
            holder[name] = value[:LONGEST_VALUE]

    def _end(self, tag: str) -> None:
        self.path.pop()
        if tag.rpartition(":")[2] == "event":
            self.ready.append(self._record("trace" in self.path))
        elif tag.rpartition(":")[2] == "trace":
            self.trace = {}

    def _record(self, is_in_trace: bool) -> Record:
        cells = {**self.trace, **self.event} if is_in_trace else self.event
        if self.parts:
            cells[CLASSIFIED] = "+".join(self.event.get(part, "") for part in self.parts)
        return Record(self.line, cells, place=self.traces if is_in_trace else 0)


def _split_keys(keys: str) -> list[str]:
    """The keys of a classifier: parted by spaces, those with spaces in quotation marks."""
    try:
        return shlex.split(keys)
    except ValueError:
        return keys.split()
