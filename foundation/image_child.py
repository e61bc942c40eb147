"""The process that decodes strangers' images. It is started by ``image_pool`` as a plain script: no Django, no database, no secrets.

One JSON line in, one JSON line out: {"source", "preview", "thumb", "most_pixels", "most_frames"} gives {"width", "height",
"taken_at"} or {"refused": code}. Limits on memory, processor time and file size end it if an image is a bomb; the parent notices.
"""

import io
import json
import os
import resource
import sys
import warnings

from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

PREVIEW_SIDE = 2048
THUMB_SIDE = 352
DECODED_SIDE = 1600
QUALITY = 85
MOST_MEMORY = 1536 * 1024**2
MOST_OUTPUT = 64 * 1024**2
MOST_SECONDS = 20
LARGEST_PROFILE = 4 * 1024**2
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"]
ORIENTATION, EXIF_IFD, TAKEN_AT, TAKEN_OFFSET = 0x0112, 0x8769, 0x9003, 0x9011
ON_ITS_SIDE = (5, 6, 7, 8)


class RefusedImage(Exception):
    """The code of the refusal is the only argument."""


def main() -> None:
    register_heif_opener(thumbnails=False)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        limit_processor_time()
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def limit_processor_time() -> None:
    """The kernel counts for the whole life of the process, so each image gets its seconds on top of what is used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + MOST_SECONDS, hard))


def answer(order: dict) -> dict:
    Image.MAX_IMAGE_PIXELS = order["most_pixels"]
    try:
        return reencode(order)
    except RefusedImage as refusal:
        return {"refused": refusal.args[0]}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "too_many_pixels"}
    except MemoryError:
        return {"refused": "too_complex"}
    except Exception as error:  # Pillow answers damaged files with nearly every exception there is
        # Only the operating system sets errno; Pillow's own complaints about the content come without one.
        return {"refused": "not_stored" if getattr(error, "errno", None) else "damaged"}


def reencode(order: dict) -> dict:
    """Write the two served copies; nothing of the original but its pixels goes into them."""
    with Image.open(order["source"], formats=FORMATS) as image:
        width, height = image.size
        refuse_many_frames(image, order["most_frames"])
        exif = image.getexif()
        taken_at, is_on_its_side = read_taken_at(exif), exif.get(ORIENTATION) in ON_ITS_SIDE
        # A JPEG can be decoded at half or a quarter of its size; a preview that ends a little below the limit costs a third.
        image.draft("RGB", (width * DECODED_SIDE // max(width, height), height * DECODED_SIDE // max(width, height)))
        preview = plain_copy(image)
    write_copy(preview, order["preview"])
    preview.thumbnail((THUMB_SIDE, THUMB_SIDE), reducing_gap=2.0)
    write_copy(preview, order["thumb"])
    if is_on_its_side:
        width, height = height, width
    return {"width": width, "height": height, "taken_at": taken_at}


def refuse_many_frames(image: Image.Image, most: int) -> None:
    """Counting reads the frames' headers and decodes none of them."""
    if getattr(image, "n_frames", 1) > most:
        raise RefusedImage("too_many_frames")


def plain_copy(image: Image.Image) -> Image.Image:
    """The first frame upright, small enough, in sRGB and on white where it was transparent."""
    profile = image.info.get("icc_profile") or b""
    image = into_plain_mode(image)
    # Shrunk before it is turned: turning a small image is cheaper, and the box is square.
    image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
    ImageOps.exif_transpose(image, in_place=True)
    return into_srgb(image, profile)


def into_plain_mode(image: Image.Image) -> Image.Image:
    """RGB, CMYK or grey as it is (its colour profile still fits); whatever else there is as RGB or grey."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        flat = white.convert("RGB")
        flat.info = image.info
        return flat
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    return image if image.mode in ("RGB", "CMYK", "L") else image.convert("RGB")


def into_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    if profile and len(profile) <= LARGEST_PROFILE:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken colour profile is no reason to refuse a photo
    return image.convert("RGB")


def write_copy(image: Image.Image, path: str) -> None:
    image.info = {}
    with open(path, "wb") as file:
        image.save(file, "JPEG", quality=QUALITY)
        file.flush()
        os.fsync(file.fileno())


def read_taken_at(exif: Image.Exif) -> str:
    """The camera's clock as it wrote it, with its offset from UTC if it knew one."""
    try:
        details = exif.get_ifd(EXIF_IFD)
    except (ValueError, TypeError, KeyError, OSError, SyntaxError):
        return ""
    return f"{details.get(TAKEN_AT, '')}{details.get(TAKEN_OFFSET, '')}"[:40]


if __name__ == "__main__":
    main()
