"""Refresh one vendored library from its npm tarball and write down its hashes.

    python tools/vendor.py              recompute MANIFEST.json from what lies in static/vendor/ and say what changed
    python tools/vendor.py htmx 2.0.11  fetch that version with ``npm pack``, put its files in place, then the same

A library stands in ``static/vendor/<name>-<version>/`` exactly as published, with its licence beside it.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
MANIFEST = VENDOR / "MANIFEST.json"

# name: npm package, licence, {file in the tarball: file here}, what it is for
LIBRARIES = {
    "barcode-detector": (
        "barcode-detector",
        "MIT",
        {"dist/iife/ponyfill.js": "ponyfill.js", "LICENSE": "LICENSE"},
        "codes in the camera's picture, where the browser reads none itself",
    ),
    "htmx": ("htmx.org", "0BSD", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}, "fragments of the desk"),
    "lucide": ("lucide-static", "ISC", {"LICENSE": "LICENSE"}, "single icons, copied into the sprites"),
    # The version that barcode-detector names in its package.json; its hash is compiled into ponyfill.js.
    "zxing-wasm": (
        "zxing-wasm",
        "MIT",
        {"dist/reader/zxing_reader.wasm": "zxing_reader.wasm", "LICENSE": "LICENSE"},
        "the reader behind barcode-detector",
    ),
}


def fetch(name: str, version: str) -> None:
    """Replace the folder of a library by the published files of one version."""
    package, _, files, _ = LIBRARIES[name]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{package}@{version}"], cwd=folder, check=True, capture_output=True)  # noqa: S607
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as tarball:
            for old in VENDOR.glob(f"{name}-*"):
                shutil.rmtree(old)
            target = VENDOR / f"{name}-{version}"
            target.mkdir()
            for source, here in files.items():
                (target / here).write_bytes(tarball.extractfile(f"package/{source}").read())


def describe() -> dict:
    """Compute the manifest of what lies in the folder now."""
    return {folder.name: describe_library(folder) for folder in sorted(VENDOR.iterdir()) if folder.is_dir()}


def describe_library(folder: Path) -> dict:
    name, _, version = folder.name.rpartition("-")
    package, licence, _, purpose = LIBRARIES[name]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    return {"name": name, "version": version, "licence": licence, "source": f"npm:{package}", "for": purpose, "sha256": hashes}


def main(arguments: list[str]) -> None:
    if arguments:
        fetch(*arguments)
    before = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else {}
    after = describe()
    MANIFEST.write_text(json.dumps(after, indent=2) + "\n")
    changed = [name for name in after if after[name] != before.get(name)] + [name for name in before if name not in after]
    print("changed: " + ", ".join(changed) if changed else "nothing changed")


if __name__ == "__main__":
    main(sys.argv[1:])
