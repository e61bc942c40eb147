"""What the questions of a form must be like. Each fault names its place, so that whoever writes them finds it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.intake.fields import without_odd_signs
from complaints.intake.questions import FIELDS

MOST_QUESTIONS, MOST_OPTIONS = 20, 20
LONGEST = {"label": 80, "hint": 120, "option": 60}
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
QUESTION = ("key", "type", "label_zh", "label_en", "hint_zh", "hint_en", "required", "options")
OPTION = ("code", "zh", "en")
NO_LIST = gettext_lazy("Needs a list in [ ].")
NO_OBJECT = gettext_lazy("Needs an entry in { }.")


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place. Numbers in ``path`` count from 0, as the list does."""

    path: tuple[int | str, ...]
    text: str

    def __str__(self) -> str:
        place = " › ".join(str(part + 1) if isinstance(part, int) else part for part in self.path)
        return f"{place}: {self.text}" if place else self.text


def as_text(questions: list[dict[str, Any]]) -> str:
    """Kept questions as JSON to read and edit; the database has put what they say in an order of its own."""
    ordered = [_in_order(question, QUESTION) for question in questions]
    for question in ordered:
        if "options" in question:
            question["options"] = [_in_order(option, OPTION) for option in question["options"]]
    return json.dumps(ordered, ensure_ascii=False, indent=2)


def _in_order(entry: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: entry[name] for name in names if name in entry}


def faults_in(questions: Any, *, kept: Mapping[str, str]) -> list[Fault]:
    """Everything that is wrong with the questions. ``kept``: the type of each key that earlier versions of this form used.

    A key keeps its type for ever: answers given under an earlier version, and drafts begun with it, are read with the new one.
    """
    if not isinstance(questions, list):
        return [Fault((), str(NO_LIST))]
    found = [fault for place, question in enumerate(questions) for fault in _faults_in_question(question, (place,), kept)]
    if len(questions) > MOST_QUESTIONS:
        found.insert(0, Fault((), _("At most %(count)d questions.") % {"count": MOST_QUESTIONS}))
    return [*found, *_repeated(questions, "key", ())]


def _faults_in_question(question: Any, path: tuple, kept: Mapping[str, str]) -> Iterator[Fault]:
    if not isinstance(question, dict):
        yield Fault(path, str(NO_OBJECT))
        return
    yield from _unknown_names(question, QUESTION, path)
    yield from _faults_in_key(question.get("key"), (*path, "key"))
    yield from _faults_in_type(question, (*path, "type"), kept)
    for name in ("label_zh", "label_en", "hint_zh", "hint_en"):
        kind = name[:-3]
        yield from _faults_in_text(question.get(name), (*path, name), longest=LONGEST[kind], is_needed=kind == "label")
    if not isinstance(question.get("required", False), bool):
        yield Fault((*path, "required"), _("Either true or false."))
    yield from _faults_in_options(question, (*path, "options"))


def _faults_in_key(key: Any, path: tuple) -> Iterator[Fault]:
    if not (isinstance(key, str) and KEY.fullmatch(key)):
        yield Fault(path, _("Small letters a–z, digits and _, beginning with a letter; at most 40."))


def _faults_in_type(question: dict, path: tuple, kept: Mapping[str, str]) -> Iterator[Fault]:
    kind, key = question.get("type"), question.get("key")
    if not (isinstance(kind, str) and kind in FIELDS):
        yield Fault(path, _("One of %(types)s.") % {"types": ", ".join(FIELDS)})
    elif isinstance(key, str) and kept.get(key, kind) != kind:
        yield Fault(path, _("“%(key)s” was a %(type)s in an earlier version. Use another key.") % {"key": key, "type": kept[key]})


def _faults_in_text(text: Any, path: tuple, *, longest: int, is_needed: bool) -> Iterator[Fault]:
    if text in (None, "") and not is_needed:
        return
    if not isinstance(text, str) or not text.strip():
        yield Fault(path, _("Needs words."))
    elif len(text) > longest:
        yield Fault(path, _("At most %(count)d characters.") % {"count": longest})
    elif without_odd_signs(text) != text:
        yield Fault(path, _("Holds signs that cannot be kept."))


def _faults_in_options(question: dict, path: tuple) -> Iterator[Fault]:
    options = question.get("options", [])
    if question.get("type") != "choice":
        if options != []:
            yield Fault(path, _("Only a choice has options."))
    elif not isinstance(options, list) or not 2 <= len(options) <= MOST_OPTIONS:
        yield Fault(path, _("A choice needs a list of 2 to %(count)d options.") % {"count": MOST_OPTIONS})
    else:
        for place, option in enumerate(options):
            yield from _faults_in_option(option, (*path, place))
        yield from _repeated(options, "code", path)


def _faults_in_option(option: Any, path: tuple) -> Iterator[Fault]:
    if not isinstance(option, dict):
        yield Fault(path, str(NO_OBJECT))
        return
    yield from _unknown_names(option, OPTION, path)
    yield from _faults_in_key(option.get("code"), (*path, "code"))
    for name in ("zh", "en"):
        yield from _faults_in_text(option.get(name), (*path, name), longest=LONGEST["option"], is_needed=True)


def _unknown_names(entry: dict, known: tuple[str, ...], path: tuple) -> Iterator[Fault]:
    for name in entry.keys() - set(known):
        yield Fault((*path, without_odd_signs(name)[:40]), _("Unknown. There is %(names)s.") % {"names": ", ".join(known)})


def _repeated(entries: list, name: str, path: tuple) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        word = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(word, str):
            if word in seen:
                yield Fault((*path, place, name), _("“%(word)s” stands here twice.") % {"word": word[:40]})
            seen.add(word)
