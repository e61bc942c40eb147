"""Compiles .po files without the gettext programs, so that a start needs nothing but Python."""

import ast
import struct
from pathlib import Path

MAGIC, VERSION, HEADER_SIZE = 0x950412DE, 0, 28
CONTEXT_MARK = "\x04"


def compile_stale(folders: list[Path]) -> list[Path]:
    """Write the .mo beside every .po below ``folders`` that is newer than it; returns what was written."""
    written = []
    for source in sorted(po for folder in folders for po in Path(folder).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            unfinished = target.with_suffix(".mo.new")
            unfinished.write_bytes(to_mo(read_po(source.read_text(encoding="utf-8"))))
            unfinished.replace(target)
            written.append(target)
    return written


def read_po(text: str) -> dict[str, str]:
    """The finished texts of a catalogue: no fuzzy, no empty and no outdated ones."""
    catalogue = {}
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        is_fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
        entry = _read_entry([line for line in lines if not line.startswith("#")])
        if entry and not is_fuzzy:
            catalogue |= entry
    return catalogue


def to_mo(catalogue: dict[str, str]) -> bytes:
    """The binary form that the gettext module of Python reads."""
    pairs = sorted((key.encode(), text.encode()) for key, text in catalogue.items())
    table_size = 8 * len(pairs)
    keys_at = HEADER_SIZE + 2 * table_size
    texts_at = keys_at + sum(len(key) + 1 for key, _ in pairs)
    header = struct.pack("<7I", MAGIC, VERSION, len(pairs), HEADER_SIZE, HEADER_SIZE + table_size, 0, keys_at)
    keys, texts = [key for key, _ in pairs], [text for _, text in pairs]
    return header + _table(keys, keys_at) + _table(texts, texts_at) + _body(keys) + _body(texts)


def _read_entry(lines: list[str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    field = ""
    for line in lines:
        if not line.startswith('"'):
            field, _, line = line.partition(" ")
            parts[field] = ""
        parts[field] += ast.literal_eval(line)
    key = parts.get("msgid")
    texts = [text for field, text in parts.items() if field.startswith("msgstr")]
    if key is None or not all(texts):
        return {}
    key = f"{key}\0{parts['msgid_plural']}" if "msgid_plural" in parts else key
    return {f"{parts['msgctxt']}{CONTEXT_MARK}{key}" if "msgctxt" in parts else key: "\0".join(texts)}


def _table(strings: list[bytes], start: int) -> bytes:
    table = b""
    for string in strings:
        table += struct.pack("<2I", len(string), start)
        start += len(string) + 1
    return table


def _body(strings: list[bytes]) -> bytes:
    return b"".join(string + b"\0" for string in strings)
