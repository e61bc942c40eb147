"""Files of articles: the re-encoded picture for everybody who may read the article, nothing of any other."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.files import accept_upload
from knowledge.models import Article, ArticleFile
from tests.foundation.pictures import picture
from tests.knowledge.builders import make_article

pytestmark = pytest.mark.django_db
Audience = Article.Audience


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def attach(article: Article) -> ArticleFile:
    stored = accept_upload(SimpleUploadedFile("标签.jpg", picture(), content_type="image/jpeg"))
    facts = {"name": stored.name, "media_type": stored.content_type, "size": stored.size, "sha256": stored.sha256}
    return ArticleFile.objects.create(article=article, key=stored.id, **facts)


@pytest.mark.parametrize("size", ["", "?size=thumb"])
def test_a_picture_is_shown_re_encoded_and_in_a_sandbox(size, reader):
    file = attach(make_article("shown"))

    page, answer = reader.get("/help/shown/"), reader.get(f"/help/shown/files/{file.pk}/{size}")

    assert f'src="/help/shown/files/{file.pk}/?size=thumb"' in page.content.decode()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")


def test_a_picture_goes_with_its_article(reader):
    hidden = make_article("secret", audience=Audience.INTERNAL)
    make_article("shown")
    file = attach(hidden)

    assert reader.get(f"/help/secret/files/{file.pk}/").status_code == 404
    assert reader.get(f"/help/shown/files/{file.pk}/").status_code == 404

    Article.objects.filter(pk=hidden.pk).update(audience=Audience.PUBLIC)

    assert b"".join(reader.get(f"/help/secret/files/{file.pk}/").streaming_content)


def test_a_file_that_is_lost_on_disk_is_not_there(reader, settings, tmp_path):
    file = attach(make_article("shown"))
    settings.MEDIA_ROOT = tmp_path / "elsewhere"

    assert reader.get(f"/help/shown/files/{file.pk}/").status_code == 404
