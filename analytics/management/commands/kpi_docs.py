"""``manage.py kpi_docs [--write]``: ``docs/kpis.md`` from the register of definitions."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from analytics.desk.words import basis_of
from analytics.metrics.registry import Metric, all_metrics

TARGET = "docs/kpis.md"
HEAD = """\
# Figures

Made by `manage.py kpi_docs` from the register of definitions; a test fails when it is not current. How figures come about is
[decision 0026](decisions/0026-a-figure-is-a-sum-of-flags.md), how spikes are found [spikes.md](spikes.md).

Every figure on a page, in a file or in an interface names its definition as `id@version`. A change of formula, window or words is a
new version. Shares below 30 are told as k of n, percentiles need 20 values, and what is unfinished makes a figure a lower bound (≥).

"""


class Command(BaseCommand):
    help = "Says whether docs/kpis.md is what the register of definitions tells; --write makes it so."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--write", action="store_true", help="write the file")

    def handle(self, *args, **options) -> None:
        path = Path(settings.BASE_DIR) / TARGET
        if options["write"]:
            path.write_text(document(), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != document():
            raise CommandError(f"{TARGET} is not current; run manage.py kpi_docs --write")


def document() -> str:
    """The whole page."""
    return HEAD + "\n".join(map(_tell, all_metrics()))


def _tell(metric: Metric) -> str:
    with override("zh-hans"):
        chinese = str(metric.name)
    with override("en"):
        rows = [
            ("what it says", metric.says),
            ("formula", metric.formula),
            ("left out", metric.leaves_out),
            ("counted", basis_of(metric)),
            ("final after", f"{metric.window_days} days" if metric.window_days else ""),
            ("parameters", ", ".join(f"{name} = {value}" for name, value in metric.params.items())),
            ("lists", ", ".join(str(part.name) for part in metric.parts)),
        ]
        told = "".join(f"- {name}: {text}\n" for name, text in rows if text)
        return f"## {metric.name} · {chinese} (`{metric.key}`)\n\n{told}"
