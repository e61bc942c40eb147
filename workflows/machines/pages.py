"""The documents of the machines, written from their tables: a page and a picture per machine and language, and all permissions."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from workflows.machines import MACHINES
from workflows.machines.complaint import COMPLAINT
from workflows.machines.drawing import draw_machine
from workflows.machines.table import NOT_YET, Clause, Machine, Role, ServiceClock, State, Verb

FOLDER = "docs/machines"
COMMAND = "manage.py workflow_docs"
LANGUAGES = {"en": "en", "zh": "zh-hans"}
DESCRIBED = (*MACHINES, COMPLAINT)


@cache
def write_documents() -> dict[str, str]:
    """Every file of the folder by name. The tables do not change while the program runs, so it is written once."""
    files = {"permissions.csv": list_permissions(), "README.md": list_machines()}
    for suffix, language in LANGUAGES.items():
        with translation.override(language):
            for machine in DESCRIBED:
                files[f"{machine.name}.{suffix}.md"] = describe_machine(machine, suffix)
                files[f"{machine.name}.{suffix}.svg"] = draw_machine(machine)
    return files


def list_permissions() -> str:
    """One line for each state and role of each machine, with the verbs that the table allows there."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["machine", "state", "role", "verbs"])
    for machine in DESCRIBED:
        for state in states_of(machine):
            for role in machine.roles:
                writer.writerow([machine.name, state, str(role), " ".join(verb.id for verb in machine.allowed(state, role))])
    return sheet.getvalue()


def list_machines() -> str:
    """The front page of the folder, in both languages."""
    rows = []
    for machine in DESCRIBED:
        labels = []
        for language in LANGUAGES.values():
            with translation.override(language):
                labels.append(str(machine.label))
        rows.append([f"[{label}]({machine.name}.{suffix}.md)" for suffix, label in zip(LANGUAGES, labels, strict=True)])
    head = f"# Machines · 状态机\n\nWritten by `{COMMAND}` from the tables that the code runs on. 由 `{COMMAND}` 从代码所用的表生成。\n"
    tail = "\n[permissions.csv](permissions.csv): state × role × verb · 状态 × 角色 × 操作\n"
    return f"{head}\n{draw_table(['English', '中文'], rows)}{tail}"


def describe_machine(machine: Machine, suffix: str) -> str:
    """One page in the language that is active."""
    written = _("Written by `%(command)s` from `%(source)s`; change it there.") % {"command": COMMAND, "source": machine.declared_in}
    parts = [
        f"# {machine.label}\n",
        f"{machine.help} {written}\n",
        f"![{machine.label}]({machine.name}.{suffix}.svg)\n",
        _("Dashed arrows lead back. A turned arrow ↻ marks verbs that leave the state as it is."),
        "",
        *(f"- {rule}" for rule in machine.rules),
        "",
        draw_mermaid(machine),
        *list_states(machine),
        *list_wordings(machine),
        *list_verbs(machine),
        *list_guards(machine),
        *list_effects(machine),
        *list_matrix(machine),
    ]
    return "\n".join(map(str, parts))


def draw_mermaid(machine: Machine) -> str:
    """The same moves for readers that draw Mermaid."""
    lines = [f"    {state.name}: {state.label}" for state in machine.states]
    lines += [f"    [*] --> {machine.start}"]
    lines += [f"    {source} --> {target}: {', '.join(verb.id for verb in verbs)}" for (source, target), verbs in machine.moves.items()]
    lines += [f"    {state} --> [*]" for state in machine.terminals]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def list_states(machine: Machine) -> Iterable[str]:
    """One row for each state; owner and clock only where the machine has them."""
    head = [pgettext("machine", "State"), pgettext("machine", "Name"), pgettext("machine", "Kind")]
    rows = [[code(state.name), state.label, kind_of(machine, state)] for state in machine.states]
    if machine.has_clocks:
        head += [pgettext("machine", "Phase"), _("Whose turn"), _("Service clock"), _("When it is over")]
        rows = [[*row, *describe_watch(state)] for row, state in zip(rows, machine.states, strict=True)]
    return heading(_("States")), draw_table(head, rows)


def kind_of(machine: Machine, state: State) -> str:
    words = [pgettext("machine", "start")] if state.name == machine.start else []
    words += [_("start of a split")] if state.name in machine.also_born else []
    words += [pgettext("machine", "end")] if state.name in machine.terminals else []
    words += [_("counts as done")] if state.name in machine.satisfied else []
    return enumerate_words(words)


def describe_watch(state: State) -> list[str]:
    expiry = f"{state.expiry} ({state.expiry_verb})" if state.expiry_verb else str(state.expiry)
    phase = str(state.phase.label) if state.phase else "–"
    return [phase, enumerate_words(role.label for role in state.owners) or "–", describe_clock(state.clock), expiry or "–"]


