"""Reads folders of articles and questions: the layouts of SQuAD (CMRC, DRCD), and of labelled questions (banking77)."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Text:
    """An article: title, phrasings (one a line) and body."""

    title: str
    phrasings: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class QuestionSet:
    """Articles, and questions that each belong to one of them by its place in the list."""

    name: str
    texts: list[Text]
    questions: list[tuple[str, int]]


def read_sets(folder: Path) -> Iterator[QuestionSet]:
    """Every set of a folder and its subfolders, whatever is not one is passed over."""
    for path in sorted(folder.rglob("*.json")):
        if (path.parent / "train.csv").exists():
            continue
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "data" in content:
            yield from _squad(path.stem, content["data"])
        elif isinstance(content, dict) and {"articles", "questions"} <= content.keys():
            yield _own(path.stem, content)
    for path in sorted(folder.rglob("train.csv")):
        yield _labelled(path.parent)


def _squad(name: str, entries: list[dict]) -> Iterator[QuestionSet]:
    """One article for each paragraph, and where an entry has several, one for each entry as well."""
    paragraphs = [(entry.get("title", ""), paragraph) for entry in entries for paragraph in entry["paragraphs"]]
    yield QuestionSet(
        name,
        [Text(title, (), paragraph["context"]) for title, paragraph in paragraphs],
        [(each["question"], place) for place, (_title, paragraph) in enumerate(paragraphs) for each in paragraph["qas"]],
    )
    if len(paragraphs) > len(entries):
        yield QuestionSet(
            f"{name}, whole entries",
            [Text(entry.get("title", ""), (), "\n\n".join(each["context"] for each in entry["paragraphs"])) for entry in entries],
            [(each["question"], place) for place, entry in enumerate(entries) for part in entry["paragraphs"] for each in part["qas"]],
        )


def _own(name: str, content: dict) -> QuestionSet:
    """``{"articles": [{"id", "title", "body", "phrasings"}], "questions": [{"text", "article"}]}``."""
    places = {article["id"]: place for place, article in enumerate(content["articles"])}
    texts = [Text(each.get("title", ""), tuple(each.get("phrasings", ())), each.get("body", "")) for each in content["articles"]]
    return QuestionSet(name, texts, [(each["text"], places[each["article"]]) for each in content["questions"]])


def _labelled(folder: Path) -> QuestionSet:
    """``train.csv`` and ``test.csv`` with text and category: a category is an article, its training texts are phrasings."""
    train, test = ([*csv.DictReader((folder / f"{part}.csv").open(encoding="utf-8"))] for part in ("train", "test"))
    labels = sorted({row["category"] for row in train})
    phrasings = {label: tuple(row["text"] for row in train if row["category"] == label) for label in labels}
    texts = [Text(label.replace("_", " "), phrasings[label], "") for label in labels]
    return QuestionSet(folder.name, texts, [(row["text"], labels.index(row["category"])) for row in test])
