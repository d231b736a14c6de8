"""The goldens' container: golden.json (what, and where in the file) and golden.bin (little-endian numbers, back to back)."""
import json

import numpy as np


class Container:
    """Collects tensors; value = stored number * scale."""

    def __init__(self):
        self.bytes = bytearray()
        self.tensors = {}

    def add(self, key, array, dtype="float32"):
        """dtype float32: exact. uint16: for maps in 0..1, step 1/65535. int16: for signed arrays, step max|a| / 32767."""
        array = np.asarray(array, np.float32)
        scale = {"float32": 1.0, "uint16": 1 / 65535, "int16": float(np.abs(array).max()) / 32767}[dtype]
        stored = array if dtype == "float32" else np.round(array.astype(np.float64) / (scale or 1))
        assert key not in self.tensors and np.isfinite(array).all(), key
        self.bytes += b"\0" * (-len(self.bytes) % 4)
        self.tensors[key] = {"dtype": dtype, "scale": scale, "offset": len(self.bytes), "shape": list(array.shape)}
        self.bytes += stored.astype("<" + {"float32": "f4", "uint16": "u2", "int16": "i2"}[dtype]).tobytes()
        return key

    def write(self, folder, index):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "golden.bin").write_bytes(self.bytes)
        (folder / "golden.json").write_text(dumps(index | {"tensors": self.tensors}) + "\n")


def dumps(index):
    """JSON with one line for each key, and for each entry of a list of objects or of an object of objects."""
    def lines(value):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n" + ",\n".join("  " + json.dumps(entry) for entry in value) + "\n ]"
        if isinstance(value, dict) and value and isinstance(next(iter(value.values())), dict):
            return "{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n }"
        return json.dumps(value)
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {lines(value)}" for key, value in index.items()) + "\n}"
