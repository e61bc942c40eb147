import pytest


@pytest.fixture(autouse=True)
def _photos_of_the_test(settings, tmp_path):
    """Photos go to a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
