"""``manage.py lifecycle_docs``: the documents in docs/machines/ are drawn from the table that the code runs on."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from complaints.lifecycle import ENDED, LIVE, STAGES, VERBS, Status, Verb, Who

TARGET = "docs/machines/complaint.md"
# Where these verbs lead is written on the row when it leaves the state.
RETURNS_TO = {
    "wake": (Status.OPEN, Status.WAITING_INTERNAL),
    "unmerge": tuple(sorted(LIVE | {Status.RESOLVED})),
}


class Command(BaseCommand):
    """Write docs/machines/complaint.md from ``complaints.lifecycle``."""

    help = "Write docs/machines/complaint.md."

    def handle(self, *args, **options):
        path = settings.BASE_DIR / TARGET
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(describe_lifecycle(), encoding="utf-8")
        self.stdout.write(f"{TARGET} written")


def describe_lifecycle() -> str:
    """The whole document: diagram, states, verbs; names in both languages."""
    head = (
        "# The life of a complaint\n\n"
        "Written by `manage.py lifecycle_docs` from `complaints/lifecycle.py`; change it there. "
        "`complaints/clauses.py` says what else must hold before a verb is carried out.\n"
    )
    return "\n".join([head, draw_diagram(), list_states(), list_verbs()])


def draw_diagram() -> str:
    """The moves between states, without the verbs that lead back from every state to the one before."""
    moves = {}
    for verb in VERBS.values():
        for source in sources_of(verb):
            if verb.target and verb.target not in (Status.WITHDRAWN, Status.MERGED):
                moves.setdefault((source, verb.target), []).append(verb.name)
    lines = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in sorted(moves.items())]
    ends = [f"    {status} --> [*]" for status in Status.values if status in ENDED and any(status == target for _source, target in moves)]
    note = "Left out: `withdraw` and `merge`, which most states have, and the verbs that go back to the state before.\n"
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> new: file", *lines, *ends, "```", "", note])


def list_states() -> str:
    """One row for each state."""
    rows = [f"| `{status}` | {in_both(status)} | {STAGES[status]} | {group_of(status)} |" for status in Status]
    return "\n".join(["## States", "", "| state | name | ring | kind |", "|--|--|--|--|", *rows, ""])


def list_verbs() -> str:
    """One row for each verb: from where to where, and who may use it."""
    rows = [
        f"| `{verb.name}` | {in_both(verb)} | {in_code(sources_of(verb))} | {target_of(verb)} | {', '.join(allowed_to(verb))} |"
        for verb in VERBS.values()
    ]
    note = "*assignee* includes the leads of the team; *agent* is everybody on the staff who may write on the complaint."
    return "\n".join(["## Verbs", "", "| verb | name | from | to | who |", "|--|--|--|--|--|", *rows, "", note, ""])


def sources_of(verb: Verb) -> list[str]:
    return [status for status in Status.values if status in verb.sources]


def target_of(verb: Verb) -> str:
    if verb.target:
        return f"`{verb.target}`"
    return f"the one before: {in_code(RETURNS_TO[verb.name])}" if verb.name in RETURNS_TO else "stays"


def allowed_to(verb: Verb) -> list[str]:
    return [str(who) for who in Who.values if who in verb.who]


def group_of(status: str) -> str:
    return "live" if status in LIVE else "ended" if status in ENDED else "answered"


def in_code(names) -> str:
    return ", ".join(f"`{name}`" for name in names)


def in_both(labelled) -> str:
    """The label in English and Chinese."""
    with translation.override("en"):
        english = str(labelled.label)
    with translation.override("zh-hans"):
        return f"{english}, {labelled.label}"
