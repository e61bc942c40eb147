"""Logs for tests: files of a few events, and long ones written event by event."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="2.0" xmlns="http://www.xes-standard.org/">\n'
MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
# The ways that the cases of a help desk take, with hours from the start and who acts.
WAYS = (
    (("Assign seriousness", 0, "A"), ("Take in charge ticket", 1, "B"), ("Resolve ticket", 30, "B"), ("Closed", 390, "C")),
    (("Assign seriousness", 0, "A"), ("Take in charge ticket", 2, "A"), ("Wait", 5, "A"), ("Resolve ticket", 77, "B"), ("Closed", 80, "B")),
    (("Insert ticket", 0, "D"), ("Take in charge ticket", 1, "B"), ("Resolve ticket", 9, "B"), ("Take in charge ticket", 33, "D"),
     ("Resolve ticket", 57, "D"), ("Closed", 57, "E")),
    (("Assign seriousness", 0, "E"), ("Take in charge ticket", 3, "E"), ("Create SW anomaly", 4, "E")),
    (("Assign seriousness", 0, "A"), ("Closed", 700, "A")),
)  # fmt: skip


def attribute(tag: str, key: str, value: str) -> str:
    return f'<{tag} key="{key}" value="{value}"/>'


def xes_event(activity: str, at: datetime, resource: str = "", **more: str) -> str:
    parts = [attribute("string", "concept:name", activity), attribute("date", "time:timestamp", at.isoformat())]
    parts += [attribute("string", "org:resource", resource)] if resource else []
    return f"<event>{''.join(parts)}{''.join(attribute('string', key.replace('_', ':'), value) for key, value in more.items())}</event>\n"


def xes_trace(name: str, events: Iterable[str]) -> str:
    return f"<trace>{attribute('string', 'concept:name', name)}\n{''.join(events)}</trace>\n"


def write_xes(path: Path, traces: Iterable[str], head: str = HEAD) -> Path:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(head)
        stream.writelines(traces)
        stream.write("</log>\n")
    return path


def many_traces(count: int) -> Iterator[str]:
    """As many cases of a help desk as are asked for, each an odd number of minutes longer or shorter than others of its way."""
    for number in range(count):
        start = MONDAY + timedelta(minutes=37 * number)
        way = WAYS[number % len(WAYS)]
        steps = ((name, start + timedelta(hours=hours, seconds=hours * (number % 101)), who) for name, hours, who in way)
        yield xes_trace(f"Case {number}", (xes_event(name, at, f"Value {who}{number % 7}") for name, at, who in steps))


def write_csv(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path
