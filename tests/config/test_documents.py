"""What the documents say is there: variables, commands, targets, links, pictures."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from config import health
from config.celery import QUEUES

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "benchmarks" / "README.md"])
READ_IN_SETTINGS = re.compile(r"""env\.\w+\(\s*"([A-Z_]+)\"""")
LARGEST_PICTURE = 200_000


def documented_variables() -> set[str]:
    table = OPERATIONS.split("\n## Settings\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)}


def variables_in_use() -> set[str]:
    return set(READ_IN_SETTINGS.findall((ROOT / "config" / "settings.py").read_text())) | set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))


def test_every_variable_is_documented_and_every_documented_one_is_read():
    assert documented_variables() == variables_in_use()


def test_the_example_names_only_documented_variables():
    named = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))

    assert named - documented_variables() == set()


def test_every_period_of_keeping_stands_in_the_example_with_its_default():
    named = re.findall(r"^BIHUAN_KEEP_([A-Z_]+)_DAYS=(\d+)$", (ROOT / ".env.example").read_text(), re.M)
    told = re.findall(r"^\| `BIHUAN_KEEP_([A-Z_]+)_DAYS` \| (\d+) \|", OPERATIONS, re.M)

    assert dict(named) == dict(told)
    assert dict(told).keys() == settings.BIHUAN_KEEP_DAYS.keys()


def test_every_service_is_documented():
    named = set(re.findall(r"^\| `([a-z-]+)`(?:, `([a-z-]+)`)? \|", OPERATIONS, re.M))

    assert set(yaml.safe_load(COMPOSE)["services"]) <= {name for pair in named for name in pair}
    assert all(f"`worker-{queue}`" in OPERATIONS for queue in QUEUES)


def test_every_probe_and_every_named_gauge_is_there():
    named = set(re.findall(r"^\| `bihuan_(\w+)", OPERATIONS, re.M))

    assert set(re.findall(r"^\| `(/\w+)`", OPERATIONS, re.M)) == set(health.PROBES)
    assert named == {*health.GAUGES, "heartbeat_age_seconds", "calendar_covered_days", "db_up"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_points_to_exists(page):
    text = page.read_text(encoding="utf-8")
    commands = set(re.findall(r"manage\.py (\w+)", text))
    targets = set(re.findall(r"`make ([a-z-]+)`", text)) | set(re.findall(r"^make ([a-z-]+)", text, re.M))
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text) for link in link if link]

    assert commands - get_commands().keys() == set()
    assert targets - set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)) == set()
    assert [link for link in links if link and "://" not in link and not (page.parent / link).exists()] == []


def test_pictures_are_small_and_the_same_in_both_languages():
    pictures = list((ROOT / "docs" / "screenshots").glob("*.png"))
    names = {
        language: {path.name.split(".")[0] for path in pictures if path.name.endswith(f".{language}.png")} for language in ("zh", "en")
    }

    assert names["zh"] == names["en"] != set()
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE] == []
