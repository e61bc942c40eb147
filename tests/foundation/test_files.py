import hashlib
import io
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from foundation.files import (
    UploadRefusedError,
    accept_upload,
    clean_name,
    delete_file,
    file_path,
    forget_unfinished_files,
    list_orphans,
)
from tests.foundation.pictures import animation, claim_size, encode, exif, picture

MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + b"\0" * 100
MOV = b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + b"\0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def accept(name, content):
    return accept_upload(SimpleUploadedFile(name, content))


def refusal(name, content):
    with pytest.raises(UploadRefusedError) as refused:
        accept(name, content)
    return refused.value.code


def files_on_disk(media):
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def age(path, hours):
    past = time.time() - hours * 3600
    os.utime(path, (past, past))


@pytest.mark.parametrize(
    ("name", "kind", "mode", "content_type"),
    [
        ("a.jpg", "JPEG", "RGB", "image/jpeg"),
        ("a.JPEG", "JPEG", "L", "image/jpeg"),
        ("a.jpg", "JPEG", "CMYK", "image/jpeg"),
        ("a.png", "PNG", "RGB", "image/png"),
        ("a.png", "PNG", "RGBA", "image/png"),
        ("a.png", "PNG", "P", "image/png"),
        ("a.png", "PNG", "1", "image/png"),
        ("a.png", "PNG", "LA", "image/png"),
        ("a.png", "PNG", "I;16", "image/png"),
        ("a.gif", "GIF", "P", "image/gif"),
        ("a.webp", "WEBP", "RGBA", "image/webp"),
        ("a.avif", "AVIF", "RGB", "image/avif"),
        ("a.heic", "HEIF", "RGB", "image/heic"),
    ],
)
def test_a_picture_is_stored_with_its_original_and_two_jpeg_copies(name, kind, mode, content_type):
    content = picture(kind, mode=mode)

    stored = accept(name, content)

    assert (stored.name, stored.content_type, stored.size) == (name, content_type, len(content))
    assert (stored.width, stored.height, stored.is_image) == (40, 30, True)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert file_path(stored.id).read_bytes() == content
    for variant in ("preview", "thumb"):
        with Image.open(file_path(stored.id, variant)) as copy:
            assert (copy.format, copy.mode, copy.size) == ("JPEG", "RGB", (40, 30))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_copies_keep_their_colours(kind):
    stored = accept(f"a.{kind.lower()}", picture(kind, size=(64, 64)))

    with Image.open(file_path(stored.id, "preview")) as copy:
        red, blue = copy.getpixel((10, 10)), copy.getpixel((50, 50))

    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_a_colour_profile_is_applied():
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"____").replace(b"bXYZ", b"rXYZ").replace(b"____", b"bXYZ")

    stored = accept("a.png", picture("PNG", icc_profile=swapped))

    with Image.open(file_path(stored.id, "preview")) as copy:
        red, _, blue = copy.getpixel((5, 5))
    assert blue > 200 > 60 > red


def test_what_is_transparent_becomes_white():
    stored = accept("a.png", encode(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))

    with Image.open(file_path(stored.id, "preview")) as copy:
        assert min(copy.getpixel((10, 10))) > 250


@pytest.mark.parametrize(("size", "preview", "thumb"), [((3000, 1500), (2048, 1024), (352, 176)), ((100, 2500), (82, 2048), (14, 352))])
def test_copies_of_a_large_picture_are_small(size, preview, thumb):
    stored = accept("a.png", picture("PNG", size=size))

    sizes = []
    for variant in ("preview", "thumb"):
        with Image.open(file_path(stored.id, variant)) as copy:
            sizes.append(copy.size)
    assert sizes == [preview, thumb]


@pytest.mark.parametrize("size", [(4032, 3024), (1500, 2000), (2049, 10)])
def test_a_photo_is_never_served_larger_or_much_smaller_than_the_limit(size):
    stored = accept("a.jpg", picture("JPEG", size=size))

    with Image.open(file_path(stored.id, "preview")) as copy:
        assert min(1600, max(size)) <= max(copy.size) <= 2048
    assert (stored.width, stored.height) == size


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_held_sideways_is_served_upright(kind):
    stored = accept(f"a.{kind.lower()}", picture(kind, size=(80, 40), exif=exif(orientation=6)))

    with Image.open(file_path(stored.id, "preview")) as copy:
        corner = copy.getpixel((35, 5))
        assert copy.size == (40, 80)
    assert (stored.width, stored.height) == (40, 80)
    assert corner[0] > 200


