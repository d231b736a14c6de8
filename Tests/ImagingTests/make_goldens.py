"""Makes Goldens.swift and Pictures/ from independent programs: OpenCV, Pillow, numpy, matplotlib, torchvision and timm.

    pip install numpy pillow opencv-python-headless matplotlib torch torchvision timm
    python Tests/ImagingTests/make_goldens.py
"""
import hashlib
import io
import struct
import zlib
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image
from timm.data import create_transform
from torchvision import transforms
from torchvision.transforms import InterpolationMode

HERE = Path(__file__).parent
PICTURES = HERE / "Pictures"


def random_words(count, seed=1):
    """The generator that the tests share (Numerical Recipes' linear congruence)."""
    state, words = seed, np.empty(count, np.uint32)
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        words[i] = state
    return words


def random_bytes(*shape, seed=1):
    return (random_words(int(np.prod(shape)), seed) >> 24).astype(np.uint8).reshape(shape)


def random_floats(*shape, seed=1):
    """0 to 1, exact in float32."""
    words = random_words(int(np.prod(shape)), seed) >> 8
    return (words.astype(np.float32) / np.float32(1 << 24)).reshape(shape)


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


# Pictures: every colour type, depth and orientation, as OpenCV reads them.

def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def exif(orientation):
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0\0\0\0"


def png(colour, depth, width, height, interlaced=False, before=b"", after=b""):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    samples = random_words(height * width * channels, seed=colour * 16 + depth).reshape(height, width, channels) >> (32 - depth)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for x, y, right, down in passes if interlaced else [(0, 0, 1, 1)]:
        for row in samples[y::down, x::right]:
            bits = "".join(format(value, f"0{depth}b") for value in row.ravel())
            if bits:
                bits += "0" * (-len(bits) % 8)
                raw += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", random_bytes(3 << depth).tobytes()) if colour == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + before + chunk(b"IDAT", zlib.compress(raw)) + after + chunk(b"IEND", b"")


def pictures():
    for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
        for depth in depths:
            yield f"type{colour}-{depth}bit.png", png(colour, depth, 11, 5)
            yield f"type{colour}-{depth}bit-interlaced.png", png(colour, depth, 11, 5, interlaced=True)
    yield "transparent-grey.png", png(0, 8, 11, 5, before=chunk(b"tRNS", b"\0\x40"))
    yield "transparent-rgb.png", png(2, 8, 11, 5, before=chunk(b"tRNS", b"\0\x40\0\x41\0\x42"))
    yield "transparent-palette.png", png(3, 4, 11, 5, before=chunk(b"tRNS", bytes(range(0, 160, 10))))
    yield "gamma-background.png", png(6, 8, 11, 5, before=chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"bKGD", b"\0\1\0\2\0\3"))
    yield "one-pixel.png", png(2, 8, 1, 1)
    for orientation in range(10):
        tag = chunk(b"eXIf", exif(orientation))
        yield f"orientation{orientation}.png", png(2, 8, 5, 3, before=tag) if orientation % 2 else png(2, 8, 5, 3, after=tag)

    smooth = cv2.resize(random_bytes(4, 5, 3), (19, 13), interpolation=cv2.INTER_CUBIC)
    def jpeg(mode="RGB", **options):
        file = io.BytesIO()
        Image.fromarray(smooth).convert(mode).save(file, "JPEG", quality=80, **options)
        return file.getvalue()
    for subsampling in range(3):
        yield f"subsampling{subsampling}.jpg", jpeg(subsampling=subsampling)
    yield "progressive.jpg", jpeg(progressive=True)
    yield "grey.jpg", jpeg("L")
    yield "cmyk.jpg", jpeg("CMYK")
    for orientation in range(10):
        yield f"orientation{orientation}.jpg", jpeg(exif=b"Exif\0\0" + exif(orientation))
    yield "truncated.jpg", jpeg()[:-60]

    def with_exif(*bodies):
        segments = (b"\xFF\xE1" + struct.pack(">H", len(body) + 8) + b"Exif\0\0" + body for body in bodies)
        return b"\xFF\xD8" + b"".join(segments) + jpeg()[2:]
    yield "exif-little-endian.jpg", with_exif(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0")
    yield "exif-any-type.jpg", with_exif(exif(6).replace(b"\x01\x12\0\x03", b"\x01\x12\0\x07"))
    yield "exif-second-segment.jpg", with_exif(b"MM\0*\0\0\0\x08\0\0\0\0\0\0", exif(6))
    yield "exif-second-of-two.jpg", with_exif(exif(0), exif(6))
    yield "exif-cut.jpg", with_exif(exif(6)[:18])
    make = b"\x01\x0F\0\x02\0\0\0\x05"
    for name, start in ("inside", 12), ("outside", 99):
        yield f"exif-make-{name}.jpg", with_exif(exif(6)[:9] + b"\x02" + make + struct.pack(">I", start) + exif(6)[10:])


# What pytorch-grad-cam 1.5.7 does, and torchvision's Resize and CenterCrop on a PIL image.

def show_cam_on_image(photo, mask, colormap, weight):
    heat = np.float32(cv2.cvtColor(cv2.applyColorMap(np.uint8(255 * mask), colormap), cv2.COLOR_BGR2RGB)) / 255
    out = (1 - weight) * heat + weight * (np.float32(photo) / 255)
    return np.uint8(255 * (out / np.max(out)))


def deprocess_image(x):
    x = (x - np.mean(x)) / (np.std(x) + 1e-5)
    return np.uint8(np.clip(x * 0.1 + 0.5, 0, 1) * 255)


def crop(photo, size):
    height, width = photo.shape[:2]
    short, long = min(height, width), max(height, width)
    new = size, int(size * long / short)
    w, h = new if width <= height else new[::-1]
    left, top = int(round((w - size) / 2.0)), int(round((h - size) / 2.0))
    return np.asarray(Image.fromarray(photo).resize((w, h), Image.BILINEAR))[top:top + size, left:left + size]


INTERPOLATIONS = ["bilinear", "bicubic", "nearest", "lanczos", "box", "hamming", "opencv"]


def interpolated(photo, width, height, name):
    if name == "opencv":
        return cv2.resize(photo, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling[name.upper()]))


