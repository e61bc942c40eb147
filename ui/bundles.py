"""One file per shell out of the small files that people edit: CSS imports and JavaScript modules put in place.

The sources work as they are (browsers follow the imports), so nothing has to be built to develop;
``BundledStaticFilesStorage`` calls this at ``collectstatic`` to save the requests.
"""

import posixpath
import re
from collections.abc import Callable

Read = Callable[[str], str]

CSS_IMPORT = re.compile(r'^@import url\("([\w./-]+)"\);\n?', re.M)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
JS_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"\./([\w.-]+)";\n?', re.M)
JS_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.M)
JS_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*?[^*]*(?:\*(?!/)[^*]*)*\*/)\n", re.M)


def bundle_css(name: str, read: Read) -> str:
    """Put every imported file in the place of its import, without comments and indentation."""
    folder = posixpath.dirname(name)
    whole = CSS_IMPORT.sub(lambda found: read(posixpath.join(folder, found[1])), read(name))
    return re.sub(r"\n\s*", "\n", CSS_COMMENT.sub("", whole)).strip() + "\n"


def bundle_js(name: str, read: Read) -> str:
    """Join an entry module and what it imports into one module.

    A module that exports stands in front, its names shared by all; any other gets a block of its own, so names never collide.
    """
    folder = posixpath.dirname(name)
    shared, own = [], []
    for part in _reading_order(posixpath.basename(name), lambda each: read(posixpath.join(folder, each))):
        body = JS_COMMENT.sub("", JS_IMPORT.sub("", part)).strip()
        if JS_EXPORT.search(body):
            shared.append(JS_EXPORT.sub("", body))
        elif body:
            own.append(f"{{\n{body}\n}}")
    return "\n".join(shared + own) + "\n"


def _reading_order(entry: str, read: Read) -> list[str]:
    seen: set[str] = set()
    parts: list[str] = []

    def visit(name: str) -> None:
        if name not in seen:
            seen.add(name)
            text = read(name)
            for imported in JS_IMPORT.findall(text):
                visit(imported)
            parts.append(text)

    visit(entry)
    return parts
