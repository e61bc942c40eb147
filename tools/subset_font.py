"""Make the font of pictures: the Latin and GB 2312 part of Noto Sans SC, out of its npm package.

    python tools/subset_font.py 0.4.3   fetch that version with ``npm pack``, cut it down, write down its hashes

The whole font weighs ten megabytes; the part holds every character of GB 2312, of Latin scripts and of our own Chinese texts.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "ui" / "fonts"
PACKAGE = "@expo-google-fonts/noto-sans-sc"
SOURCE, LICENCE = "package/400Regular/NotoSansSC_400Regular.ttf", "package/LICENSE_FONT"
NAME = "NotoSansSC-Regular.ttf"
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2040), 0x20AC, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2264, 0x2265]


def fetch(version: str) -> None:
    """Put the part of one version, and its licence, in place of what is there."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{PACKAGE}@{version}"], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as tarball:
            whole, licence = (tarball.extractfile(name).read() for name in (SOURCE, LICENCE))
        source = Path(folder) / NAME
        source.write_bytes(whole)
        shutil.rmtree(FONTS, ignore_errors=True)
        FONTS.mkdir()
        cut(source, FONTS / NAME)
    (FONTS / "LICENSE").write_bytes(licence)
    describe(version)


def cut(source: Path, target: Path) -> None:
    options = Options(hinting=False, layout_features=["kern", "locl", "ccmp"], name_IDs=["*"], notdef_outline=True)
    font = load_font(str(source), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    save_font(font, str(target), options)


def wanted() -> set[int]:
    """The code points that stay."""
    pairs = (bytes((first, second)) for first in range(0xA1, 0xF8) for second in range(0xA1, 0xFF))
    chinese = {character for pair in pairs for character in pair.decode("gb2312", "ignore")}
    ours = set((ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8"))
    return {*LATIN, *map(ord, chinese | ours)}


def describe(version: str) -> None:
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(FONTS.iterdir())}
    entry = {"name": "noto-sans-sc", "version": version, "licence": "OFL-1.1", "source": f"npm:{PACKAGE}", "for": "pictures of charts"}
    (FONTS / "MANIFEST.json").write_text(json.dumps(entry | {"sha256": hashes}, indent=2) + "\n")


if __name__ == "__main__":
    fetch(sys.argv[1])
