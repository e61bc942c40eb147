"""Small real pictures of every kind, made on the spot."""

import io
import zlib

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener(thumbnails=False)


def picture(kind="JPEG", *, size=(40, 30), mode="RGB", colour="red", **options):
    """The bytes of a picture whose left upper quarter has the given colour, the rest being blue."""
    image = Image.new("RGB", size, "blue")
    image.paste(Image.new("RGB", (size[0] // 2, size[1] // 2), colour), (0, 0))
    return encode(image.convert(mode), kind, **options)


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def animation(frames):
    images = [Image.new("RGB", (8, 8), (number % 256, number // 256, 100)) for number in range(frames)]
    return encode(images[0], "GIF", save_all=True, append_images=images[1:], duration=20)


def claim_size(width, height):
    """A PNG of a few bytes whose header claims any size."""

    def chunk(name, content):
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def exif(*, orientation=1, taken_at=None, offset=None, gps=False):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "<script>canary</script>"
    details = tags.get_ifd(0x8769)
    if taken_at:
        details[0x9003] = taken_at
    if offset:
        details[0x9011] = offset
    if gps:
        tags.get_ifd(0x8825)[1] = "N"
    return tags.tobytes()