def test_copies_carry_nothing_but_pixels():
    profile = b"x" * 1000
    content = picture("JPEG", exif=exif(taken_at="2026:03:01 12:00:00", gps=True), comment=b"canary", icc_profile=profile)

    stored = accept("a.jpg", content + b"<html><script>canary</script>")

    for variant in ("preview", "thumb"):
        served = file_path(stored.id, variant).read_bytes()
        assert b"canary" not in served
        with Image.open(io.BytesIO(served)) as copy:
            assert (dict(copy.getexif()), copy.info.get("icc_profile")) == ({}, None)
    assert b"canary" in file_path(stored.id).read_bytes()


@pytest.mark.parametrize(
    ("taken_at", "offset", "expected"),
    [
        ("2026:03:01 12:00:00", "+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026:03:01 12:00:00", None, datetime(2026, 3, 1, 4, tzinfo=UTC)),
        ("0000:00:00 00:00:00", None, None),
        ("1970:01:01 00:00:00", None, None),
        ("yesterday", None, None),
        (None, None, None),
    ],
)
def test_the_camera_says_when_a_photo_was_taken(settings, taken_at, offset, expected):
    settings.TIME_ZONE = "Asia/Shanghai"

    assert accept("a.jpg", picture(exif=exif(taken_at=taken_at, offset=offset))).captured_at == expected


def test_a_video_is_stored_and_never_decoded(media):
    stored = accept("film.mp4", MP4)

    assert (stored.content_type, stored.width, stored.is_image) == ("video/mp4", None, False)
    assert files_on_disk(media) == ["original"]


def test_a_large_upload_from_a_temporary_file_is_stored_whole():
    content = picture("PNG") + b"\0" * 3_000_000
    upload = TemporaryUploadedFile("a.png", "image/png", len(content), None)
    with upload:
        upload.write(content)

        stored = accept_upload(upload)

    assert file_path(stored.id).read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.jpg", b"", "empty"),
        ("a.svg", SVG, "type"),
        ("a.jpg", SVG, "type"),
        ("a.html", b"<!doctype html><script>alert(1)</script>", "type"),
        ("a.jpg", b"<!doctype html>", "type"),
        ("a.pdf", b"%PDF-1.7 /JavaScript", "type"),
        ("a.zip", b"PK\3\4", "type"),
        ("a.mov", MOV, "type"),
        ("a.tiff", b"II*\0\x08\0\0\0", "type"),
        ("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 ", "type"),
        ("a.psd", b"8BPS\0\1", "type"),
        ("a.png", picture("JPEG"), "mismatch"),
        ("a.html", picture("JPEG"), "mismatch"),
        ("a.jpg.html", picture("JPEG"), "mismatch"),
        ("a.jpg", MP4, "mismatch"),
        ("a.mp4", picture("JPEG"), "mismatch"),
        ("a.jpg", picture("JPEG", size=(200, 200))[:-200], "damaged"),
        ("a.png", picture("PNG", size=(200, 200))[:60], "damaged"),
        ("a.webp", picture("WEBP", size=(200, 200))[:60], "damaged"),
        ("a.avif", picture("AVIF", size=(200, 200))[:200], "damaged"),
        ("a.heic", picture("HEIF", size=(200, 200))[:200], "damaged"),
        ("a.gif", b"GIF89a" + b"\0" * 30, "damaged"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 500, "damaged"),
        ("a.png", claim_size(6400, 6400), "too_many_pixels"),
        ("a.png", claim_size(20000, 20000), "too_many_pixels"),
        ("a.png", claim_size(2**31 - 1, 2**31 - 1), "too_many_pixels"),
        ("a.gif", animation(101), "too_many_frames"),
    ],
)
def test_a_file_is_refused_with_its_cause_and_leaves_nothing_behind(media, name, content, code):
    assert refusal(name, content) == code
    assert files_on_disk(media) == []
    assert list((media / "unfinished").glob("*")) == []


def test_an_animation_within_the_limit_is_taken():
    assert accept("a.gif", animation(100)).is_image


@pytest.mark.parametrize(("setting", "name", "content"), [("UPLOAD_IMAGE_BYTES", "a.jpg", picture()), ("UPLOAD_VIDEO_BYTES", "a.mp4", MP4)])
def test_a_file_one_byte_too_large_is_refused(settings, setting, name, content):
    setattr(settings, setting, len(content))
    accept(name, content)
    setattr(settings, setting, len(content) - 1)

    assert refusal(name, content) == "too_large"


