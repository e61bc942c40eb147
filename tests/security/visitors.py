"""What a visitor does on the public pages, in one line each."""

import re

from django.test import Client

from complaints.intake.links import make_link
from complaints.models import Complaint

PROBLEM = {"category": "logistics.stalled", "wish": "reship", "description": "包裹五天没有动静了。"}
DETAILS = {"phone": "13900001111"}


def open_draft(client: Client, **problem: str):
    """Send page one."""
    return client.post("/file/", PROBLEM | problem)


def file_complaint(client: Client, **details: str):
    """Send page two of an open draft."""
    return client.post("/file/check/", DETAILS | details | {"draft": fingerprint(client.get("/file/check/"))})


def fingerprint(page) -> str:
    """What ties page two to the draft that it shows."""
    return re.search(r'name="draft" value="([^"]+)"', page.content.decode()).group(1)


def follow_link(client: Client, complaint: Complaint) -> str:
    """Open a complaint by a fresh link; returns its secret."""
    token = make_link(complaint)
    client.get(f"/t/{token}/")
    return token


def status(client: Client, path: str, **query) -> int:
    """What a GET answers; a file that comes with it is read to its end."""
    answer = client.get(path, query)
    read_all(answer)
    return answer.status_code


def read_all(answer) -> bytes:
    """The whole body, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
