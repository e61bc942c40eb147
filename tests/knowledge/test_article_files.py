"""The desk's door to the files of articles: those for the staff too, and of no article that somebody does not see."""

import pytest
from django.urls import reverse

from foundation.files import accept_upload
from knowledge import services
from knowledge.models import ArticleFile
from tests.knowledge.article_cast import make_draft, make_published
from tests.knowledge.test_articles_admin import page_of, picture, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add_picture(article) -> ArticleFile:
    return services.add_file(article, stored=accept_upload(picture()), by=None)


def place_of(file: ArticleFile) -> str:
    return reverse("admin:article-file", args=[file.article_id, file.pk])


@pytest.mark.parametrize("role", ["agent", "warehouse"])
def test_the_staff_opens_files_of_internal_articles_from_their_page(client, role):
    article = make_published(audience="internal")
    file = add_picture(article)
    sign_in(client, role)

    assert f'<a href="{place_of(file)}">a.png</a>' in client.get(page_of(article)).content.decode()
    answer = client.get(place_of(file))

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in answer["Content-Security-Policy"]
    answer.close()


def test_who_only_reads_opens_no_file_of_a_draft(client):
    file = add_picture(make_draft())
    sign_in(client, "warehouse")

    assert client.get(place_of(file)).status_code == 404


def test_a_file_has_no_place_below_another_article(client):
    file, other = add_picture(make_published()), make_draft(title_en="Other")
    sign_in(client, "agent")

    assert client.get(reverse("admin:article-file", args=[other.pk, file.pk])).status_code == 404


def test_who_reads_no_articles_opens_no_file(client):
    file = add_picture(make_published())
    sign_in(client, "admin")

    assert client.get(place_of(file)).status_code == 403
