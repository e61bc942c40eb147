"""What every request passes: real address, health answers, language, headers. Nothing here reads the database for a public page."""

import re
from functools import lru_cache

from django.conf import settings
from django.middleware.gzip import GZipMiddleware
from django.utils import translation

from config import health
from config.addresses import correct_address
from config.request_ids import start_request_id

OWN_SOURCES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
COMPRESSED_TYPES = ("text/html", "application/json")
PRIVATE_PATHS = re.compile(r"/(?:en/)?(?:admin|api|c|t|files|live|human)(?:/|$)")
STAFF_PATHS = re.compile(r"/admin(?:/|$)")
ENGLISH_PATHS = re.compile(r"/en(?:/|$)")


class EntranceMiddleware:
    """Outermost: answers health probes, believes listed proxies only, and puts the security headers on every answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info in health.PROBES:
            return health.PROBES[request.path_info](request)
        request.request_id = start_request_id()
        correct_address(request.META)
        response = self.get_response(request)
        protect(response, path=request.path_info)
        response.headers["X-Request-ID"] = request.request_id
        return response


class LanguageMiddleware:
    """The address decides for the public, the profile for staff; a browser's wish never switches a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = language_for(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class CompressionMiddleware(GZipMiddleware):
    """For the trial run, which has no proxy in front: pages shrink, pictures are left as they are."""

    def process_response(self, request, response):
        if response.streaming or not response.headers.get("Content-Type", "").startswith(COMPRESSED_TYPES):
            return response
        return super().process_response(request, response)


def language_for(request) -> str:
    if STAFF_PATHS.match(request.path_info):
        return getattr(request.user, "language", "") or settings.LANGUAGE_CODE
    return "en" if ENGLISH_PATHS.match(request.path_info) else settings.LANGUAGE_CODE


def protect(response, *, path: str) -> None:
    """Set the headers that every answer carries; a view may only have set a stricter or a listed policy before.

    A page of a lower floor that is listed in ux.md 1.8 names its further sources in ``policy_extras``.
    """
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy(**getattr(response, "policy_extras", {})))
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    if PRIVATE_PATHS.match(path):
        headers["Cache-Control"] = "no-store, private"


@lru_cache
def content_policy(**extra: str) -> str:
    """The one policy of the house; ``content_policy(img_src="data:")`` adds a source for a page that is listed in ux.md 1.8."""
    sources = dict(OWN_SOURCES)
    if settings.BIHUAN_EVIDENCE_ORIGIN:
        extra = {"img_src": settings.BIHUAN_EVIDENCE_ORIGIN, "media_src": settings.BIHUAN_EVIDENCE_ORIGIN} | extra
    for name, source in extra.items():
        key = name.replace("_", "-")
        sources[key] = f"{sources[key]} {source}"
    return "; ".join(f"{name} {source}" for name, source in sources.items())
