"""The stock admin of articles: writing, reviewing, looking back, and that nothing typed is lost."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from knowledge import services
from knowledge.models import Article, ArticleCategory, ArticleDay
from knowledge.reading_back import Piece, compare, version_seen_at
from tests.factories import make_user
from tests.knowledge.article_cast import WORDS, go_to, make_category, make_draft, make_published, make_review, publish_next

pytestmark = pytest.mark.django_db
LIST = "/admin/knowledge/article/"


def sign_in(client, role: str):
    client.user = make_user(role)
    client.force_login(client.user)
    return client


def page_of(article: Article) -> str:
    return f"{LIST}{article.pk}/change/"


def filled(article: Article | None = None, **typed) -> dict:
    """The form as a browser would send it back: what it was drawn with, and what somebody typed."""
    if article is None:
        first = {"code": "", "kind": "guide", "audience": "public", "category": make_category().pk, "category_code": "", **WORDS}
        return first | typed
    draft = services.draft_of(article)
    newest = draft or article.versions.order_by("-number").first()
    words = {name: getattr(newest, name) for name in WORDS}
    place = {name: getattr(article, name) for name in ("kind", "audience", "category_code")}
    asked = "\n".join(article.phrasings.order_by("pk").values_list("text", flat=True))
    seen = {"expected": article.head_seq, "expected_revision": draft.revision if draft else "", "expected_number": newest.number}
    return {**place, "category": article.category_id, **words, "phrasings": asked, "initial-phrasings": asked, **seen, **typed}


def test_an_agent_writes_an_article_and_sends_it_for_review(client):
    agent = sign_in(client, "agent")

    answer = agent.post(f"{LIST}add/", filled(phrasings="钱呢\n退款在哪", _submit="1"))

    article = Article.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, page_of(article))
    assert services.draft_of(article).status == "review"
    assert article.phrasings.count() == 2
    assert article.created_by == agent.user


def test_a_lead_publishes_what_an_agent_wrote_with_a_day(client):
    article = make_review(by=make_user("agent"))
    sign_in(client, "lead")
    later = timezone.localtime(timezone.now() + timedelta(days=3))

    typed = {"effective_from_0": f"{later:%Y-%m-%d}", "effective_from_1": "08:00", "_publish": "1"}
    client.post(page_of(article), filled(article, **typed))

    version = article.versions.get()
    assert (version.status, timezone.localtime(version.effective_from).date()) == ("published", later.date())


def test_no_agent_publishes(client):
    article = make_review(by=make_user("agent"))
    sign_in(client, "agent")

    page = client.get(page_of(article)).content.decode()
    client.post(page_of(article), filled(article, _publish="1"))

    assert 'name="_publish"' not in page
    assert article.versions.get().status == "review"


def test_nobody_is_offered_to_publish_the_own_words(client):
    lead = sign_in(client, "lead")
    article = make_review(by=lead.user)

    page = client.get(page_of(article)).content.decode()

    assert 'name="_publish"' not in page
    assert 'name="_send_back"' in page


def test_sending_back_needs_a_word_for_the_writer(client):
    article = make_review(by=make_user("agent"))
    sign_in(client, "lead")

    refused = client.post(page_of(article), filled(article, _send_back="1"))
    assert (refused.status_code, article.versions.get().status) == (200, "review")

    client.post(page_of(article), filled(article, _send_back="1", note="请补上信用卡。"))
    assert (article.versions.get().status, article.versions.get().review_note) == ("draft", "请补上信用卡。")


def test_saving_other_words_of_a_published_article_begins_its_next_version(client):
    article = make_published()
    agent = sign_in(client, "agent")

    client.post(page_of(article), filled(article, body_zh="改过的正文。"))

    article.refresh_from_db()
    assert services.draft_of(article).body_zh == "改过的正文。"
    assert services.draft_of(article).written_by == agent.user
    assert article.live.body_zh == WORDS["body_zh"]


def test_who_is_late_keeps_what_was_typed_and_sees_what_stands_there(client):
    article = make_draft()
    sign_in(client, "lead")
    typed = filled(article, body_zh="我打的字。")
    services.edit_draft(article, by=None, expected_revision=1, body_zh="别人打的字。")

    answer = client.post(page_of(article), typed)

    page = answer.content.decode()
    assert "我打的字。" in page
    assert "别人打的字。" in page
    assert services.draft_of(article).body_zh == "别人打的字。"

    client.post(page_of(article), typed | {"expected_revision": "2"})
    assert services.draft_of(article).body_zh == "我打的字。"


def test_what_a_service_refuses_leaves_everything_as_it_was_and_the_words_on_the_page(client):
    sign_in(client, "agent")

    answer = client.post(f"{LIST}add/", filled(body_en="", body_zh="只有中文。", _submit="1"))

    assert answer.status_code == 200
    assert "只有中文。" in answer.content.decode()
    assert not Article.objects.exists()


def test_a_preview_shows_both_languages_and_saves_nothing(client):
    article = make_draft()
    sign_in(client, "lead")

    answer = client.post(page_of(article), filled(article, body_zh="**粗体** <script>x</script>", _preview="1"))

    assert "<strong>粗体</strong> &lt;script&gt;" in answer.content.decode()
    assert services.draft_of(article).body_zh == WORDS["body_zh"]


def picture(name: str = "a.png") -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (8, 8), "white").save(held, "PNG")
    return SimpleUploadedFile(name, held.getvalue(), "image/png")


def test_a_picture_is_added_and_removed(client, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.MEDIA_ROOT = tmp_path
    article = make_draft()
    sign_in(client, "lead")

    client.post(page_of(article), filled(article, file=picture()))
    file = article.files.get()
    assert (file.name, file.media_type) == ("a.png", "image/png")
    assert len(list(tmp_path.glob("*/*/*/preview"))) == 1

    article.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(article), filled(article, drop_files=[file.pk]))
    assert not article.files.exists()
    assert not list(tmp_path.glob("*/*/*/preview"))


def test_what_is_no_picture_is_refused_with_words(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    article = make_draft()
    sign_in(client, "lead")

    answer = client.post(page_of(article), filled(article, body_zh="留着。", file=SimpleUploadedFile("a.png", b"<svg/>")))

    assert "留着。" in answer.content.decode()
    assert not article.files.exists()
    assert services.draft_of(article).body_zh == WORDS["body_zh"]


def test_an_agent_adds_no_file_to_what_readers_see(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    article = make_published()
    sign_in(client, "agent")

    client.post(page_of(article), filled(article, file=picture()))

    assert not article.files.exists()


def test_marking_as_outdated_and_bringing_back(client):
    article = make_published()
    sign_in(client, "manager")

    client.post(page_of(article), filled(article, _outdate="1", note="规则变了"))
    article.refresh_from_db()
    assert article.outdated_at

    client.post(page_of(article), filled(article, _revive="1"))
    article.refresh_from_db()
    assert article.outdated_at is None


@pytest.mark.parametrize("role", ["warehouse", "finance"])
def test_who_only_reads_sees_the_live_words_and_changes_nothing(client, role):
    live, draft = make_published(audience="internal", body_zh="只给员工看。"), make_draft(title_zh="还没发布")
    sign_in(client, role)

    listed = client.get(LIST).content.decode()
    assert "还没发布" not in listed
    assert "只给员工看。" in client.get(page_of(live)).content.decode()
    assert client.get(page_of(draft)).status_code == 302
    assert client.post(page_of(live), filled(live)).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403


def test_the_list_asks_as_often_for_three_articles_as_for_one(client, django_assert_num_queries, django_assert_max_num_queries):
    sign_in(client, "lead")
    make_published(phrasings=["一"])
    client.get(LIST)
    with django_assert_max_num_queries(60) as one:
        client.get(LIST)

    for _ in range(2):
        ArticleDay.objects.create(article=make_published(category=make_category(f"c{_}")), on="2026-01-01", views=3)
    with django_assert_num_queries(len(one)):
        client.get(LIST)


def test_what_waits_for_a_review_is_a_filter_for_those_who_publish(client):
    lead = sign_in(client, "lead")
    make_review(by=make_user("agent"), title_zh="等主管")
    make_review(by=lead.user, title_zh="自己写的")

    page = client.get(f"{LIST}?state=mine_to_review").content.decode()

    assert "等主管" in page
    assert "自己写的" not in page


@pytest.mark.parametrize("word", ["退款多久", "arrives", "when-a-refund", "钱呢"])
def test_the_list_is_searched_by_titles_address_and_phrasings(client, word):
    make_published(phrasings=["钱呢"])
    sign_in(client, "agent")

    assert "退款多久到账" in client.get(LIST, {"q": word}).content.decode()
    assert "退款多久到账" not in client.get(LIST, {"q": "别的"}).content.decode()


def test_the_history_shows_what_readers_saw_on_a_day(client, monkeypatch):
    today = timezone.now()
    go_to(monkeypatch, today - timedelta(days=9))
    article = make_published(body_zh="九天前的规则。")
    go_to(monkeypatch, today - timedelta(days=5))
    publish_next(article, body_zh="五天前的规则。")
    go_to(monkeypatch, today - timedelta(days=2))
    services.mark_outdated(article, by=None, reason="旧了")
    monkeypatch.undo()
    sign_in(client, "agent")

    def seen(days: int) -> str:
        on = timezone.localdate(today - timedelta(days=days))
        return client.get(f"{LIST}{article.pk}/history/", {"on": f"{on:%Y-%m-%d}"}).content.decode()

    assert "九天前的规则。" in seen(7)
    assert "五天前的规则。" in seen(4)
    assert "规则。" not in seen(1)
    assert "规则。" not in seen(20)
    assert version_seen_at(article, today - timedelta(days=3)).number == 2


def test_two_versions_are_compared(client):
    article = publish_next(make_published(), body_zh="微信和支付宝 2 个工作日。")
    sign_in(client, "agent")

    page = client.get(f"{LIST}{article.pk}/history/?version=2&against=1").content.decode()

    assert "<ins>2</ins>" in page
    assert "<del>" in page


def test_drafts_are_no_history_for_who_only_reads(client):
    article = make_published()
    services.start_draft(article, by=None)
    services.edit_draft(article, by=None, expected_revision=1, body_zh="还在写。")
    sign_in(client, "warehouse")

    assert "还在写。" not in client.get(f"{LIST}{article.pk}/history/?version=2").content.decode()


@pytest.mark.parametrize("on", ["2026-13-45", "x", "0001-01-01", "9999-12-31"])
def test_an_odd_day_is_no_error(client, on):
    article = make_published()
    sign_in(client, "agent")

    assert client.get(f"{LIST}{article.pk}/history/", {"on": on}).status_code == 200


def test_the_administrator_reads_no_articles(client):
    sign_in(client, "admin")

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(make_published())).status_code == 403


def test_a_manager_adds_a_category(client):
    sign_in(client, "manager")

    client.post("/admin/knowledge/articlecategory/add/", {"code": "gifts", "name_zh": "礼品", "name_en": "Gifts", "rank": "7"})

    assert ArticleCategory.objects.get(code="gifts").rank == 7


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("一样", "一样", [Piece("same", "一样")]),
        ("七天内", "八天内", [Piece("removed", "七"), Piece("added", "八"), Piece("same", "天内")]),
        ("one two", "one three", [Piece("same", "one "), Piece("removed", "two"), Piece("added", "three")]),
        ("一\n二\n", "一\n", [Piece("same", "一\n"), Piece("removed", "二\n")]),
    ],
)
def test_texts_are_compared_sign_by_sign(old, new, pieces):
    assert compare(old, new) == pieces
