"""What a visitor does, page by page."""

import io
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from complaints.models import Complaint

PROBLEM = {
    "category": "logistics.stalled",
    "wish": "reship",
    "order_text": "",
    "phone": "",
    "description": "The parcel has not moved for five days.",
}
DETAILS = {"phone": "13900001111", "email": "", "name": "", "hours": ""}


def answer_problem(client, prefix="", **answers):
    """Submit page one."""
    return client.post(f"{prefix}/file/", PROBLEM | answers)


def fingerprint(response) -> str:
    return re.search(r'name="draft" value="(\w+)"', response.content.decode())[1]


def submit(client, prefix="", **answers):
    """Submit page two as it is shown now."""
    shown = client.get(f"{prefix}/file/check/")
    return client.post(f"{prefix}/file/check/", DETAILS | {"draft": fingerprint(shown)} | answers)


def file_one(client, prefix="", problem=None, **answers) -> Complaint:
    """The whole way; the browser may open the complaint afterwards."""
    answer_problem(client, prefix, **(problem or {}))
    response = submit(client, prefix, **answers)
    assert response.status_code == 303, response.content.decode()
    return Complaint.objects.get(number=response.headers["Location"].rstrip("/").rsplit("/", 1)[1])


def photo(name="broken.jpg", size=(40, 30), color=(200, 90, 60)):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")
