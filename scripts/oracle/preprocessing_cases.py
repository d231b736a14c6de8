"""Makes Tests/Cases/preprocessing/ (files as people have them) and Tests/Goldens/preprocessing/ (what the original libraries feed).

Needs, beside requirements.txt: transformers 5.24, keras 3.15 and opencv-python-headless (KERAS_BACKEND is torch where none is set).
"""
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification

from container import Container
from preprocessing import hugging_face, others, vision
from preprocessing.case import network

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Tests/Cases/preprocessing"
PHOTOS = {"wide": (61, 47, (0, 0, 207, 160)), "tall": (40, 75, (248, 0, 333, 160))}


def photos():
    """A dog and a cat of the repository's photo, scaled: both sides odd, and a tall one."""
    source = Image.open(ROOT / "Photos/dog-and-cat.jpg").convert("RGB")
    for name, (width, height, box) in PHOTOS.items():
        path = FOLDER / f"{name}.png"
        source.crop(box).resize((width, height), Image.LANCZOS).save(path, optimize=True)
        yield name, Image.open(path)


def flags():
    """Flags, and ONNX Runtime's scores of what torchvision's preset feeds then."""
    session = onnxruntime.InferenceSession(FOLDER.parent / "plain.onnx", providers=["CPUExecutionProvider"])
    photo = Image.open(FOLDER.parent / "square224.png").convert("RGB").crop((0, 0, 224, 224))
    for size, name in [(120, "bilinear"), (111, "bicubic"), (224, "bilinear"), (130, "nearest")]:
        preset = ImageClassification(crop_size=96, resize_size=size, interpolation=InterpolationMode(name))
        scores = session.run(None, {session.get_inputs()[0].name: preset(photo).numpy()[None]})[0][0]
        words = ["--input-size", str(size), "--crop-size", "96", "--interpolation", name]
        yield {"words": words, "scores": [round(float(score), 6) for score in scores]}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    pictures, container, entries = dict(photos()), Container(), []
    for case in [case for module in (hugging_face, vision, others) for case in module.cases()]:
        network(case, FOLDER / case.name / case.model)
        for name, text in case.files.items():
            (FOLDER / case.name / name).write_text(text)
        fed = []
        for name in case.photos:
            tensor = np.asarray(case.feed(pictures[name]), np.float32)
            assert tensor.ndim == 3 and tensor.shape[0] == case.channels, (case.name, tensor.shape)
            # Every second pixel of small ones, some 16 x 16 of larger ones.
            stride = max(2, tensor.shape[1] // 16 if tensor.shape[1] > 64 else 2)
            fed.append({"photo": name + ".png", "width": tensor.shape[2], "height": tensor.shape[1], "stride": stride,
                        "tensor": container.add(f"{case.name} {name}", tensor[:, ::stride, ::stride])})
        entries.append({"name": case.name, "library": case.library, "model": case.model, "options": case.options, "told": case.told, "labels": case.labels,
                        "tolerance": case.tolerance, "fed": fed})
    container.write(ROOT / "Tests/Goldens/preprocessing", {"cases": entries})
    (FOLDER / "flags.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in flags()) + "\n]\n")
    print(len(entries), "cases")


if __name__ == "__main__":
    main()
