"""Cases of Keras, of the ONNX standard's image metadata, and of OpenMMLab's transforms.

OpenMMLab's are an emulation: its `mmcv` calls OpenCV and Pillow as this file does.
"""
import json
import os

import cv2
import numpy as np
from PIL import Image

from .case import Case

os.environ.setdefault("KERAS_BACKEND", "torch")
from keras.applications.imagenet_utils import preprocess_input  # noqa: E402
from keras.utils import img_to_array, load_img  # noqa: E402


def keras_feed(mode, size, interpolation="nearest", **arguments):
    """load_img of a file, and preprocess_input; laid out channel by channel at last."""
    def feed(photo):
        path = photo.filename
        array = img_to_array(load_img(path, target_size=size, interpolation=interpolation, **arguments), data_format="channels_last")
        if mode:
            array = preprocess_input(array, mode=mode, data_format="channels_last")
        return np.ascontiguousarray(array.transpose(2, 0, 1), np.float32)
    return feed


def keras():
    caffe = {"mean": [103.939, 116.779, 123.68], "std": [1], "channel_order": "bgr"}
    unit = {"mean": [0], "std": [1 / 255]}
    told = {"values": "the options", "size": "the options", "interpolation": "the options"}
    sizes = {"input_size": [30, 30], "interpolation": "nearest"}
    yield Case("keras-tf", "keras", keras_feed("tf", (30, 30)), options={"mean": [0.5], "std": [0.5], **sizes}, told=told)
    yield Case("keras-tf-bytes", "keras", keras_feed("tf", (30, 30)), options={"mean": [127.5], "std": [127.5], **sizes}, told=told)
    yield Case("keras-caffe", "keras", keras_feed("caffe", (30, 30)), options=caffe | sizes, told=told)
    yield Case("keras-torch", "keras", keras_feed("torch", (30, 30)), options={"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], **sizes}, told=told)
    yield Case("keras-pixels", "keras", keras_feed(None, (30, 30)), options=unit | sizes, told=told)
    for name in ["bilinear", "bicubic", "lanczos", "box", "hamming"]:
        yield Case("keras-" + name, "keras", keras_feed("tf", (28, 36), name), options={"mean": [0.5], "std": [0.5], "input_size": [36, 28], "interpolation": name},
                   told=told)
    side_car = json.dumps({"mean": caffe["mean"], "std": caffe["std"], "channel_order": "bgr", "size": [36, 28], "interpolation": "bilinear", "resize": "squash"}) + "\n"
    yield Case("keras-caffe-side-car", "keras", keras_feed("caffe", (28, 36), "bilinear"), {"model.json": side_car},
               told={key: "model.json" for key in ["values", "size", "resize", "interpolation", "channel_order"]})
    yield Case("keras-grey", "keras", keras_feed(None, (28, 28), "bilinear", color_mode="grayscale"), channels=1,
               options={"mean": [0], "std": [1 / 255], "input_size": [28, 28], "interpolation": "bilinear"}, told=told)


def image_metadata():
    """https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md"""
    ranges = {
        "NominalRange_0_255": lambda p: p, "Normalized_0_1": lambda p: p / 255, "Normalized_1_1": lambda p: p / 127.5 - 1,
        "NominalRange_16_235": lambda p: 16 + 219 * p / 255,
    }

    def feed(name, mode):
        def made(photo):
            pixels = np.asarray(photo.resize((32, 24), Image.BILINEAR).convert("RGB" if mode != "Gray8" else "L"), np.float64)
            planes = pixels.transpose(2, 0, 1) if mode != "Gray8" else pixels[None]
            return ranges[name](planes[::-1] if mode == "Bgr8" else planes).astype(np.float32)
        return made
    origin = "the file's image metadata"
    for name in ranges:
        for mode in ["Bgr8", "Rgb8"]:
            metadata = {"Image.BitmapPixelFormat": mode, "Image.ColorSpaceGamma": "SRGB", "Image.NominalPixelRange": name}
            yield Case(f"image-{mode.lower()}-{name.lower().replace('_', '-')}", "the ONNX standard's definition", feed(name, mode), metadata=metadata, size=(32, 24),
                       told={"values": origin, "channel_order": origin, "size": "the network"})
    grey = {"Image.BitmapPixelFormat": "Gray8", "Image.NominalPixelRange": "NominalRange_0_255"}
    yield Case("image-gray8", "the ONNX standard's definition", lambda photo: np.asarray(photo.convert("L").resize((32, 24), Image.BILINEAR), np.float32)[None], metadata=grey,
               size=(32, 24), channels=1, told={"values": origin})


def open_mmlab():
    mean, std = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
    normalize = {"type": "Normalize", "mean": mean, "std": std, "to_rgb": True}

    def imresize(picture, size, transform):
        """mmcv.imresize; size: width, height."""
        name = transform.get("interpolation", "bilinear")
        if transform.get("backend", "cv2") == "pillow":
            return np.array(Image.fromarray(picture).resize(size, {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "nearest": Image.NEAREST}[name]))
        return cv2.resize(picture, size, interpolation={"bilinear": cv2.INTER_LINEAR, "nearest": cv2.INTER_NEAREST}[name])

    def apply(transforms):
        def feed(photo):
            picture = np.ascontiguousarray(np.asarray(photo)[..., ::-1])
            for transform in transforms:
                height, width = picture.shape[:2]
                if transform["type"] == "Resize":
                    size = transform["size"]
                    size = (size, size) if isinstance(size, int) else size
                    if size[1] == -1:  # mmdeploy's SDK: the shorter side
                        short = size[0]
                        target = (short, int(short * height / width)) if width < height else (int(short * width / height), short)
                    else:
                        target = (size[1], size[0])
                    picture = imresize(picture, target, transform)
                elif transform["type"] == "ResizeEdge":
                    short = transform["scale"]  # mmpretrain's ResizeEdge
                    target = (short, int(height * short / width)) if width < height else (int(width * short / height), short)
                    picture = imresize(picture, target, transform)
                elif transform["type"] == "CenterCrop":
                    crop = transform["crop_size"]
                    crop = (crop, crop) if isinstance(crop, int) else crop
                    top, left = max(0, int(round((height - crop[0]) / 2.0))), max(0, int(round((width - crop[1]) / 2.0)))
                    picture = picture[top:top + crop[0], left:left + crop[1]]
                elif transform["type"] == "Normalize":
                    # mmcv.imnormalize
                    picture = picture.astype(np.float32)
                    if transform.get("to_rgb", True):
                        cv2.cvtColor(picture, cv2.COLOR_BGR2RGB, picture)
                    cv2.subtract(picture, np.float64(np.array(transform["mean"]).reshape(1, -1)), picture)
                    cv2.multiply(picture, 1 / np.float64(np.array(transform["std"]).reshape(1, -1)), picture)
            return np.ascontiguousarray(picture.transpose(2, 0, 1))
        return feed
    pipelines = {
        "edge-crop": [{"type": "Resize", "size": [36, -1], "keep_ratio": True, "backend": "pillow", "interpolation": "bicubic"}, {"type": "CenterCrop", "crop_size": 32}],
        "edge-opencv": [{"type": "ResizeEdge", "scale": 37, "edge": "short"}, {"type": "CenterCrop", "crop_size": [32, 32]}],
        "squash": [{"type": "Resize", "size": [24, 36], "keep_ratio": False}],
        "squash-int": [{"type": "Resize", "size": 32}],
        "pillow-crop": [{"type": "Resize", "size": [36, -1], "backend": "pillow"}, {"type": "CenterCrop", "crop_size": [31, 31]}],
        "crop-wider": [{"type": "ResizeEdge", "scale": 36, "edge": "short"}, {"type": "CenterCrop", "crop_size": [29, 33]}],
    }
    for name, transforms in pipelines.items():
        for reverse in [True, False] if name == "squash" else [True]:
            values = dict(normalize, to_rgb=reverse) if reverse else dict(normalize, to_rgb=False, mean=mean[::-1], std=std[::-1])
            steps = [*transforms, values]
            full = [{"type": "LoadImageFromFile"}, *steps, {"type": "ImageToTensor", "keys": ["img"]}, {"type": "Collect", "keys": ["img"], "meta_keys": ["img_shape"]}]
            pipeline = {"pipeline": {"input": ["img"], "output": ["post_output"], "tasks": [
                {"name": "Preprocess", "module": "Transform", "type": "Task", "input": ["img"], "output": ["prep_output"], "transforms": full},
                {"name": "mmpretrain", "module": "Net", "type": "Task", "input": ["prep_output"], "output": ["infer_output"]},
                {"name": "postprocess", "module": "mmpretrain", "component": "LinearClsHead", "type": "Task", "params": {"topk": 5}}]}}
            told = {key: "pipeline.json" for key in ["values", "size", "resize", "interpolation", "channel_order"]}
            yield Case(f"mmdeploy-{name}" + ("" if reverse else "-bgr"), "OpenCV and Pillow, as OpenMMLab's mmcv calls them", apply(steps),
                       {"pipeline.json": json.dumps(pipeline, indent=4) + "\n"}, told=told, model="end2end.onnx", tolerance=5e-6)


def cases():
    yield from keras()
    yield from image_metadata()
    yield from open_mmlab()
