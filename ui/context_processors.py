"""What every frame needs to know: language, theme, text size and the shop's name."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

HTML_LANG = {"zh-hans": "zh-Hans", "en": "en"}
CHOICES = {
    "theme": ("auto", "light", "dark"),
    "size": ("normal", "large"),
    "density": ("comfortable", "compact"),
}
PANES = ("list", "work", "context")


def shell(request):
    """Give a frame its attributes; cookies hold taste only, so an unknown value falls back to the default."""
    language = get_language() or settings.LANGUAGE_CODE
    english = language.startswith("en")
    return {
        "html_lang": HTML_LANG.get(language, language),
        "public_prefix": "/en" if english else "",
        "other_language": "zh-Hans" if english else "en",
        "other_language_url": SimpleLazyObject(lambda: _other_language_url(request.get_full_path(), english)),
        "shop_name": settings.BIHUAN_SHOP_NAME,
        "brand": getattr(settings, "BIHUAN_BRAND", "azurite"),
        "pane": request.GET.get("pane") if request.GET.get("pane") in PANES else "",
        **{name: chosen(request, name) for name in CHOICES},
    }


def chosen(request, name: str) -> str:
    """Return a display choice of the visitor, the first of its values unless the cookie names another."""
    value = request.COOKIES.get(name)
    return value if value in CHOICES[name] else CHOICES[name][0]


def _other_language_url(path: str, english: bool) -> str:
    return (path[3:] or "/") if english and path.startswith("/en/") else path if english else f"/en{path}"
