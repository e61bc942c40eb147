import gzip
import re
from pathlib import Path

import pytest

from ui.bundles import bundle_css, bundle_js
from ui.charts.figures import Mark, Series, Slot, Trend
from ui.charts.render import render_chart

STATIC = Path(__file__).parents[2] / "static"
LIVE = 2_048
OWN_SCRIPTS = sorted((STATIC / "js").glob("*.js"))


def read(name: str) -> str:
    return (STATIC / name).read_text()


def weight(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


def test_bundle_css_puts_each_import_in_its_place_without_comments():
    files = {
        "css/all.css": '/* x */\n@layer a, b;\n@import url("one.css");\n@import url("two.css");\n',
        "css/one.css": "a {\n  b: c;\n}\n",
        "css/two.css": "/* y\nz */\nd { e: f; }\n",
    }

    assert bundle_css("css/all.css", files.__getitem__) == "@layer a, b;\na {\nb: c;\n}\nd { e: f; }\n"


def test_bundle_js_shares_exports_and_keeps_other_names_apart():
    files = {
        "js/all.js": 'import "./one.js";\nimport "./two.js";\n',
        "js/one.js": 'import { say } from "./words.js";\nconst same = 1;\nsay(same);\n',
        "js/two.js": '// why\nimport { say } from "./words.js";\nconst same = 2;\nsay(same);\n',
        "js/words.js": "export function say(text) {}\n",
    }

    bundled = bundle_js("js/all.js", files.__getitem__)

    assert bundled == "function say(text) {}\n{\nconst same = 1;\nsay(same);\n}\n{\nconst same = 2;\nsay(same);\n}\n"


@pytest.mark.parametrize(("shell", "most"), [("css/public.css", 10_000), ("css/staff.css", 10_000)])
def test_css_of_a_shell_stays_small(shell, most):
    bundled = bundle_css(shell, read)

    assert "@import" not in bundled
    assert weight(bundled) <= most


@pytest.mark.parametrize(("shell", "most"), [("js/public.js", 6_000), ("js/desk.js", 12_000)])
def test_scripts_of_a_shell_stay_small_beside_the_live_stream(shell, most):
    bundled = bundle_js(shell, read)

    assert re.findall(r"^(?:import|export) ", bundled, re.M) == []
    assert weight(bundled) <= most + LIVE


def test_the_live_stream_stays_small():
    assert weight(bundle_js("js/live.js", lambda name: "" if name == "js/dom.js" else read(name))) <= LIVE
    assert weight(bundle_js("js/live-worker.js", read)) <= LIVE / 2


def test_what_measures_handling_time_stays_small():
    assert weight(bundle_js("js/effort.js", read)) <= 1_500


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_modules_keep_to_what_the_bundler_reads(path):
    lines = path.read_text().splitlines()
    imports = [line for line in lines if line.startswith("import")]

    assert [line for line in imports if not re.fullmatch(r'import (\{[^}]*\} from )?"\./[\w.-]+";', line)] == []
    assert [line for line in lines if re.search(r"\b(eval\(|new Function|\.keyup|onkeyup|import\()", line)] == []


def test_public_first_view_stays_under_its_weight(client_page):
    css, scripts = weight(bundle_css("css/public.css", read)), weight(bundle_js("js/public.js", read))

    assert weight(client_page) + css + scripts + weight(read("icon.svg")) <= 60_000


def test_the_first_view_of_a_dashboard_stays_under_its_weight():
    """B6 (ux.md): the staff shell, what charts need, and eight charts of three months with three lines each, compressed."""
    shell = [bundle_css("css/staff.css", read), bundle_css("css/reports.css", read), bundle_js("js/desk.js", read)]
    files = [*shell, read("vendor/htmx-2.0.11/htmx.min.js"), read("icon.svg")]
    sprite = (STATIC.parent / "templates" / "partials" / "sprite_desk.svg.html").read_text()

    assert sum(map(weight, files)) + weight(sprite + "".join(map(draw_long_trend, range(8)))) <= 150_000


def draw_long_trend(number: int) -> str:
    slots = tuple(Slot(f"{month}-{day:02}") for month in (9, 10, 11) for day in range(1, 31))
    marks = [Mark(place * 7.3 + number, url=f"/admin/reports/list/?metric=frt&day=2025-{slot.label}") for place, slot in enumerate(slots)]
    series = tuple(Series(label, tuple(marks)) for label in ("WeChat", "Phone", "Mail"))
    return render_chart(Trend(key=f"chart-{number}", title="x", slots=slots, series=series))


@pytest.fixture
def client_page(rf):
    from django.template.loader import render_to_string

    return render_to_string("404.html", request=rf.get("/somewhere/"))


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_stay_readable(path):
    assert len(path.read_text().splitlines()) <= 400
