"""What commands are given to read: a type of after-sale whose live version is meant, or a file with a definition."""

from pathlib import Path
from typing import Any

from workflows.flows.conditions import TYPES
from workflows.flows.defaults import default_body
from workflows.flows.text import read_text
from workflows.services.flow_versions import current_version


def read_body(given: str) -> tuple[Any, str]:
    """The body and, where a type was named or stands in the name of the file, the type. Raises ``DefinitionError`` or ``OSError``."""
    if given in TYPES:
        version = current_version(given)
        return (version.body if version else default_body(given)), given
    path = Path(given)
    return read_text(path.read_text(encoding="utf-8")), path.stem if path.stem in TYPES else ""
