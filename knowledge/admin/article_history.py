"""The history page of an article: its versions, one of them as readers saw it, or the difference between two."""

from datetime import datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from knowledge.access import versions_visible_to
from knowledge.models import Article, ArticleVersion
from knowledge.reading_back import compare, names_of, version_seen_at
from knowledge.services.article_reasons import WRITE
from ui.markdown import render_markdown

MOST_NEWS = 100
KINDS = {
    "written": _("Written"),
    "submitted": _("Sent for review"),
    "sent_back": _("Sent back"),
    "dropped": _("Draft dropped"),
    "published": _("Published"),
    "in_force": _("In force"),
    "ended": _("Ended"),
    "outdated": _("Marked as outdated"),
    "revived": _("Brought back"),
    "set": _("Settings changed"),
}
OF_DRAFTS = ("article.written", "article.submitted", "article.sent_back", "article.dropped")
LABELS = (("zh-Hans", "zh"), ("en", "en"))


def history_of(article: Article, asked, *, by: User) -> dict:
    """What the page shows for ``?version=``, ``?version=&against=`` or ``?on=``; the newest version without a question."""
    versions = list(versions_visible_to(by).filter(article=article).select_related("written_by", "published_by").order_by("-number"))
    by_number = {str(version.number): version for version in versions}
    day = _day(asked.get("on", ""))
    if day:
        at = timezone.make_aware(datetime.combine(day, time.max))
        shown = version_seen_at(article, min(at, timezone.now()))
    else:
        shown = by_number.get(asked.get("version", "")) or (versions[0] if versions else None)
    against = by_number.get(asked.get("against", ""))
    context = {"versions": versions, "on": day, "shown": shown, "against": against, "news": _news(article, by)}
    if shown and against and against != shown:
        return context | {"differences": [_difference(against, shown, language, end) for language, end in LABELS]}
    return context | {"halves": [_half(shown, language, end) for language, end in LABELS] if shown else []}


def _half(version: ArticleVersion, language: str, end: str) -> dict:
    return {"language": language, "title": getattr(version, f"title_{end}"), "html": render_markdown(getattr(version, f"body_{end}"))}


def _difference(old: ArticleVersion, new: ArticleVersion, language: str, end: str) -> dict:
    pieces = {part: compare(getattr(old, f"{part}_{end}"), getattr(new, f"{part}_{end}")) for part in ("title", "body")}
    return {"language": language, **pieces}


def _news(article: Article, by: User) -> list:
    """The latest events, each with the words of its kind and the name of whoever did it; those of drafts for who writes."""
    events = article.events.order_by("-seq")
    events = list((events if by.has_perm(WRITE) else events.exclude(kind__in=OF_DRAFTS))[:MOST_NEWS])
    names = names_of({event.actor_id for event in events} - {None})
    for event in events:
        event.kind_words, event.who = KINDS.get(event.kind.removeprefix("article."), event.kind), names.get(event.actor_id)
    return events


def _day(text: str):
    try:
        return parse_date(text)
    except ValueError:
        return None
