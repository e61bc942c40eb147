"""The shipped categories, read anew by each test."""

import pytest


@pytest.fixture(autouse=True)
def shop(db, settings, tmp_path):
    # Imported here: this file is read before Django is set up.
    from complaints.intake.catalogue import forget_catalogue
    from complaints.intake.defaults import load_catalogue_defaults

    settings.MEDIA_ROOT = tmp_path
    load_catalogue_defaults()
    forget_catalogue()
    yield
    forget_catalogue()