def describe_clock(clock: ServiceClock | None) -> str:
    """The length of a clock with its conditions."""
    if clock is None:
        return "–"
    if clock.after is None:
        return _("each track its own")
    parts = (
        [_("%(span)s of working time") % {"span": describe_span(clock.after)}] if clock.is_working_time else [describe_span(clock.after)]
    )
    if clock.vip:
        parts.append(_("important customers %(span)s") % {"span": describe_span(clock.vip)})
    if clock.reminders:
        parts.append(_("reminder after %(spans)s") % {"spans": enumerate_words(map(describe_span, clock.reminders))})
    parts += [_("the review clock stands still")] if clock.pauses_review else []
    return pgettext("between parts", "; ").join(parts)


def describe_span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes % (24 * 60) == 0 and span.days > 1:
        return ngettext("%(count)s day", "%(count)s days", minutes // 1440) % {"count": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def list_wordings(machine: Machine) -> Iterable[str]:
    """What the customer reads in each state, as it is written in both languages."""
    if not machine.is_shown_to_customers:
        return ()
    rows = [[code(state.name), *(in_language(state.wording, language) for language in ("zh-hans", "en"))] for state in machine.states]
    return heading(_("What the customer reads")), draw_table([pgettext("machine", "State"), "中文", "English"], rows)


def in_language(text: str, language: str) -> str:
    with translation.override(language):
        return str(text)


def list_verbs(machine: Machine) -> Iterable[str]:
    """From where to where, and who."""
    rows = [
        [
            verb.id,
            code(verb.name),
            verb.label,
            codes(verb.sources) or "–",
            codes(verb.targets) or _("stays"),
            describe_roles(verb),
            describe_marks(verb),
        ]
        for verb in machine.verbs
    ]
    head = [
        _("No."),
        pgettext("machine", "Verb"),
        pgettext("machine", "Name"),
        pgettext("machine", "From"),
        pgettext("machine", "To"),
        pgettext("machine", "Who"),
        pgettext("machine", "Marks"),
    ]
    return heading(_("Verbs")), draw_table(head, rows)


def describe_roles(verb: Verb) -> str:
    return enumerate_words(describe_role(verb, role) for role in verb.roles)


def describe_role(verb: Verb, role: TextChoices) -> str:
    only = dict(verb.only_from)
    if role in only:
        return _("%(role)s only from %(states)s") % {"role": role.label, "states": codes(only[role])}
    if role == Role.INTEGRATION:
        return pgettext("machine", "%(role)s with %(scope)s") % {"role": role.label, "scope": code(verb.scope)}
    return str(role.label)


def describe_marks(verb: Verb) -> str:
    marks = {_("against the customer"): verb.adverse, pgettext("machine", "money"): verb.money, _("can be a gate"): verb.gateable}
    return enumerate_words(word for word, holds in marks.items() if holds)


def list_guards(machine: Machine) -> Iterable[str]:
    """Every reason that each verb can give, with its cure."""
    rows = [[verb.id, code(clause.code), clause.text, clause.cure, answer_of(clause)] for verb in machine.verbs for clause in verb.guards]
    head = [_("No."), pgettext("machine", "Code"), _("Reason of refusal"), _("What helps"), pgettext("machine", "Answer")]
    return (heading(_("Guards")), draw_table(head, rows)) if rows else ()


def answer_of(clause: Clause) -> str:
    return str(403 if clause.forbids else 409)


def list_effects(machine: Machine) -> Iterable[str]:
    """What each verb means, takes and does."""
    rows = [
        [verb.id, verb.help, codes(verb.args), " ".join(map(str, verb.effects)), " ".join(map(str, verb.after))] for verb in machine.verbs
    ]
    head = [_("No."), pgettext("machine", "Meaning"), pgettext("machine", "Arguments"), _("In the transaction"), _("After commit")]
    return (heading(_("Effects")), draw_table(head, rows)) if any(any(row[1:]) for row in rows) else ()


def list_matrix(machine: Machine) -> Iterable[str]:
    """Which role has which verbs in which state; the guards decide the rest."""
    rows = [
        [code(state), *(", ".join(verb.id for verb in machine.allowed(state, role)) or "–" for role in machine.roles)]
        for state in states_of(machine)
    ]
    return heading(_("Permissions")), draw_table([pgettext("machine", "State"), *(str(role.label) for role in machine.roles)], rows)


def states_of(machine: Machine) -> list[str]:
    """The states in which something is allowed or not; before the first one, if a verb of the table makes the row."""
    makes = any(not verb.sources for verb in machine.verbs)
    return [NOT_YET, *(str(state.name) for state in machine.states)] if makes else [str(state.name) for state in machine.states]


def heading(text: str) -> str:
    return f"## {text}\n"


def draw_table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["--"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in line)} |" for line in lines) + "\n"


def enumerate_words(words: Iterable[str]) -> str:
    return pgettext("between words", ", ").join(map(str, words))


def code(name: str) -> str:
    return f"`{name}`"


def codes(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))
