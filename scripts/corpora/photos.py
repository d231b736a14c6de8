"""Photos of mixed kinds and sizes, a tenth of them damaged: what a night over a folder from anywhere looks like.

    .venv/bin/python scripts/corpora/photos.py FOLDER COUNT [SEED]

Needs Pillow and NumPy (scripts/oracle/setup.sh).
"""
import io
import pathlib
import random
import struct
import sys
import zlib

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of sides: most photos are small, so that a night takes minutes.
SIDES = [(16, 200, 70), (200, 640, 25), (640, 1600, 4.6), (1600, 4000, 0.4)]
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(pixels, depth, colour, interlaced, palette=None):
    """The bytes of a PNG, of which Pillow writes neither 16 bits of colour nor interlaced ones. pixels: height x width x channels."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    def rows(part):
        return b"".join(b"\0" + row.tobytes() for row in part.astype(">u2" if depth == 16 else np.uint8)) if part.size else b""

    parts = [pixels[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [pixels]
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, colour, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + (chunk(b"PLTE", palette) if palette else b"")
        + chunk(b"IDAT", zlib.compress(b"".join(map(rows, parts)), 1)) + chunk(b"IEND", b""))


class Camera:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.scenes = [Image.open(path).convert("RGB") for path in sorted((ROOT / "Photos").glob("*.jpg"))]

    def size(self):
        low, high, _ = self.random.choices(SIDES, [weight for *_, weight in SIDES])[0]
        return self.random.randint(low, high), self.random.randint(low, high)

    def photo(self):
        """The file's extension and bytes."""
        scene = self.random.choice(self.scenes)
        width, height = self.size()
        left, top = self.random.randrange(scene.width // 2), self.random.randrange(scene.height // 2)
        picture = scene.crop((left, top, scene.width, scene.height)).resize((width, height), Image.Resampling.BILINEAR)
        kinds = [self.jpeg] * 3 + [self.progressive, self.grey, self.inks, self.turned]
        kinds += [self.png8, self.png16, self.alpha, self.palette, self.interlaced]
        return self.random.choice(kinds)(picture)

    @staticmethod
    def saved(picture, form, **options):
        out = io.BytesIO()
        picture.save(out, form, **options)
        return out.getvalue()

    def jpeg(self, picture): return "jpg", self.saved(picture, "JPEG", quality=self.random.randint(30, 95))
    def progressive(self, picture): return "jpg", self.saved(picture, "JPEG", progressive=True)
    def grey(self, picture): return "jpg", self.saved(picture.convert("L"), "JPEG")
    def inks(self, picture): return "jpg", self.saved(picture.convert("CMYK"), "JPEG")

    def turned(self, picture):
        exif = Image.Exif()
        exif[0x0112] = self.random.randint(1, 8)
        return "jpg", self.saved(picture, "JPEG", exif=exif)

    def png8(self, picture): return "png", png(np.asarray(picture), 8, 2, False)
    def png16(self, picture): return "png", png(np.asarray(picture).astype(np.uint16) * 257, 16, 2, self.random.random() < 0.5)
    def alpha(self, picture): return "png", png(np.asarray(picture.convert("RGBA")), 8, 6, self.random.random() < 0.5)
    def interlaced(self, picture): return "png", png(np.asarray(picture), 8, 2, True)

    def palette(self, picture):
        mapped = picture.quantize(64)
        colours = bytes(mapped.getpalette())
        return "png", png(np.asarray(mapped)[..., None], 8, 3, False, colours)

    def damaged(self, content):
        """What cannot be read any more: cut short in its header, nothing, text, or another format."""
        match self.random.randrange(5):
            case 0: return content[: self.random.randrange(2, 24)]
            case 1: return b""
            case 2: return b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
            case 3: return b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
            case _: return b"GIF89a" + content[6:]

    def shoot(self, folder, count):
        """Writes so many photos; returns the paths of those that are damaged."""
        broken = set()
        for index in range(count):
            extension, content = self.photo()
            path = pathlib.Path(folder) / f"{index // 1000:03}" / f"{index:06}.{extension}"
            path.parent.mkdir(parents=True, exist_ok=True)
            if index % 10 == 3:
                content = self.damaged(content)
                broken.add(str(path))
            path.write_bytes(content)
        return broken


if __name__ == "__main__":
    broken = Camera(int(sys.argv[3]) if len(sys.argv) > 3 else 1).shoot(sys.argv[1], int(sys.argv[2]))
    print(f"{sys.argv[2]} photos in {sys.argv[1]}, {len(broken)} of them damaged")
