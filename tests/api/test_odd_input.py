import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offer")]


@pytest.mark.parametrize("body", [b"", b"{", b"[1,2]", b'"text"', b"NaN", b'{"description": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_bodies_that_are_no_object_are_a_400(machine, body):
    answer = machine.client.post("/api/v1/complaints/", body, content_type="application/json", headers=machine.headers)

    assert answer.status_code == 400


def test_bodies_beyond_the_limit_are_a_413(machine):
    body = b'{"description": "' + b"x" * (5 * 1024 * 1024) + b'"}'

    answer = machine.client.post("/api/v1/complaints/", body, content_type="application/json", headers=machine.headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/xml", "application/x-python-pickle"])
def test_other_kinds_of_bodies_are_not_read(machine, kind):
    answer = machine.client.post("/api/v1/complaints/", b"a=1", content_type=kind, headers=machine.headers)

    assert answer.status_code == 415


def test_unknown_addresses_answer_as_problems(machine):
    for path in ("/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/complaints/"):
        answer = machine.client.get(path, headers=machine.headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_answers_are_never_cached(machine):
    assert machine.get("complaints/").headers["Cache-Control"] == "no-store, private"