def test_a_file_that_is_too_large_is_not_even_copied(settings):
    class Unread(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            raise AssertionError("copied")

    settings.UPLOAD_IMAGE_BYTES = 100

    with pytest.raises(UploadRefusedError, match="MB"):
        accept_upload(Unread("a.jpg", picture()))


def test_a_file_larger_than_it_claims_is_refused(settings, media):
    upload = SimpleUploadedFile("a.jpg", picture() + b"x" * 5000)
    settings.UPLOAD_IMAGE_BYTES = 2000
    upload.size = 1000

    with pytest.raises(UploadRefusedError) as refused:
        accept_upload(upload)

    assert refused.value.code == "too_large"
    assert files_on_disk(media) == []


def test_a_refusal_says_what_is_wrong_with_this_file(settings):
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(UploadRefusedError) as refused:
        accept("holiday.png", picture("JPEG"))

    assert "png" in refused.value.text
    assert "JPEG" in refused.value.text


def test_a_full_disk_is_a_refusal_and_not_a_crash(media):
    (media / "unfinished").write_text("in the way")

    assert refusal("a.jpg", picture()) == "not_stored"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("photo.jpg", "photo.jpg"),
        ("照片 1.jpg", "照片 1.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\temp\\a.jpg", "a.jpg"),
        ("..／..／a.jpg", "a.jpg"),
        ("a\0.jpg", "a.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("\u200b.htaccess", "htaccess"),
        (".htaccess", "htaccess"),
        ("a.jpg. . .", "a.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("lpt1", "_lpt1"),
        ("console.jpg", "console.jpg"),
        ("ａ．ｊｐｇ", "a.jpg"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ("x" * 300, "x" * 120),
        ("a." + "x" * 300, "a." + "x" * 118),
    ],
)
def test_clean_name_makes_a_name_harmless(name, clean):
    assert clean_name(name) == clean


@given(st.text(max_size=200))
def test_clean_name_is_short_plain_and_final(name):
    clean = clean_name(name)

    assert 0 < len(clean) <= 120
    assert not set(clean) & set("/\\\0\n\r\u202e\u200b")
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    ("name", "stored"),
    [("photo", "photo.jpg"), (".jpg", "jpg.jpg"), ("a.php.jpg", "a.php.jpg"), ("x" * 300, "x" * 115 + ".jpg")],
)
def test_a_name_is_only_text_and_ends_in_the_true_extension(media, name, stored):
    upload = SimpleUploadedFile("placeholder", picture())
    upload._name = name

    found = accept_upload(upload)

    assert found.name == stored
    assert not [path for path in media.rglob("*") if "photo" in path.name or "php" in path.name]


@pytest.mark.parametrize(
    ("file_id", "variant"),
    [("../../etc", "original"), ("a" * 31, "original"), ("A" * 32, "original"), ("a" * 32, "../x")],
)
def test_file_path_leads_nowhere_else(file_id, variant):
    with pytest.raises(ValueError):
        file_path(file_id, variant)


def test_delete_file_removes_everything_and_can_be_repeated(media):
    stored = accept("a.jpg", picture())

    delete_file(stored.id)
    delete_file(stored.id)

    assert files_on_disk(media) == []


def test_list_orphans_names_old_files_that_no_row_claims():
    claimed, orphan, young = (accept("a.mp4", MP4).id for _ in range(3))
    for file_id in (claimed, orphan):
        age(file_path(file_id).parent, hours=25)

    assert list(list_orphans(lambda ids: {claimed} & set(ids))) == [orphan]


def test_list_orphans_asks_in_batches(media):
    for number in range(501):
        folder = media / "ab" / "cd" / f"abcd{number:028x}"
        folder.mkdir(parents=True)
        age(folder, hours=25)
    asked = []

    def know_none(ids):
        asked.append(len(ids))
        return set()

    assert len(list(list_orphans(know_none))) == 501
    assert asked == [500, 1]


def test_forget_unfinished_files_removes_what_a_killed_process_left(media):
    accept("a.mp4", MP4)
    for name, hours in (("old", 25), ("young", 1)):
        folder = media / "unfinished" / name
        folder.mkdir()
        (folder / "original").write_bytes(b"half")
        age(folder, hours)

    assert forget_unfinished_files(older_than=timedelta(hours=24)) == 1
    assert [folder.name for folder in (media / "unfinished").iterdir()] == ["young"]
