"""The engines that come out of the wheels."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_on_postgresql_18_or_the_given_server():
    assert connection.pg_version >= 140000
