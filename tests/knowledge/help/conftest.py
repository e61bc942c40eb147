"""A reader with an address of their own, so that no test counts against another."""

import random

import pytest
from django.test import Client


@pytest.fixture
def reader(db):
    return Client(REMOTE_ADDR=f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::7")