def fed():
    """How libraries scale a photo and feed its middle: (how, what it is scaled to, what is fed, interpolation, photo, pixels)."""
    photos = [(64, 48), (48, 64), (31, 77), (20, 30), (33, 35), (700, 8), (8, 700)]
    for size, kept in (32, (28, 28)), (35, (28, 28)), (27, (28, 28)), (32, (40, 37)), (16, (41, 12)):
        for photo in photos:
            for name in "bilinear", "bicubic", "nearest":
                steps = [transforms.Resize(size, interpolation=InterpolationMode(name)), transforms.CenterCrop(kept[::-1])]
                pixels = transforms.Compose(steps)(Image.fromarray(random_bytes(photo[1], photo[0], 3)))
                yield "crop", (size, size), kept, name, photo, np.asarray(pixels)
    for mode, how in ("center", "crop"), ("squash", "squash"), ("border", "letterbox"):
        for kept, part in ((32, 32), 0.875), ((28, 28), 1.0), ((36, 24), 0.9), ((32, 32), 1.15):
            for photo in photos[:5] if mode == "border" else photos:  # of the others timm rounds a side to 0
                for name in "bicubic", "bilinear":
                    transform = create_transform((3, *kept[::-1]), crop_pct=part, crop_mode=mode, interpolation=name, mean=(0,) * 3, std=(1,) * 3)
                    pixels = transform(Image.fromarray(random_bytes(photo[1], photo[0], 3))) * 255
                    yield how, tuple(int(side / part) for side in kept), kept, name, photo, pixels.round().numpy().astype(np.uint8).transpose(1, 2, 0)


def fed_rows():
    for how, scaled, kept, name, photo, pixels in fed():
        yield ["." + how, *map(str, (*scaled, *kept)), "." + name, *map(str, photo), text(sha(pixels)[:16])]


def table(name, kind, rows):
    lines = "\n".join(f"        ({', '.join(row)})," for row in rows)
    return f"    static let {name}: [{kind}] = [\n{lines}\n    ]\n"


def text(value):
    return f'"{value}"'


