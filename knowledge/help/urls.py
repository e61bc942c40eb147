"""The public addresses of the help centre, in Chinese at /help/ and in English at /en/help/."""

from django.urls import path

from knowledge.help import article, pages
from knowledge.models import Article

app_name = "help"
urlpatterns = [
    path("", pages.show_home, name="home"),
    path("search/", pages.show_search, name="search"),
    path("instant/", pages.show_instant, name="instant"),
    path("suggest/", pages.show_suggestions, name="suggest"),
    path("rules/", pages.show_kind, {"kind": Article.Kind.RULE}, name="rules"),
    path("announcements/", pages.show_kind, {"kind": Article.Kind.ANNOUNCEMENT}, name="announcements"),
    path("topics/<slug:topic>/", pages.show_category, name="category"),
    path("<slug:code>/", article.show_article, name="article"),
    path("<slug:code>/v/<int:edition>/", article.show_edition, name="edition"),
    path("<slug:code>/vote/", article.vote_on, name="vote"),
    path("<slug:code>/read/", article.count_reading, name="read"),
    path("<slug:code>/solved/", article.tell_solved, name="solved"),
    path("<slug:code>/files/<int:article_file>/", article.show_file, name="file"),
]
