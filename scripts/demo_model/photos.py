"""Labelled photos of a folder or a zip, as tensors."""
import io
import pathlib
import zipfile

import numpy as np
import torch
from PIL import Image

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read_split(data, split):
    """([(class name, JPEG bytes)]) of one split, in the order of the names."""
    path = pathlib.Path(data)
    if path.is_dir():
        files = sorted(p for p in (path / split).glob("*/*") if p.is_file())
        return [(p.parent.name, p.read_bytes()) for p in files]
    with zipfile.ZipFile(path) as archive:
        names = [n.split("/") for n in sorted(archive.namelist()) if not n.endswith("/")]
        return [(n[-2], archive.read("/".join(n))) for n in names
                if len(n) >= 3 and n[-3] == split]


def decode(items, size):
    """N x 3 x size x size uint8: whole photos, squashed to a square."""
    out = torch.empty(len(items), 3, size, size, dtype=torch.uint8)
    for i, (_, data) in enumerate(items):
        photo = Image.open(io.BytesIO(data)).convert("RGB").resize((size, size), Image.BILINEAR)
        out[i] = torch.from_numpy(np.array(photo)).permute(2, 0, 1)
    return out


def normalise(x):
    mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
    return ((x - mean) / std).contiguous(memory_format=torch.channels_last)