def main():
    PICTURES.mkdir(exist_ok=True)
    found = []
    for name, body in pictures():
        (PICTURES / name).write_bytes(body)
        pixels = cv2.imread(str(PICTURES / name), cv2.IMREAD_COLOR)[:, :, ::-1]
        found.append([text(name), str(pixels.shape[1]), str(pixels.shape[0]), text(sha(pixels))])

    sizes = [(1, 1, 1, 1), (1, 1, 5, 3), (5, 3, 1, 1), (7, 5, 7, 5), (7, 5, 7, 9), (7, 5, 3, 5), (64, 48, 32, 24), (64, 48, 31, 17),
             (64, 48, 65, 49), (33, 200, 224, 224), (200, 33, 16, 16), (101, 67, 224, 224), (300, 2, 7, 7), (2, 300, 3, 299)]
    resized = [[*map(str, size), text(sha(Image.fromarray(random_bytes(size[1], size[0], 3)).resize(size[2:], Image.BILINEAR)))] for size in sizes]
    crops = [[str(w), str(h), str(n), text(sha(crop(random_bytes(h, w, 3), n)))] for w, h, n in
             [(64, 48, 32), (48, 64, 32), (50, 50, 32), (31, 77, 24), (77, 31, 25), (400, 3, 9)]]
    shapes = [(64, 48, 32, 24), (64, 48, 31, 17), (64, 48, 65, 49), (700, 8, 97, 5), (8, 700, 24, 24), (7, 5, 30, 5), (3, 2, 1, 1), (1, 1, 5, 3),
              (33, 21, 66, 63), (101, 67, 224, 50)]
    scaled = [["." + name, *map(str, shape), text(sha(interpolated(random_bytes(shape[1], shape[0], 3), *shape[2:], name))[:16])]
              for name in INTERPOLATIONS for shape in shapes]
    luma = sha(np.asarray(Image.fromarray(random_bytes(48, 64, 3)).convert("L").resize((20, 10), Image.BILINEAR)))

    planes = []
    for w, h, W, H in [(1, 1, 3, 2), (2, 2, 5, 5), (7, 7, 13, 5), (4, 3, 2, 2), (5, 9, 5, 3), (14, 14, 224, 224), (7, 7, 640, 481), (20, 30, 7, 11)]:
        values = cv2.resize(random_floats(h, w), (W, H), interpolation=cv2.INTER_LINEAR).ravel()
        step = max(1, values.size // 40)
        planes.append([*map(str, (w, h, W, H, step)), f"[{', '.join(map(str, values[::step]))}]"])

    levels = np.arange(256, dtype=np.uint8).reshape(256, 1)
    names = ["jet", "viridis", "inferno", "magma", "plasma", "turbo", "hot", "bone"]
    maps = [[text(n), text(sha(cv2.applyColorMap(levels, getattr(cv2, "COLORMAP_" + n.upper()))[:, :, ::-1]))] for n in names]
    maps.append([text("bwr"), text(sha(np.rint(matplotlib.colormaps["bwr"](np.arange(256))[:, :3] * 255).astype(np.uint8)))])

    photo, mask = random_bytes(37, 53, 3), random_floats(37, 53, seed=2)
    overlays = [[text(n), str(w), text(sha(show_cam_on_image(photo, mask, getattr(cv2, "COLORMAP_" + n.upper()), w)))]
                for n, w in [("jet", 0.5), ("jet", 0.0), ("jet", 0.3), ("jet", 0.9), ("jet", 1.0), ("viridis", 0.6), ("hot", 0.1)]]
    deprocessed = [[str(w), str(h), text(sha(deprocess_image((random_floats(h, w, 3) * np.float32(2) - np.float32(1)) ** 3)))]
                   for w, h in [(1, 1), (2, 1), (3, 3), (7, 6), (13, 17), (64, 48), (101, 67)]]

    bomb = png(2, 8, 1, 1)
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb = bomb[:8] + chunk(b"IHDR", header) + bomb[33:]

    (HERE / "Goldens.swift").write_text(
        "import Imaging\n\n/// Made by make_goldens.py with OpenCV, Pillow, numpy, matplotlib, torchvision and timm; the hexadecimal words are SHA-256 of "
        "the 8-bit\n/// results, or begin it.\nenum Goldens {\n"
        + table("pictures", "(name: String, width: Int, height: Int, pixels: String)", found)
        + table("resized", "(width: Int, height: Int, newWidth: Int, newHeight: Int, pixels: String)", resized)
        + table("crops", "(width: Int, height: Int, size: Int, pixels: String)", crops)
        + table("interpolated", "(how: Preprocessing.Interpolation, width: Int, height: Int, newWidth: Int, newHeight: Int, pixels: String)", scaled)
        + table("fed", "(how: Preprocessing.Resize, scaledWidth: Int, scaledHeight: Int, width: Int, height: Int, by: Preprocessing.Interpolation, "
                "photoWidth: Int, photoHeight: Int, pixels: String)", fed_rows())
        + f"    /// A PNG that claims 60000 x 60000 pixels.\n    static let bomb: [UInt8] = {list(bomb)}\n"
        + f'    static let luma = "{luma}"\n'
        + table("planes", "(width: Int, height: Int, newWidth: Int, newHeight: Int, step: Int, values: [Float])", planes)
        + table("colormaps", "(name: String, table: String)", maps)
        + table("overlays", "(colormap: String, weight: Float, pixels: String)", overlays)
        + table("deprocessed", "(width: Int, height: Int, pixels: String)", deprocessed)
        + "}\n")


main()
