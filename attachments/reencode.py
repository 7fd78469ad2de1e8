"""Draws a picture anew, without whatever else its file holds. A program of its own.

`python -I reencode.py FORMAT <picture >picture`: a decoder is fed by strangers, so it runs with no
secret in its environment and under limits that the kernel keeps: once its decoders are loaded, it
opens no file and no socket and starts no process. The last line of its errors is JSON; it ends with
3 for what is no picture, 4 for one that is too large, and 5 for one that takes too long.
"""

import json
import os
import re
import resource
import sys
from contextlib import suppress
from importlib import import_module

MAX_PIXELS = 40_000_000
# Of the longer side.
MAX_SIDE = 4096
_MEMORY_BYTES = 768 * 1024 * 1024
_CPU_SECONDS = 15
_FILE_BYTES = 64 * 1024 * 1024
NO_PICTURE, TOO_LARGE, TOO_SLOW = 3, 4, 5
# Passes over a progressive JPEG's whole area. Cameras and programs write some ten of them; a scan
# of sixty bytes makes the decoder walk forty million pixels once more.
_MAX_SCANS = 64
# Parts of a JPEG beside its pixels.
_MAX_SEGMENTS = 4096
# What ends the pixels of a scan: no escaped FF, and no restart marker.
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
# Markers that no length follows.
_BARE = (0x01, 0xD8)
# Pillow imports some of them only for the pictures that need them.
_MODULES = (
    "copy",
    "PIL.ImageOps",
    "PIL.ImageChops",
    "PIL.ImageSequence",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.JpegPresets",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
)
_SAVED_AS = {
    "JPEG": ("JPEG", {"quality": 87}),
    "PNG": ("PNG", {}),
    "WEBP": ("WEBP", {"quality": 87}),
    "GIF": ("PNG", {}),
}


def main() -> int:
    """Read from standard input, write to standard output."""
    wanted = sys.argv[1]
    confine()
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    if wanted == "JPEG":
        if is_slow_jpeg(sys.stdin.buffer.read()):
            return TOO_SLOW
        sys.stdin.buffer.seek(0)
    try:
        with Image.open(sys.stdin.buffer, formats=[wanted]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return TOO_LARGE
            picture.draft(None, (MAX_SIDE, MAX_SIDE))
            drawn = ImageOps.exif_transpose(picture)
            drawn.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=2.0)
            has_alpha = "transparency" in drawn.info or drawn.mode in ("RGBA", "LA", "PA", "La")
            bare = drawn.convert("RGBA" if has_alpha and wanted != "JPEG" else "RGB")
    except MemoryError:
        return TOO_LARGE
    except Exception as error:  # noqa: BLE001 (a decoder fails in any way; the parent says so)
        print(type(error).__name__, file=sys.stderr)  # noqa: T201
        return NO_PICTURE
    bare.info.clear()
    saved_as, options = _SAVED_AS[wanted]
    bare.save(sys.stdout.buffer, saved_as, **options)
    sys.stdout.flush()
    print(json.dumps({"width": bare.width, "height": bare.height}), file=sys.stderr)  # noqa: T201
    return 0


def is_slow_jpeg(content: bytes) -> bool:
    """Whether its first picture has more scans, or more parts, than any honest one."""
    scans, at = 0, 2
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.search(content, at)
        if found is None or found[1][0] == _END_OF_IMAGE:
            return False
        scans += found[1][0] == _START_OF_SCAN
        if scans > _MAX_SCANS:
            return True
        at = found.end()
        if found[1][0] not in _BARE:
            at += int.from_bytes(content[at : at + 2])
    return True


def confine() -> None:
    """Load all that decoding needs, and give up the rest for good."""
    # Those who serve go first.
    os.nice(10)
    # Where memory is short, it is this process that goes, not the one that serves.
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    _limit(resource.RLIMIT_AS, _MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, _CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    for name in _MODULES:
        import_module(name)
    import_module("PIL.Image").preinit()
    # The descriptors that are open go on working.
    _limit(resource.RLIMIT_NOFILE, 0)
    _limit(resource.RLIMIT_NPROC, 0)


def _limit(of: int, most: int) -> None:
    resource.setrlimit(of, (most, most))


if __name__ == "__main__":
    sys.exit(main())
