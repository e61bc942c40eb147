"""What a customer does about a return, page by page."""

import re

from complaints.intake.links import make_link
from workflows.models import Case


def text_of(response) -> str:
    return response.content.decode()


def opened(client, complaint) -> str:
    """Follow a secret link in this browser; gives the address of the English page of the return."""
    client.get(f"/t/{make_link(complaint)}/")
    return f"/en/c/{complaint.number}/return/"


def request_id(response) -> str:
    return re.search(r'name="request_id" value="([\w-]+)"', text_of(response))[1]


def application(house, *, pieces: int = 1, reason: str = "broken", **more) -> dict:
    """The fields of the page as somebody fills them."""
    kind = house.policy.type
    return {"kind": kind, f"reason-{kind}": reason, f"pieces-{house.line.pk}": str(pieces), "words": "", "request_id": "r" * 22, **more}


def act(client, case: Case, verb: str, **fields):
    """Press a button on the page of a case."""
    case.refresh_from_db(fields=["version"])
    sent = {"case": case.number, "version": case.version, "request_id": f"{verb}-{case.version}-{'x' * 12}", **fields}
    return client.post(f"/en/c/{case.complaint.number}/return/{verb}/", sent)
