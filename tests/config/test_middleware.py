"""What every answer carries, and what no request is believed."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from config.addresses import correct_address
from config.middleware import CompressionMiddleware, content_policy

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
PROXIED = {"REMOTE_ADDR": "10.1.2.3"}


@pytest.mark.parametrize("path", ["/livez/no", "/admin/login/", "/en/nothing-here/", "/api/v1/nothing-here/"])
def test_every_page_carries_the_one_policy(client, db, path):
    headers = client.get(path).headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_an_evidence_origin_is_added_to_pictures_only():
    content_policy.cache_clear()
    with override_settings(BIHUAN_EVIDENCE_ORIGIN="https://evidence.shop.example"):
        policy = content_policy()
    content_policy.cache_clear()

    assert policy.count("https://evidence.shop.example") == 2
    assert "img-src 'self' blob: https://evidence.shop.example;" in policy


@pytest.mark.parametrize("path", ["/admin/login/", "/en/c/C0/", "/c/C0/", "/t/x/", "/files/x/", "/api/v1/x/"])
def test_private_pages_are_never_stored(client, db, path):
    assert client.get(path).headers["Cache-Control"] == "no-store, private"


def test_every_answer_has_a_number_that_the_visitor_cannot_choose(client, db):
    first = client.get("/admin/login/", headers={"X-Request-ID": "chosen"}).headers["X-Request-ID"]
    second = client.get("/admin/login/", headers={"X-Request-ID": "chosen"}).headers["X-Request-ID"]

    assert len({first, second, "chosen"}) == 3


def test_an_unknown_host_is_refused(db):
    assert Client(headers={"Host": "evil.example"}).get("/admin/login/").status_code == 400


@override_settings(BIHUAN_TRUSTED_PROXIES=["10.0.0.0/8", "fd00::/8"])
@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("203.0.113.50", "198.51.100.1", "203.0.113.50"),
        ("10.1.2.3", "<script>", "10.1.2.3"),
        ("10.1.2.3", "10.4.4.4", "10.1.2.3"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_a_listed_proxy_may_say_who_asks(peer, forwarded, seen):
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}

    correct_address(meta)

    assert meta == {"REMOTE_ADDR": seen}


@pytest.mark.parametrize("header", ["X-Forwarded-Proto", "X_Forwarded_Proto", "X-Forwarded-Scheme"])
def test_nobody_says_which_scheme_was_used(header):
    request = RequestFactory(headers={header: "https"}).get("/")

    correct_address(request.META)

    assert request.scheme == "http"


@override_settings(IS_HTTPS=True)
def test_the_base_address_says_which_scheme_was_used():
    request = RequestFactory().get("/")

    correct_address(request.META)

    assert request.scheme == "https"


def test_a_public_page_in_english_has_its_own_address(client, db):
    assert client.get("/en/nothing-here/").headers["Content-Language"] == "en"
    assert client.get("/nothing-here/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "zh-hans"


def test_staff_pages_speak_the_language_of_the_profile(client, django_user_model):
    user = django_user_model.objects.create_user("ann", password="x", name="Ann", language="en")
    client.force_login(user)

    assert client.get("/admin/nothing-here/").headers["Content-Language"] == "en"


def test_an_unknown_public_page_asks_the_database_nothing(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/nothing-here/")


@pytest.mark.parametrize(
    ("content_type", "expected"), [("text/html; charset=utf-8", "gzip"), ("application/json", "gzip"), ("image/jpeg", None)]
)
def test_the_trial_run_compresses_pages_but_no_pictures(content_type, expected):
    compress = CompressionMiddleware(lambda request: HttpResponse("x" * 5000, content_type=content_type))

    response = compress(RequestFactory(headers={"Accept-Encoding": "gzip"}).get("/"))

    assert response.headers.get("Content-Encoding") == expected
