"""Articles that everybody may read, for every token: a machine sees what the public sees, and nothing else is even counted."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from knowledge.access import public_articles, public_versions
from knowledge.models import Article, SearchDocument
from knowledge.search.finding import find
from orders.models import ApiToken

from .read import ArticleDetail, ArticleRead, EditionRead

LANGUAGES = ("zh", "en")
MOST_FOUND = 50
# Guides are help for today; what rules and announcements said once may matter later.
WITH_EDITIONS = (Article.Kind.RULE, Article.Kind.ANNOUNCEMENT)
ANY_SCOPE = tuple(ApiToken.Scope.values)
LANGUAGE = OpenApiParameter("language", str, enum=LANGUAGES, default="zh", description="The language of titles and texts.")
FILTERS = [
    LANGUAGE,
    OpenApiParameter("q", str, description=f"Search; the best {MOST_FOUND} at most, best first, on one page."),
    OpenApiParameter("kind", str, enum=Article.Kind.values),
    OpenApiParameter("category", str, description="Code of the category of the help centre."),
]


@extend_schema_view(list=extend_schema(parameters=FILTERS), retrieve=extend_schema(parameters=[LANGUAGE], responses=ArticleDetail))
class ArticleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Articles, rules and announcements of the help centre that are in force."""

    queryset = Article.objects.none()
    serializer_class = ArticleRead
    lookup_field = "code"
    lookup_value_regex = "[-a-zA-Z0-9_]+"
    keyset_order = ("-id",)
    scopes = dict.fromkeys(("list", "retrieve", "versions"), ANY_SCOPE)

    def get_queryset(self):
        return public_articles().select_related("live", "category")

    def filter_queryset(self, rows):
        asked = self.request.query_params
        kind, category = asked.get("kind"), asked.get("category")
        if kind and kind not in Article.Kind.values:
            raise exceptions.ValidationError({"kind": [_("There is no such kind.")]})
        rows = rows.filter(kind=kind) if kind else rows
        return rows.filter(category__code=category) if category else rows

    def get_serializer_class(self):
        return {"retrieve": ArticleDetail, "versions": EditionRead}.get(self.action, ArticleRead)

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "language": self._language() if self.request else "zh"}

    def list(self, request, *args, **kwargs):
        words = request.query_params.get("q", "").strip()
        if not words:
            return super().list(request, *args, **kwargs)
        rows = self.filter_queryset(self.get_queryset())
        found = find(words, language=self._language(), shelves=(SearchDocument.Shelf.PUBLIC,), limit=MOST_FOUND, among=rows)
        known = rows.in_bulk([hit.subject_id for hit in found.hits])
        best = [known[hit.subject_id] for hit in found.hits if hit.subject_id in known]
        return Response({"results": self.get_serializer(best, many=True).data, "next": "", "previous": ""})

    @extend_schema(parameters=[LANGUAGE], responses=EditionRead(many=True))
    @action(detail=True)
    def versions(self, request, code):
        """The published wordings of a rule or announcement, newest first, with those that a rule will have; others have none here."""
        article = get_object_or_404(self.get_queryset(), code=code, kind__in=WITH_EDITIONS)
        self.keyset_order = ("-number", "id")
        rows = self.paginate_queryset(public_versions().filter(article=article))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def _language(self) -> str:
        language = self.request.query_params.get("language") or "zh"
        if language not in LANGUAGES:
            raise exceptions.ValidationError({"language": [_("There are zh and en.")]})
        return language
