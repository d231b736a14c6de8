#!/usr/bin/env python3
"""Damaged photos: mutations of every segment of JPEGs and every chunk of PNGs.

    python3 scripts/corpora/mutate_photos.py OUT PHOTO [PHOTO ...] [--most N] [--seed N]

Writes OUT/{photo}-{number}-{mutation}.{jpg,png}, at most N of each photo (default 500), drawn without order; the same
seed gives the same files. No more than Python's own library is needed. Then, for instance:

    ulimit -v 8000000; timeout 600 gradcam OUT --output-dir RESULTS --max-pixels 4MP --quiet
"""
import argparse
import pathlib
import random
import struct
import zlib

SIDES = [0, 1, 7, 255, 256, 30000, 65500, 65535]
BYTES = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF]


def segments(data):
    """The parts of a JPEG: each marker with what belongs to it, pixels with the SOS before them."""
    parts, at = [data[:2]], 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
        if data[at + 1] == 0xDA:
            while end + 1 < len(data) and (data[end] != 0xFF or data[end + 1] == 0 or 0xD0 <= data[end + 1] <= 0xD7):
                end += 1
        parts.append(data[at:end])
        at = end
    return parts + [data[at:]]


def chunks(data):
    """The parts of a PNG: the signature, then its chunks."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        end = at + 12 + struct.unpack(">I", data[at:at + 4])[0]
        parts.append(data[at:end])
        at = end
    return parts


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def sealed(part):
    """A chunk with its checksum made right."""
    return part[:-4] + struct.pack(">I", zlib.crc32(part[4:-4]))


def of_parts(parts, is_png, rng):
    """Mutations that both formats know: pairs of a name and the bytes."""
    whole = b"".join(parts)
    for i, part in enumerate(parts):
        before, after = b"".join(parts[:i]), b"".join(parts[i + 1:])
        name = (part[4:8] if is_png and i else part[:2].hex().encode()).decode("latin-1")
        name = "".join(c if c.isalnum() else "_" for c in name)
        yield f"without-{name}", before + after
        yield f"twice-{name}", before + part * 2 + after
        yield f"often-{name}", before + part * (2000 if len(part) < 1000 else 20) + after
        yield f"last-{name}", before + after + part
        yield f"cut-before-{name}", before
        yield f"cut-in-{name}", before + part[:len(part) // 2]
        yield f"cut-after-{name}", before + part[:-1]
        yield f"long-{name}", before + part + bytes(70000) + after
        length = slice(0, 4) if is_png else slice(2, 4)
        for value in [0, 1, 2, 3, 0x7F, 0xFFFF] + [0x7FFFFFFF, 0xFFFFFFFF, 0x80000000] * is_png:
            field = struct.pack(">I" if is_png else ">H", value)
            yield f"length-{value}-{name}", before + part[:length.start] + field + part[length.stop:] + after
        places = range(len(part)) if len(part) < 40 else rng.sample(range(len(part)), 40)
        for place in places:
            for value in [rng.choice(BYTES), part[place] ^ 1 << rng.randrange(8)]:
                changed = part[:place] + bytes([value]) + part[place + 1:]
                if is_png and i and place < len(part) - 4 and rng.random() < 0.8:
                    changed = sealed(changed)
                yield f"byte-{place}-{name}", before + changed + after
    for _ in range(100):
        changed = bytearray(whole)
        for _ in range(rng.choice([1, 3, 30])):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield "bytes", bytes(changed)
        yield "cut", whole[:rng.randrange(len(whole))]


def of_jpeg(parts):
    frames = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
    frame = next((i for i, part in enumerate(parts) if len(part) > 9 and part[1] in frames), 0)
    scans = [i for i, p in enumerate(parts) if p[1:2] == b"\xda"]
    if not frame:
        return
    head, part, tail = b"".join(parts[:frame]), parts[frame], b"".join(parts[frame + 1:])
    for height in SIDES:
        for width in SIDES:
            yield f"size-{width}x{height}", head + part[:5] + struct.pack(">HH", height, width) + part[9:] + tail
    for process in range(0xC0, 0xD0):
        yield f"process-{process:x}", head + bytes([0xFF, process]) + part[2:] + tail
    for depth in [0, 1, 12, 16]:
        yield f"depth-{depth}", head + part[:4] + bytes([depth]) + part[5:] + tail
    for factors in [0, 0x11, 0x14, 0x41, 0x44, 0x22, 0xFF]:
        for component in range(11, len(part), 3):
            changed = part[:component] + bytes([factors]) + part[component + 1:]
            yield f"sampling-{factors:x}-{component}", head + changed + tail
    for scan in scans:
        for count in [2, 600, 20000]:
            many = parts[:scan] + [parts[scan][:40]] * count + parts[scan:]
            yield f"scans-{count}", b"".join(many)
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"
    for orientation in range(10):
        body = exif + struct.pack("<HHI", orientation, 0, 0)
        segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
        yield f"upright-{orientation}", parts[0] + segment + b"".join(parts[1:])
    notes = (b"\xff\xe1\xff\xff" + exif + bytes(65533 - len(exif))) * 200
    yield "notes", parts[0] + notes + b"".join(parts[1:])


def of_png(parts):
    head, tail = parts[1][8:-4], b"".join(parts[2:])
    for height in SIDES + [1000000, 2 ** 31 - 1]:
        for width in SIDES + [1000000, 2 ** 31 - 1]:
            size = struct.pack(">II", width, height)
            yield f"size-{width}x{height}", parts[0] + chunk(b"IHDR", size + head[8:]) + tail
    for depth in [0, 1, 2, 4, 8, 16, 32]:
        for colour in range(8):
            for interlace in (0, 1, 2):
                kind = struct.pack("BBBBB", depth, colour, 0, 0, interlace)
                yield f"kind-{depth}-{colour}-{interlace}", parts[0] + chunk(b"IHDR", head[:8] + kind) + tail
    bomb = zlib.compress(bytes(50_000_000), 9)
    for kind, body in [(b"zTXt", b"a\0\0" + bomb), (b"iTXt", b"a\0\1\0\0\0" + bomb), (b"iCCP", b"a\0\0" + bomb)]:
        yield f"bomb-{kind.decode()}", parts[0] + parts[1] + chunk(kind, body) * 40 + tail
    yield "bomb-IDAT", parts[0] + parts[1] + chunk(b"IDAT", bomb) + tail
    yield "notes", parts[0] + parts[1] + chunk(b"tEXt", b"a\0" + b"b" * 60000) * 2000 + tail
    for kind in [b"PLTE", b"tRNS", b"sBIT", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"gAMA", b"hIST", b"sPLT", b"ABCD"]:
        for count in [0, 1, 3, 4, 26, 768, 70000]:
            yield f"chunk-{kind.decode()}-{count}", parts[0] + parts[1] + chunk(kind, bytes(count)) + tail


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    total = 0
    for photo in options.photos:
        data, rng = photo.read_bytes(), random.Random(f"{options.seed} {photo.name}")
        is_png = data.startswith(b"\x89PNG")
        parts = chunks(data) if is_png else segments(data)
        mutations = list(of_parts(parts, is_png, rng)) + list(of_png(parts) if is_png else of_jpeg(parts))
        rng.shuffle(mutations)
        for number, (name, changed) in enumerate(mutations[:options.most]):
            name = f"{photo.stem}-{number:04}-{name}"[:100]
            (options.out / (name + (".png" if is_png else ".jpg"))).write_bytes(changed)
            total += 1
    print(total, "files")


if __name__ == "__main__":
    main()
