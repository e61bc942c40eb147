"""Log lines hold whatever a visitor typed without becoming lines of their own."""

import json
import logging

import pytest

from config.logs import JsonFormatter
from config.request_ids import start_request_id


def format_line(message: str, *args, exc_info=None) -> str:
    return JsonFormatter().format(logging.LogRecord("complaints", logging.WARNING, __file__, 1, message, args, exc_info))


@pytest.mark.parametrize("typed", ['x\n{"level": "error"}', "\x1b[31mred", "\u2028next", '"; drop', "\r\nHTTP/1.1 200"])
def test_what_a_visitor_typed_stays_one_escaped_line(typed):
    line = format_line("path %s", typed)

    assert line.isascii() and line.isprintable()
    assert json.loads(line)["message"] == f"path {typed}"


def test_a_line_names_its_request():
    number = start_request_id()

    assert json.loads(format_line("x"))["request"] == number


def test_an_error_brings_its_traceback():
    try:
        raise ValueError("broken")
    except ValueError as error:
        line = format_line("failed", exc_info=(ValueError, error, error.__traceback__))

    assert "ValueError: broken" in json.loads(line)["error"]
