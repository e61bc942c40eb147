"""Pictures that burst, files that are two things at once, and names that are more than names (A40 to A42), through every door."""

import io
import zipfile
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.models import Attachment
from tests.foundation.pictures import animation, claim_size, exif, picture
from tests.security.house import House
from tests.security.visitors import read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
CANARY = b"canary"


def one_bit(side: int) -> bytes:
    """A true PNG of one bit per pixel, which unpacks to a thousand times its size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _row in range(side)) + packer.flush()
    header = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def endless_gif(frames: int) -> bytes:
    """So many frames of one pixel each."""
    frame = b"!\xf9\x04\x00\x01\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + frame * frames + b";"


def packed(name: str = "x", layers: int = 3) -> bytes:
    content = b"\0" * 1_000_000
    for _layer in range(layers):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        content = file.getvalue()
    return content


REFUSED = {
    "9000.png": one_bit(9000),
    "12000.png": one_bit(12000),
    "20000.png": one_bit(20000),
    "claim.png": claim_size(60000, 60000),
    "frames.gif": endless_gif(50_000),
    "zip.zip": packed(),
    "word.docx": packed("word/document.xml"),
    "zip.jpg": packed(),
    "svg.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page.jpg": b"<!doctype html><script>alert(1)</script>",
    "page.xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    "doc.pdf": b"%PDF-1.7\n/JavaScript (app.alert(1))",
    "gif.js": animation(2),
    "photo.php": picture(),
    "photo.jpg.html": picture(),
    "photo.png": picture("JPEG"),
    "photo.tiff": b"II*\0\x08\0\0\0",
    "cut.jpg": picture(size=(300, 300))[:-300],
}
# JPEG and page, JPEG and archive, GIF and script, and everything a camera may add: taken, and served as pixels alone.
DOUBLE = {
    "page.jpg": picture() + b"<html><script>canary</script></html>",
    "archive.jpg": picture() + packed("canary", layers=1),
    "script.gif": animation(2) + b"/*canary*/=1;",
    "camera.jpg": picture(exif=exif(taken_at="2026:03:01 12:00:00", gps=True), comment=b"canary<script>"),
    "profile.jpg": picture(icc_profile=CANARY * 50_000),
    "text.png": picture("PNG") + CANARY,
}
DOORS = {
    "form": ("anonymous", "/file/files/"),
    "tracker": ("customer", "/c/{}/files/"),
    "desk": ("agent", "/admin/desk/c/{}/files/"),
    "api": ("integration", "/api/v1/attachments/"),
}


def send(house: House, door: str, name: str, content: bytes):
    role, path = DOORS[door]
    return house.client(role).post(path.format(house.own.number), {"file": SimpleUploadedFile(name, content)})


def stored() -> set[str]:
    return {str(path.relative_to(settings.MEDIA_ROOT)) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_refuses_them_and_keeps_nothing(door):
    house = House()
    before, rows, taken = stored(), Attachment.objects.count(), {}

    for name, content in REFUSED.items():
        answer = send(house, door, name, content)
        if answer.status_code not in (400, 422) or stored() != before:
            taken[name] = answer.status_code

    assert taken == {}
    assert Attachment.objects.count() == rows
    assert send(house, door, "after.jpg", picture()).status_code == 201


@pytest.mark.parametrize("name", DOUBLE)
def test_what_is_two_things_at_once_is_served_as_pixels(name):
    house, seen = House(), {}
    assert CANARY in DOUBLE[name]

    key = send(house, "desk", name, DOUBLE[name]).json()["id"]
    Attachment.objects.filter(key=key).update(complaint=house.own)

    for role, path in [("agent", f"/admin/desk/c/{house.own.number}/files/{key}/preview/"), ("customer", f"/files/{key}/")]:
        answer = house.client(role).get(path)
        body = read_all(answer)
        seen[role] = (answer.status_code, answer.headers["Content-Type"], CANARY in body, body[:3])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert set(seen.values()) == {(200, "image/jpeg", False, b"\xff\xd8\xff")}


@pytest.mark.parametrize("name", DOUBLE)
def test_an_original_leaves_as_a_file_that_does_nothing(name):
    house = House()
    key = send(house, "desk", name, DOUBLE[name]).json()["id"]
    Attachment.objects.filter(key=key).update(complaint=house.own)

    answer = house.client("lead").get(f"/admin/desk/c/{house.own.number}/files/{key}/original/")

    assert read_all(answer) == DOUBLE[name]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


NAMES = [
    ".htaccess.jpg", "\u200b.htaccess.jpg", "a.php.jpg", "..%2f..%2fetc%2fpasswd.jpg", "../../../etc/cron.d/x.jpg", "x" * 300 + ".jpg",
    "\u202egpj.exe.jpg", "..\u2215..\uff0fx.jpg", "CON.jpg", "a.jpg. .", 'a";x=".jpg', "a\r\nX-Evil: 1.jpg",
    "<img src=x onerror=alert(1)>.jpg",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("door", ["form", "desk", "api"])
def test_a_name_is_only_a_name(door, name):
    house = House()
    before = stored()

    answer = send(house, door, name, picture())

    assert answer.status_code in (201, 400, 422)
    new = stored() - before
    assert {Path(path).name for path in new} <= {"original", "preview", "thumb"}
    for file in Attachment.objects.exclude(pk=house.file.pk):
        assert not set(file.name) & set("/\\\r\n\0\u202e\u200b")
        assert len(file.name) <= 120
