"""The flow definitions that come with the house: one for each type of after-sale."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from workflows.flows.conditions import TYPES
from workflows.flows.parsing import parse_definition
from workflows.flows.tree import Definition

FOLDER = Path(__file__).resolve().parent


def default_body(case_type: str) -> dict[str, Any]:
    """The shipped JSON of a type, fresh each time, as a first version stores it."""
    if case_type not in TYPES:
        raise LookupError(case_type)
    return json.loads((FOLDER / f"{case_type}.json").read_text(encoding="utf-8"))


@cache
def default_definition(case_type: str) -> Definition:
    """The shipped definition of a type."""
    return parse_definition(default_body(case_type))
