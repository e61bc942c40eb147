"""What the API answers about articles, in one language at a time."""

from rest_framework import serializers

from knowledge.models import Article, ArticleVersion


class WordsField(serializers.CharField):
    """The Chinese or English half of a pair of columns, as the request chose."""

    def __init__(self, stem: str, **options) -> None:
        self.stem = stem
        super().__init__(read_only=True, source="*", **options)

    def to_representation(self, version: ArticleVersion) -> str:
        return getattr(version, f"{self.stem}_{self.context['language']}")


class EditionRead(serializers.Serializer):
    """One published wording. ``body`` is Markdown."""

    number = serializers.IntegerField()
    title = WordsField("title")
    body = WordsField("body")
    change_note = serializers.CharField()
    effective_from = serializers.DateTimeField()
    effective_until = serializers.DateTimeField(allow_null=True)


class ArticleRead(serializers.ModelSerializer):
    """An article as a list shows it. ``complaint_category`` is the code of the complaints that it helps with."""

    category = serializers.CharField(source="category.code", read_only=True)
    complaint_category = serializers.CharField(source="category_code", read_only=True)
    language = serializers.SerializerMethodField()
    title = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="live.number", read_only=True)
    effective_from = serializers.DateTimeField(source="live.effective_from", read_only=True)
    effective_until = serializers.DateTimeField(source="live.effective_until", read_only=True, allow_null=True)

    class Meta:
        model = Article
        fields = ["code", "kind", "category", "complaint_category", "language", "title", "version", "effective_from", "effective_until"]
        read_only_fields = fields

    def get_language(self, article) -> str:
        return self.context["language"]

    def get_title(self, article) -> str:
        return getattr(article.live, f"title_{self.context['language']}")


class ArticleDetail(ArticleRead):
    """An article with its text as Markdown."""

    body = serializers.SerializerMethodField()

    class Meta(ArticleRead.Meta):
        fields = [*ArticleRead.Meta.fields, "body"]
        read_only_fields = fields

    def get_body(self, article) -> str:
        return getattr(article.live, f"body_{self.context['language']}")
