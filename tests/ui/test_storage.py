import json
import re

import pytest
from django.core.management import call_command

HASHED = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ui.storage.BundledStaticFilesStorage"},
}


@pytest.fixture
def collected(settings, tmp_path):
    settings.STORAGES = HASHED
    settings.STATIC_ROOT = tmp_path
    # Only our own files: Django's and the API page's are theirs to test.
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def hashed(folder, name: str) -> str:
    return json.loads((folder / "staticfiles.json").read_text())["paths"][name]


@pytest.mark.parametrize("name", ["css/public.css", "css/staff.css"])
def test_a_shell_is_one_style_sheet(collected, name):
    text = (collected / hashed(collected, name)).read_text()

    assert "@import" not in text
    assert [text.count(f"@layer {layer} {{") >= 1 for layer in ("tokens", "base", "components", "print")] == [True] * 4


@pytest.mark.parametrize("name", ["js/public.js", "js/desk.js"])
def test_a_shell_is_one_script(collected, name):
    text = (collected / hashed(collected, name)).read_text()

    assert re.findall(r"^(?:import|export) ", text, re.M) == []
    assert text.count("customElements.define") >= 3


def test_collecting_twice_gives_the_same_names(collected):
    before = (collected / "staticfiles.json").read_text()

    call_command("collectstatic", interactive=False, verbosity=0)

    assert (collected / "staticfiles.json").read_text() == before


def test_files_are_compressed_beforehand(collected):
    assert (collected / (hashed(collected, "css/public.css") + ".gz")).exists()
