"""Makes Tests/Cases/python-literals/: values as Python's repr, json and pprint write them, for the test of the reader.

literals.txt holds three lines a value: repr, JSON in ASCII, JSON in UTF-8.
"""
import json
import random
import string
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "Tests/Cases/python-literals"
TEXTS = ["", "tench", "dog's friend", 'say "cat"', "both ' and \"", "back\\slash", "tab\tline\nreturn\r", "\x00\x07\x1b\x7f", "über", "日本", "😀 cat",
         "\u2028", "\ufeff", "a, b: {c}", "\\u0041", "/", "100%"]


def value(rng, depth):
    kind = rng.randrange(8 if depth else 5)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return "".join(chr(rng.choice([rng.randrange(1, 0x180), rng.randrange(0x3000, 0x3100), rng.randrange(0x1F600, 0x1F640)])) for _ in range(rng.randrange(6)))
    if kind == 2:
        return rng.choice([0, 1, -1, 7, 2**31, -2**40, 999999937])
    if kind == 3:
        return rng.choice([0.5, -1e-05, 1.5e300, 3.0, 0.1, 2.2250738585072014e-308])
    if kind == 4:
        return rng.choice([None, True, False])
    if kind == 5:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 6:
        return tuple(value(rng, depth - 1) for _ in range(rng.randrange(4)))
    return {rng.choice(TEXTS + list(string.ascii_lowercase)): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def main():
    rng = random.Random(9)
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = []
    for _ in range(150):
        made = value(rng, 3)
        lines += [repr(made), json.dumps(made), json.dumps(made, ensure_ascii=False).replace("\x7f", "\\u007f")]
    assert all("\n" not in line and "\r" not in line for line in lines)
    (FOLDER / "literals.txt").write_bytes(("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
