"""Writes Tests/Cases/deep-pictures: 16-bit PNGs, and beside each (NAME.rgb) the 8-bit RGB that it shows, by numpy.

    pip install numpy opencv-python-headless
"""
import pathlib
import struct
import zlib

import cv2
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "Cases" / "deep-pictures"
COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def write(name, samples, right, significant=None):
    height, width, channels = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPE[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    bits = chunk(b"sBIT", bytes([significant] * channels)) if significant else b""
    path = FOLDER / f"{name}.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + bits + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    colours = samples[..., :3] if channels > 2 else samples[..., :1]
    read = cv2.imread(str(path), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)[..., ::-1]
    assert np.array_equal(read, np.broadcast_to(colours, read.shape)), name
    right = right[..., :3] if channels > 2 else right[..., :1]
    (FOLDER / f"{name}.rgb").write_bytes(np.broadcast_to(right, (height, width, 3)).astype(np.uint8).tobytes())


def main():
    FOLDER.mkdir(exist_ok=True)
    numbers = np.random.default_rng(1)

    def noise(bits, channels):
        found = numbers.integers(0, 1 << bits, (24, 32, channels))
        found[0, 0] = (1 << bits) - 1
        return found
    ten, twelve, fourteen = noise(10, 3), noise(12, 2), noise(14, 1)
    write("rgb10", ten, ten >> 2)
    write("grey14-sbit", fourteen, fourteen >> 6, 14)
    write("grey-alpha12-sbit", twelve, twelve >> 4, 12)
    # As PNG wants it: scaled to 16 bits. Nothing is to be done, however dark.
    write("scaled12-sbit", twelve << 4 | twelve >> 8, twelve >> 4, 12)
    dark = noise(8, 3)
    write("scaled12-sbit-dark", np.rint(dark * 65535 / 4095).astype(int), dark >> 4, 12)
    write("scaled8-dark", (dark >> 1) * 257, dark >> 1)


main()
