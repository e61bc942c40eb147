"""Measure making a period anonymous and writing its file: time and memory by rows.

python -m benchmarks.research --rows 100000,1000000

Each number of rows is one month of one shop, with facts of arrivals and cycles, in a PostgreSQL of its own. Complaints, messages and
cases are not there, so reading is cheaper than in a shop; classes, pages and the file cost what they cost there.
"""

import argparse
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.house import ROOT
from benchmarks.search import engine

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
FACTS = """
INSERT INTO analytics_arrival (source, root_id, ordinal, day, merchant, channel, category, reason, team, agent, tier, priority, carrier,
    warehouse, sku, province, language, excluded, hour, order_id, {flags}, frt_s)
SELECT 0, n, 0, DATE '2026-01-01' + (h % 31)::int, %(shop)s, (ARRAY['web','web','chat','chat','chat','phone','mail','wechat'])[1 + h % 8],
    'root' || h % 3 || '.kind' || (h / 7) % 12, CASE h % 5 WHEN 0 THEN '' ELSE 'reason' || (h / 11) % 20 END, 0, 0,
    CASE WHEN h % 13 = 0 THEN 'vip' ELSE 'standard' END, 1, 'carrier' || (h / 17) % 6, 0, 'QH-' || (h / 19) % 40 || '-' || (h / 23) % 25,
    (ARRAY['广东省','浙江省','江苏省','山东省','河南省','四川省','湖北省','湖南省','北京市','上海市','福建省','安徽省','河北省','陕西省',
        '辽宁省','重庆市','江西省','云南省','广西壮族自治区','黑龙江省','山西省','天津市','贵州省','吉林省','新疆维吾尔自治区','甘肃省'])
        [1 + ((h / 29) % 26) * ((h / 31) % 26) / 26],
    CASE WHEN h % 17 = 0 THEN 'en' ELSE 'zh-hans' END, '', 0, 0, {values}, (h / 37) % 90000
FROM (SELECT n, abs(hashint8(n)::bigint) AS h FROM generate_series(1, %(rows)s) AS n) AS numbers
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.research", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda text: [int(part) for part in text.split(",")], default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "benchmarks-research")
    parser.add_argument("--alone", action="store_true", help="measure in this process; used by the benchmark itself")
    options = parser.parse_args()
    if options.alone:
        measure(options.folder, options.rows[0])
        return
    for rows in options.rows:  # a process each, for its memory only grows
        here = [sys.executable, "-m", "benchmarks.research", "--alone", "--rows", str(rows), "--folder", str(options.folder / str(rows))]
        subprocess.run(here, cwd=ROOT, check=True)


def measure(folder: Path, rows: int) -> None:
    with engine(folder):
        from orders.models import Merchant

        shop, is_new = Merchant.objects.get_or_create(code="measured", defaults={"name": "measured"})
        if is_new:
            load(shop.pk, rows)
        before = peak_mb()
        cohort, publishing = timed(lambda: publish(shop))
        after = peak_mb()
        size, writing = timed(lambda: write(cohort))
        print(f"{rows:,} rows: published in {publishing:.0f} s, {after - before:.0f} MB more memory;", end=" ")
        print(f"{cohort.figures['classes']:,} classes, {cohort.suppressed_count:,} left out;", end=" ")
        print(f"{size / 1e6:.0f} MB written in {writing:.0f} s, {peak_mb() - after:.0f} MB more")


def load(shop: int, rows: int) -> None:
    from django.db import connection

    from analytics.models import Arrival
    from analytics.models.fields import Flag

    names = [field.column for field in Arrival._meta.local_fields if isinstance(field, Flag)]
    values = {"arrived": "1", "resolvable": "1", "solved": "(h % 3 > 0)::int", "declined": "(h % 3 = 0)::int"}
    statement = FACTS.format(flags=", ".join(names), values=", ".join(values.get(name, "0") for name in names))
    with connection.cursor() as cursor:
        cursor.execute(statement.replace(" % ", " %% "), {"shop": shop, "rows": rows})
        cursor.execute("ANALYZE")


def publish(shop):
    """Publish the month as if for the first time."""
    from analytics.models import ResearchCohort, ResearchPage
    from analytics.research.publishing import Period, publish_period

    ResearchPage.objects.all().delete()
    ResearchCohort.objects.all().delete()
    return publish_period(Period(shop, FIRST, LAST, "month"), k=5)


def write(cohort) -> int:
    from analytics.research.columns import NAMES
    from analytics.research.reading_back import published_rows

    return sum(len(",".join(row)) + 2 for row in published_rows([cohort], NAMES))


def timed(work):
    began = time.monotonic()
    return work(), time.monotonic() - began


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
