"""A shop with cases, and a visitor from an address of their own."""

import random

import pytest
from django.test import Client


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


@pytest.fixture
def visitor():
    return Client(REMOTE_ADDR=f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::1")


@pytest.fixture
def stranger():
    return Client(REMOTE_ADDR=f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::2")
