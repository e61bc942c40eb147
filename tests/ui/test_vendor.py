import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "MANIFEST.json").read_text())


def test_every_vendored_file_is_listed_with_its_hash():
    found = {
        folder.name: {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
        for folder in VENDOR.iterdir()
        if folder.is_dir()
    }

    assert found == {name: entry["sha256"] for name, entry in MANIFEST.items()}


def test_no_library_is_there_twice():
    names = [entry["name"] for entry in MANIFEST.values()]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("folder", MANIFEST)
def test_every_library_names_its_licence_and_carries_it(folder):
    assert MANIFEST[folder]["licence"] in {"0BSD", "ISC", "MIT", "BSD", "Apache-2.0"}
    assert "LICENSE" in MANIFEST[folder]["sha256"]
