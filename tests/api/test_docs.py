import re

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_description_is_complete_and_valid(tmp_path):
    call_command("spectacular", fail_on_warn=True, validate=True, file=str(tmp_path / "schema.yml"))

    assert "/api/v1/complaints/{number}/resolve/" in (tmp_path / "schema.yml").read_text()


def test_page_takes_everything_from_here_and_runs_no_inline_script(client):
    page = client.get("/api/docs/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "http" not in text.replace('<html lang="en">', "")
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", text)
    policy = page.headers["Content-Security-Policy"]
    assert "img-src 'self' blob: data:" in policy and "unsafe" not in policy


def test_no_other_page_takes_data_addresses(client):
    assert "data:" not in client.get("/api/schema/").headers["Content-Security-Policy"]
