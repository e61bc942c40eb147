import pytest
from django.test import RequestFactory, override_settings
from django.utils import translation

from ui.context_processors import shell
from ui.views import save_display


def post(**fields):
    return save_display(RequestFactory().post("/display/", fields))


def test_a_choice_is_kept_in_a_cookie_and_the_page_comes_back():
    response = post(size="large", next="/c/C1/?pane=work")

    assert response.status_code == 303
    assert response["Location"] == "/c/C1/?pane=work"
    assert response.cookies["size"].value == "large"
    assert response.cookies["size"]["samesite"] == "Lax"


@pytest.mark.parametrize("fields", [{}, {"size": "huge"}, {"size": "large", "theme": "pink"}])
def test_an_unknown_choice_is_refused(fields):
    response = post(**fields)

    assert response.status_code == 400
    assert not response.cookies


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http://testserver//evil.example/", ""],
)
def test_nobody_is_sent_to_another_site(elsewhere):
    location = post(size="large", next=elsewhere)["Location"]

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_reading_changes_nothing():
    response = save_display(RequestFactory().get("/display/?size=large"))

    assert response.status_code == 405


def test_the_frame_follows_the_cookies_and_ignores_wrong_ones():
    request = RequestFactory().get("/?pane=context")
    request.COOKIES.update(size="large", theme='"><script>', density="compact")

    context = shell(request)

    assert (context["size"], context["theme"], context["density"], context["pane"]) == ("large", "auto", "compact", "context")


@pytest.mark.parametrize(
    ("language", "path", "other", "prefix", "html_lang"),
    [
        ("zh-hans", "/c/C1/?a=1", "/en/c/C1/?a=1", "", "zh-Hans"),
        ("zh-hans", "/", "/en/", "", "zh-Hans"),
        ("en", "/en/c/C1/?a=1", "/c/C1/?a=1", "/en", "en"),
        ("en", "/en/", "/", "/en", "en"),
    ],
)
def test_the_other_language_is_the_same_page(language, path, other, prefix, html_lang):
    with translation.override(language):
        context = shell(RequestFactory().get(path))

        assert str(context["other_language_url"]) == other
        assert (context["public_prefix"], context["html_lang"]) == (prefix, html_lang)


@override_settings(BIHUAN_SHOP_NAME="Shop & Co")
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_error_pages_stand_by_themselves(name, language):
    from django.template.loader import render_to_string

    with translation.override(language):
        alone = render_to_string(f"{name}.html")
        whole = render_to_string(f"{name}.html", request=RequestFactory().get("/x/"))

    for html in (alone, whole):
        assert (html.count("<h1"), html.count("<main"), html.count('class="skip"')) == (1, 1, 1)
    assert "Shop &amp; Co</title>" in whole
