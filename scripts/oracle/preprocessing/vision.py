"""Cases of torchvision's presets (as this project's metadata), of timm's published configurations and of Ultralytics' classifiers."""
import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import timm
import torch
from timm.data import create_transform, resolve_data_config
from timm.models._hub import save_config_for_hf
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Normalize, Resize, ToTensor
from torchvision.transforms._presets import ImageClassification

from .case import CONFIG, Case

TIMM = [
    ("center", {}),
    ("bicubic-0.9", {"crop_pct": 0.9, "interpolation": "bicubic"}),
    ("whole", {"crop_pct": 1.0, "interpolation": "bicubic"}),
    ("odd", {"crop_pct": 0.95, "input_size": (3, 31, 31)}),
    ("not-square", {"crop_pct": 0.9, "input_size": (3, 24, 40)}),
    ("not-square-whole", {"crop_pct": 1.0, "input_size": (3, 41, 27), "interpolation": "bicubic"}),
    ("squash", {"crop_mode": "squash", "crop_pct": 1.0}),
    ("squash-0.9", {"crop_mode": "squash", "crop_pct": 0.9, "interpolation": "bicubic"}),
    ("border", {"crop_mode": "border", "crop_pct": 1.0, "interpolation": "bicubic"}),
    ("border-0.9", {"crop_mode": "border", "crop_pct": 0.9, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}),
    ("inception", {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "crop_pct": 0.875, "interpolation": "bicubic"}),
    ("pixels", {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0), "crop_pct": 0.875}),
    ("lanczos", {"interpolation": "lanczos", "crop_pct": 0.94}),
]


def timm_config(changes):
    """timm's own file for a model with this configuration, and its evaluation transform."""
    model = timm.create_model("test_convnext", pretrained=False, num_classes=3)
    model.pretrained_cfg.update({"input_size": (3, 32, 32), "crop_pct": 0.875, "crop_mode": "center", "interpolation": "bilinear", **changes})
    model.default_cfg = model.pretrained_cfg
    with TemporaryDirectory() as folder:
        path = Path(folder, "config.json")
        save_config_for_hf(model, str(path), model_config={"label_names": ["cat", "dog", "horse"]})
        return path.read_text() + "\n", create_transform(**resolve_data_config({}, pretrained_cfg=json.loads(path.read_text())["pretrained_cfg"]))


def cases():
    told = {key: CONFIG for key in ["values", "size", "resize", "interpolation"]}
    for name, changes in TIMM:
        text, transform = timm_config(changes)
        yield Case("timm-" + name, "timm", lambda photo, transform=transform: transform(photo).numpy(), {CONFIG: text}, told=told, labels=["cat", "dog", "horse"])
    bare = json.dumps({"architecture": "resnet18", "num_classes": 3, "pretrained_cfg": {"input_size": [3, 32, 32]}}) + "\n"
    default = create_transform(**resolve_data_config({}, pretrained_cfg={"input_size": (3, 32, 32)}))
    yield Case("timm-defaults", "timm", lambda photo: default(photo).numpy(), {CONFIG: bare}, told=told)

    metadata = "the file's metadata"
    presets = [
        ("bilinear", 36, 32, InterpolationMode.BILINEAR, {}), ("odd", 37, 32, InterpolationMode.BILINEAR, {}), ("bicubic", 39, 35, InterpolationMode.BICUBIC, {}),
        ("same-size", 33, 33, InterpolationMode.BICUBIC, {}), ("padded", 28, 33, InterpolationMode.BILINEAR, {}),
        ("half", 36, 32, InterpolationMode.BILINEAR, {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}),
    ]
    for name, size, crop, mode, values in presets:
        preset = ImageClassification(crop_size=crop, resize_size=size, interpolation=mode, **values)
        description = {"mean": list(preset.mean), "std": list(preset.std), "size": size, "crop_size": crop, "resize": "crop", "interpolation": mode.value}

        def feed(photo, preset=preset):
            return preset(photo).numpy()
        told = {key: metadata for key in ["values", "size", "resize", "interpolation"]}
        yield Case("torchvision-" + name, "torchvision", feed, metadata={"preprocessing": json.dumps(description)}, told=told)
        if name in ("odd", "bicubic"):
            yield Case(f"torchvision-{name}-side-car", "torchvision", feed, {"model.json": json.dumps(description) + "\n"},
                       told={key: "model.json" for key in told})
            options = {"mean": description["mean"], "std": description["std"], "input_size": [size, size], "crop_size": [crop, crop], "interpolation": mode.value}
            yield Case(f"torchvision-{name}-flags", "torchvision", feed, options=options, told={key: "the options" for key in told})
    preset = ImageClassification(crop_size=30, resize_size=34)
    byte = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375], "size": 34, "crop_size": 30}
    yield Case("torchvision-bytes-side-car", "torchvision", lambda photo: preset(photo).numpy(), {"model.json": json.dumps(byte) + "\n"}, told={"values": "model.json"})
    yield from ultralytics()


def ultralytics():
    """ultralytics.data.augment.classify_transforms: Resize and CenterCrop of torchvision, mean 0 and std 1; a list of two extents is a squash and a crop of all."""
    def transform(size):
        resize = Resize(size[0]) if size[0] == size[1] else Resize(size)
        return Compose([resize, CenterCrop(size), ToTensor(), Normalize(torch.zeros(3), torch.ones(3))])
    names = "{0: 'good', 1: \"dog's dent\", 2: 'scratch, deep'}"
    origin = {key: "Ultralytics' metadata" for key in ["values", "size", "resize", "interpolation", "channel_order"]}
    for name, size in [("square", (32, 32)), ("odd", (31, 31)), ("not-square", (24, 40))]:
        metadata = {"description": "Ultralytics YOLO11n-cls model", "author": "Ultralytics", "date": "2026-03-02T10:11:12", "version": "8.4.0", "stride": "1",
                    "task": "classify", "batch": "1", "imgsz": str(list(size)), "names": names, "args": "{'batch': 1, 'half': False, 'dynamic': True}", "channels": "3"}
        yield Case("ultralytics-" + name, "torchvision, composed as Ultralytics' classify_transforms", partial(lambda photo, made: made(photo).numpy(), made=transform(size)),
                   metadata=metadata, told=origin, labels=["good", "dog's dent", "scratch, deep"])
