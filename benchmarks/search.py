"""Measure the search: how often the right article comes first, and what a query and an article cost.

python -m benchmarks.search FOLDER
python -m benchmarks.search FOLDER --volume 100000

FOLDER holds sets of articles and questions (benchmarks/search_sets.py says in which layouts). Each set is indexed alone into an
empty house and every question searched. With ``--volume`` the questions are asked among that many articles of the same sentences, which
are indexed once and kept.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cpu import Meter
from benchmarks.house import ROOT, make_engine
from benchmarks.reference import at_rest, reference_ms
from benchmarks.search_sets import QuestionSet, Text, read_sets

CUTS = (1, 3, 5)
TIMED_QUERIES = 1000
TIMED_ARTICLES = 200
SEED = 1


@contextmanager
def engine(folder: Path) -> Iterator[int]:
    """A PostgreSQL of its own with the tables of the product; yields its process number."""
    from config.embedded import Postgres
    from config.environment import read_trial_values

    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"BIHUAN_DATA": str(folder), "BIHUAN_ENV": "trial"}
    values = read_trial_values(folder)
    server = make_engine(Postgres, values, folder)
    server.end_leftover()
    server.start()
    try:
        server.wait()
        os.environ |= values | {"DATABASE_URL": server.superuser_url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield server.process.pid
    finally:
        server.stop()


def fill(texts: list[Text]) -> None:
    """Write articles straight into their tables, the way an import would, and index them."""
    from knowledge.models import Article, ArticleCategory, ArticleVersion, Phrasing
    from knowledge.search.rebuilding import rebuild
    from knowledge.search.text import IS_HAN

    category, _made = ArticleCategory.objects.get_or_create(code="measured", defaults={"name_zh": "measured", "name_en": "measured"})
    for start in range(0, len(texts), 5000):
        part = texts[start : start + 5000]
        articles = Article.objects.bulk_create(Article(code=f"text-{start + place}", category=category) for place in range(len(part)))
        versions = []
        for article, text in zip(articles, part, strict=True):
            language = "zh" if IS_HAN.search(text.title + text.body) else "en"
            words = {f"title_{language}": text.title[:120] or "?", f"body_{language}": text.body}
            versions.append(ArticleVersion(article=article, number=1, status="published", **DATES, **words))
        for article, version in zip(articles, ArticleVersion.objects.bulk_create(versions), strict=True):
            article.live = version
        Article.objects.bulk_update(articles, ["live"], batch_size=1000)
        Phrasing.objects.bulk_create(
            Phrasing(article=article, text=phrasing[:200])
            for article, text in zip(articles, part, strict=True)
            for phrasing in dict.fromkeys(each[:200] for each in text.phrasings)
        )
    for done, total in rebuild(is_new=True, batch=5000):
        print(f"\r  indexed {done} of {total}", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)


def vacuum() -> None:
    """What autovacuum would have done by now in a house that filled up slowly."""
    from django.db import connection

    connection.cursor().execute("VACUUM (ANALYZE)")


DATES = {"published_at": "2026-01-01T00:00:00Z", "effective_from": "2026-01-01T00:00:00Z"}


def empty() -> None:
    """An empty index and no articles."""
    from django.db import connection

    from knowledge.search.ranking import forget_counts

    tables = "knowledge_article, knowledge_searchdocument, knowledge_posting, knowledge_freshposting, knowledge_lexiconword"
    with connection.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = replica; TRUNCATE {tables} CASCADE; SET session_replication_role = DEFAULT")
    forget_counts()


def measure_recall(each: QuestionSet, places: dict[int, int]) -> str:
    """One line: recall at 1, 3 and 5, and the mean reciprocal rank over the first ten."""
    from knowledge.search.finding import find
    from knowledge.search.text import IS_HAN

    ranks = []
    for question, place in each.questions:
        language = "zh" if IS_HAN.search(question) else "en"
        found = [places[hit.subject_id] for hit in find(question, language=language, limit=10).hits if hit.subject_id in places]
        ranks.append(found.index(place) + 1 if place in found else 0)
    share = [sum(0 < rank <= cut for rank in ranks) / len(ranks) for cut in CUTS]
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    recall = "  ".join(f"@{cut} {value:.4f}" for cut, value in zip(CUTS, share, strict=True))
    return f"{each.name}: {len(each.texts)} articles, {len(each.questions)} questions: recall {recall}  MRR {mrr:.4f}"


def places_of() -> dict[int, int]:
    """Article id → its place in the set that was filled in first."""
    from knowledge.models import Article

    codes = Article.objects.filter(code__startswith="text-").values_list("pk", "code")
    return {pk: int(code.removeprefix("text-")) for pk, code in codes}


def measure_queries(questions: list[str], database: int) -> str:
    """Milliseconds on the clock and CPU milliseconds of program and database for each query, and how slow the machine was meanwhile."""
    from knowledge.search.finding import find

    for question in questions[:50]:
        find(question, language="zh")
    times, fixed = [], []
    with Meter({"whole": os.getpid(), "database": database}) as meter:  # the database is a child of this program
        for question in questions:
            fixed.append(reference_ms())
            began = time.perf_counter()
            find(question, language="zh")
            times.append((time.perf_counter() - began) * 1000)
    stored = meter.spent["database"] / len(questions)
    program = (meter.spent["whole"] - sum(fixed)) / len(questions) - stored
    slowness = statistics.fmean(fixed) / at_rest(fixed)
    return (
        f"{len(questions)} queries: median {statistics.median(times):.1f} ms, p95 {_p95(times):.1f} ms;"
        f" CPU {program:.1f} + {stored:.1f} = {program + stored:.1f} ms;"
        f" slowness {slowness:.2f}, at rest p95 {_p95(times) / slowness:.1f} ms, CPU {(program + stored) / slowness:.1f} ms"
    )


def measure_indexing() -> str:
    """What it costs to index one changed article, in milliseconds on the clock and of CPU."""
    from django.db import transaction

    from knowledge.models import Article
    from knowledge.search.indexing import index_article
    from knowledge.search.postings import fold_fresh

    chosen = Article.objects.select_related("live").filter(live__isnull=False).order_by("?")[:TIMED_ARTICLES]
    times = []
    with Meter({"whole": os.getpid()}) as meter:
        for article in chosen:
            for language in ("zh", "en"):
                title = getattr(article.live, f"title_{language}")
                setattr(article.live, f"title_{language}", f"{title} 2" if title else "")
            began = time.perf_counter()
            with transaction.atomic():
                index_article(article)
            times.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    folded = fold_fresh(at_least=1)
    folding = time.perf_counter() - began
    spent = meter.spent["whole"] / len(times)
    return (
        f"{len(times)} articles indexed: median {statistics.median(times):.1f} ms, p95 {_p95(times):.1f} ms, CPU {spent:.1f} ms;"
        f" {folded} folded into blocks in {folding:.1f} s"
    )


def crowd(sets: list[QuestionSet], volume: int) -> list[Text]:
    """As many articles as wanted, each of sentences drawn from those of the sets: the same words, other articles."""
    drawn = random.Random(SEED)  # noqa: S311 - texts to measure with
    sentences = [part for each in sets for text in each.texts for part in _sentences(text)]
    return [
        Text(drawn.choice(sentences)[:30], (), "。".join(drawn.choices(sentences, k=drawn.randint(3, 10)))) for _article in range(volume)
    ]


def _sentences(text: Text) -> list[str]:
    parts = [*text.body.replace("\n", "。").split("。"), *text.phrasings]
    return [part for part in parts if len(part) > 5]


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--volume", type=int, default=0, help="articles of the same sentences to ask among instead")
    parser.add_argument("--kept", type=Path, default=ROOT / "var" / "benchmarks" / "search", help="where the database stands")
    options = parser.parse_args()
    sets = list(read_sets(options.folder))
    with engine(options.kept / (str(options.volume) if options.volume else "alone")) as database:
        if options.volume:
            measure_volume(sets, options.volume, database, filled=options.kept / str(options.volume) / "filled")
        else:
            measure_alone(sets, database)


def measure_alone(sets: list[QuestionSet], database: int) -> None:
    """Each set in a house of its own."""
    for each in sets:
        empty()
        fill(each.texts)
        vacuum()
        print(measure_recall(each, places_of()))
        print("  " + measure_queries([question for question, _place in each.questions][:TIMED_QUERIES], database))


def measure_volume(sets: list[QuestionSet], volume: int, database: int, *, filled: Path) -> None:
    """What the same questions cost where articles are very many; not what they find, since many of the crowd hold the answer."""
    if not filled.exists():
        empty()
        began = time.perf_counter()
        fill(crowd(sets, volume))
        print(f"{volume} articles indexed in {time.perf_counter() - began:.0f} s")
        filled.touch()
    vacuum()
    questions = [question for each in sets for question, _place in each.questions]
    random.Random(SEED).shuffle(questions)  # noqa: S311 - which come first does not matter
    print("  " + measure_queries(questions[:TIMED_QUERIES], database))
    print("  " + measure_indexing())


if __name__ == "__main__":
    main()
