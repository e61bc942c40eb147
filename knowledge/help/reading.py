"""What the public reads: articles in force, their wordings, and short lists of them. One place decides what is there at all."""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, Count, QuerySet, Sum, When
from django.http import Http404
from django.utils import timezone

from knowledge.access import public_articles, public_files, public_versions
from knowledge.models import Article, ArticleCategory, ArticleDay, ArticleFile, ArticleVersion
from ui.localize import is_english

Kind = Article.Kind
FRESH_SECONDS = 60.0
MOST_POPULAR = 12
POPULAR_DAYS = timedelta(days=30)
# Everything a list shows; the texts stay where they are.
LISTED = (
    "code", "kind", "category__code", "category__name_zh", "category__name_en", "live__number", "live__title_zh", "live__title_en",
    "live__effective_from", "live__effective_until",
)  # fmt: skip
NEWEST = ("-live_id",)


@dataclass(frozen=True)
class Wording:
    """An article's words in one language; ``is_other`` says that the reader's own language is missing."""

    title: str
    body: str
    lang: str
    is_other: bool


@dataclass(frozen=True)
class Lately:
    """What costs a look at every article: which are read most, and how many each category has."""

    read_at: float
    popular: list[int]
    counts: dict[int, int]


def wording_of(version: ArticleVersion, language: str | None = None) -> Wording:
    """What a version says in the given or active language; title and text are never of two languages."""
    wants_english = is_english(language)
    found = _in_language(version, english=wants_english)
    return found if found.title and found.body else _in_language(version, english=not wants_english, is_other=True)


def _in_language(version: ArticleVersion, *, english: bool, is_other: bool = False) -> Wording:
    suffix, lang = ("en", "en") if english else ("zh", "zh-Hans")
    return Wording(getattr(version, f"title_{suffix}").strip(), getattr(version, f"body_{suffix}").strip(), lang, is_other)


def heading_of(version: ArticleVersion) -> Wording:
    """The title for a list, in the reader's language where there is one; the text is not read."""
    wants_english = is_english()
    own, other = ("en", "zh") if wants_english else ("zh", "en")
    is_other = not getattr(version, f"title_{own}")
    lang = "en" if (own == "en") != is_other else "zh-Hans"
    return Wording(getattr(version, f"title_{other if is_other else own}"), "", lang, is_other)


def languages_of(version: ArticleVersion) -> list[str]:
    """The languages that a version is written in, "zh" first."""
    return [each for each in ("zh", "en") if getattr(version, f"title_{each}").strip() and getattr(version, f"body_{each}").strip()]


def articles_in_force() -> QuerySet[Article]:
    """Public articles that hold now, with their words. Every page of the help centre reads through this."""
    return public_articles().filter(live__effective_from__lte=timezone.now()).select_related("live", "category")


def listed(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Articles with no more than a list shows."""
    return articles.only(*LISTED)


def article_or_404(code: str) -> Article:
    """The article at an address. Internal, unpublished, outdated and unknown ones are all the same nothing."""
    article = articles_in_force().filter(code=code).first()
    if article is None:
        raise Http404
    return article


def category_or_404(code: str) -> ArticleCategory:
    """A category that has something to read."""
    category = ArticleCategory.objects.filter(code=code).first()
    if category is None or not articles_in_force().filter(category=category).exists():
        raise Http404
    return category


def edition_or_404(article: Article, number: int) -> ArticleVersion:
    """One version of a rule or announcement that the public may see."""
    for version in editions_of(article):
        if version.number == number:
            return version
    raise Http404


def editions_of(article: Article) -> list[ArticleVersion]:
    """The published versions that readers may compare, newest first; guides have none but the one in force."""
    return [] if article.kind == Kind.GUIDE else list(public_versions().filter(article=article).order_by("-number"))


def coming_of(article: Article, editions: list[ArticleVersion]) -> ArticleVersion | None:
    """The version that replaces the one in force, once it is announced."""
    ahead = [each for each in editions if each.effective_from > timezone.now() and each.number > article.live.number]
    return min(ahead, key=lambda each: each.effective_from, default=None)


def past_of(article: Article, editions: list[ArticleVersion]) -> list[ArticleVersion]:
    return [each for each in editions if each.number < article.live.number]


def files_of(article: Article) -> list[ArticleFile]:
    return list(public_files().filter(article=article).order_by("pk"))


def file_or_404(article: Article, number: int) -> ArticleFile:
    found = public_files().filter(article=article, pk=number).first()
    if found is None:
        raise Http404
    return found


def categories_with_counts() -> list[ArticleCategory]:
    """The categories that have something to read, each with the ``count`` of it. The counts are a minute old at most."""
    counts = _lately().counts
    found = [each for each in ArticleCategory.objects.all() if counts.get(each.pk)]
    for each in found:
        each.count = counts[each.pk]
    return found


def newest_of_kind(kind: str, limit: int) -> list[Article]:
    return list(listed(articles_in_force()).filter(kind=kind).order_by(*NEWEST)[:limit])


def related_to(article: Article, limit: int = 5) -> list[Article]:
    """What the editors named, then others of the same category. Two questions, because one about both would sort the whole category."""
    newest = listed(articles_in_force()).exclude(pk=article.pk).order_by(*NEWEST)
    named = list(newest.filter(pk__in=article.related.values("pk"))[:limit])
    near = newest.filter(category=article.category_id, kind=article.kind).exclude(pk__in=[each.pk for each in named])
    return [*named, *near[: limit - len(named)]]


def helping_with(category_code: str, limit: int = 3) -> list[Article]:
    """Articles for complaints of a category, those of exactly this one first."""
    codes = [category_code, category_code.partition(".")[0]]
    if not category_code:
        return []
    found = listed(articles_in_force()).filter(category_code__in=codes)
    return list(found.order_by(Case(When(category_code=category_code, then=0), default=1), *NEWEST)[:limit])


def shown_by_ids(ids: list[int]) -> list[Article]:
    """These articles in this order, without any that the public may not read (any more)."""
    found = listed(articles_in_force()).in_bulk(ids) if ids else {}
    return [found[each] for each in ids if each in found]


def most_read(limit: int) -> list[Article]:
    """What people read most lately, then the first guides of the first topics.

    The order is a minute old at most, what is shown never is.
    """
    return shown_by_ids(_lately().popular)[:limit]


def _lately() -> Lately:
    global _remembered
    if _remembered is None or time.monotonic() - _remembered.read_at > FRESH_SECONDS:
        _remembered = Lately(time.monotonic(), _read_popular_ids(), _count_by_category())
    return _remembered


def _count_by_category() -> dict[int, int]:
    return dict(articles_in_force().order_by().values_list("category").annotate(count=Count("pk")))


def _read_popular_ids() -> list[int]:
    since = timezone.localdate() - POPULAR_DAYS
    read = ArticleDay.objects.filter(on__gt=since, views__gt=0, article__in=articles_in_force().values("pk")).values_list("article")
    often = [pk for (pk,) in read.annotate(read=Sum("views")).order_by("-read", "article").values_list("article")[:MOST_POPULAR]]
    first = articles_in_force().filter(kind=Kind.GUIDE).order_by("category__rank", "pk").values_list("pk", flat=True)[:MOST_POPULAR]
    return list(dict.fromkeys([*often, *first]))[:MOST_POPULAR]


def forget_lately() -> None:
    """Make the next reader ask the database."""
    global _remembered
    _remembered = None


_remembered: Lately | None = None
