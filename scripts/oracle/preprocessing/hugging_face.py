"""Cases of transformers' image processors, as they save themselves, by their Pillow classes."""
import importlib
import json

from .case import CONFIG, PROCESSOR, Case

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}


def square(side):
    return {"height": side, "width": side}


def edge(side):
    return {"shortest_edge": side}


# name, module, class, arguments; the sizes are those of real ones, made small.
PROCESSORS = [
    ("vit", "vit", "ViT", {"size": square(32)}),
    ("vit-not-square", "vit", "ViT", {"size": {"height": 24, "width": 40}}),
    ("vit-nearest", "vit", "ViT", {"size": square(30), "resample": 0}),
    ("vit-lanczos", "vit", "ViT", {"size": square(30), "resample": 1}),
    ("vit-no-rescale", "vit", "ViT", {"size": square(24), "do_rescale": False, "image_mean": [123.675, 116.28, 103.53], "image_std": [58.395, 57.12, 57.375]}),
    ("vit-no-normalize", "vit", "ViT", {"size": square(24), "do_normalize": False}),
    ("vit-pixels", "vit", "ViT", {"size": square(24), "do_normalize": False, "do_rescale": False}),
    ("vit-other-factor", "vit", "ViT", {"size": square(24), "rescale_factor": 1 / 127.5, "image_mean": [1, 1, 1], "image_std": [1, 1, 1]}),
    ("deit", "deit", "DeiT", {"size": square(37), "crop_size": square(32), **IMAGENET}),
    ("deit-no-crop", "deit", "DeiT", {"size": square(37), "crop_size": square(32), "do_center_crop": False}),
    ("clip", "clip", "CLIP", {"size": edge(32), "crop_size": square(32)}),
    ("clip-wider-crop", "clip", "CLIP", {"size": edge(36), "crop_size": {"height": 33, "width": 29}}),
    ("clip-padded", "clip", "CLIP", {"size": edge(24), "crop_size": square(31)}),
    ("chinese-clip", "chinese_clip", "ChineseCLIP", {"size": edge(33), "crop_size": square(32)}),
    ("convnext", "convnext", "ConvNext", {"size": edge(28), **IMAGENET}),
    ("convnext-crop-pct", "convnext", "ConvNext", {"size": edge(30), "crop_pct": 0.95}),
    ("convnext-384", "convnext", "ConvNext", {"size": edge(384), **IMAGENET}),
    ("efficientnet", "efficientnet", "EfficientNet", {"size": square(34), "resample": 0, **IMAGENET, "image_std": [0.47853944, 0.4732864, 0.47434163]}),
    ("efficientnet-offset", "efficientnet", "EfficientNet", {"size": square(34), "rescale_offset": True, "rescale_factor": 1 / 127.5, "include_top": False}),
    ("efficientnet-no-top", "efficientnet", "EfficientNet", {"size": square(34), "include_top": False, "resample": 3}),
    ("efficientnet-crop", "efficientnet", "EfficientNet", {"size": square(41), "do_center_crop": True, "crop_size": square(34)}),
    ("mobilevit", "mobilevit", "MobileViT", {"size": edge(36), "crop_size": square(32)}),
    ("mobilevit-no-flip", "mobilevit", "MobileViT", {"size": edge(37), "crop_size": square(32), "do_flip_channel_order": False}),
    ("mobilenet-v1", "mobilenet_v1", "MobileNetV1", {"size": edge(37), "crop_size": square(32)}),
    ("mobilenet-v2", "mobilenet_v2", "MobileNetV2", {"size": edge(36), "crop_size": square(32)}),
    ("poolformer", "poolformer", "PoolFormer", {"size": edge(32), "crop_size": square(32)}),
    ("poolformer-square", "poolformer", "PoolFormer", {"size": square(32), "crop_size": square(32), "crop_pct": 0.95}),
    ("poolformer-no-crop-pct", "poolformer", "PoolFormer", {"size": edge(34), "crop_size": square(32), "crop_pct": None}),
    ("levit", "levit", "Levit", {"size": edge(32), "crop_size": square(32)}),
    ("bit", "bit", "Bit", {"size": square(36), "do_center_crop": False}),
    ("dinov2", "bit", "Bit", {"size": edge(36), "crop_size": square(31), **IMAGENET}),
    ("beit", "beit", "Beit", {"size": square(32)}),
    ("beit-crop", "beit", "Beit", {"size": square(38), "do_center_crop": True, "crop_size": square(33)}),
    ("siglip", "siglip", "Siglip", {"size": square(32)}),
    ("segformer", "segformer", "Segformer", {"size": square(40)}),
    ("pvt", "pvt", "Pvt", {"size": square(32)}),
    ("perceiver", "perceiver", "Perceiver", {"size": square(28), "crop_size": square(32)}),
    ("flava", "flava", "Flava", {"size": square(32), "crop_size": square(28)}),
    ("dpt", "dpt", "DPT", {"size": square(32)}),
]

# Files of older versions of transformers, as they stand on the hub: sizes as numbers, no do_rescale, names of feature extractors.
OLD = [
    ("old-vit", "vit", "ViT", {"do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "resample": 2, "size": 32}),
    ("old-deit", "deit", "DeiT", {"crop_size": 28, "do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "DeiTFeatureExtractor", **IMAGENET, "resample": 3, "size": 33}),
    ("old-clip", "clip", "CLIP", {"crop_size": 32, "do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor", **CLIP, "resample": 3, "size": 33}),
    ("old-convnext", "convnext", "ConvNext", {"crop_pct": 0.875, "do_normalize": True, "do_resize": True, "feature_extractor_type": "ConvNextFeatureExtractor", **IMAGENET, "resample": 3, "size": 28}),
    ("old-levit", "levit", "Levit", {"do_center_crop": True, "do_normalize": True, "do_resize": True, "feature_extractor_type": "LevitFeatureExtractor", **IMAGENET, "resample": 3, "size": 224}),
    ("old-mobilevit-bare", "mobilevit", "MobileViT", {"feature_extractor_type": "MobileViTFeatureExtractor", "resample": 2, "size": 288}),
    ("old-mobilevit", "mobilevit", "MobileViT", {"crop_size": 32, "do_center_crop": True, "do_flip_channel_order": True, "do_resize": True, "feature_extractor_type": "MobileViTFeatureExtractor", "resample": 2, "size": 36}),
    ("old-poolformer", "poolformer", "PoolFormer", {"crop_pct": 0.9, "do_normalize": True, "do_resize_and_center_crop": True, "feature_extractor_type": "PoolFormerFeatureExtractor", **IMAGENET, "resample": 3, "size": 224}),
    ("fast-vit", "vit", "ViT", {"do_convert_rgb": None, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5] * 3, "image_processor_type": "ViTImageProcessorFast", "image_std": [0.5] * 3, "input_data_format": None, "resample": 2, "rescale_factor": 1 / 255, "size": square(32)}),
    ("fast-mobilenet", "mobilenet_v2", "MobileNetV2", {"crop_size": square(29), "data_format": "channels_first", "do_center_crop": True, "do_normalize": True, "do_rescale": True, "do_resize": True, **IMAGENET, "image_processor_type": "MobileNetV2ImageProcessorFast", "resample": 2, "rescale_factor": 1 / 255, "size": edge(34)}),
]


def processor(module, name, arguments, written=False):
    """transformers' own, read from the dictionary that it writes itself, or that another version wrote."""
    kind = getattr(importlib.import_module(f"transformers.models.{module}.image_processing_pil_{module}"), name + "ImageProcessorPil")
    return kind.from_dict(dict(arguments) if written else json.loads(kind(**arguments).to_json_string()))


def feed(made):
    return lambda photo: made(photo, return_tensors="np")["pixel_values"][0]


def config(labels=("cat", "dog", "horse"), **more):
    return json.dumps({"architectures": ["ViTForImageClassification"], "id2label": {str(i): label for i, label in enumerate(labels)},
                       "label2id": {label: i for i, label in enumerate(labels)}, "model_type": "vit", "transformers_version": "4.57.3", **more}, indent=2) + "\n"


def cases():
    told = {key: PROCESSOR for key in ["values", "size", "resize", "interpolation", "channel_order"]}
    for name, module, kind, arguments in PROCESSORS:
        made = processor(module, kind, arguments)
        # Perceiver's cuts a photo before it scales it, which has no counterpart here: sharp edges differ by up to half the range.
        yield Case("hf-" + name, "transformers", feed(made), {PROCESSOR: made.to_json_string()}, told=told, tolerance=0.55 if name == "perceiver" else 5e-6)
    for name, module, kind, arguments in OLD:
        made = processor(module, kind, arguments, written=True)
        yield Case("hf-" + name, "transformers", feed(made), {PROCESSOR: json.dumps(arguments, indent=2) + "\n"}, told=told, tolerance=5e-6)

    vit = processor("vit", "ViT", {"size": square(32)})
    text, labels = vit.to_json_string(), ["cat", "dog", "horse"]
    yield Case("hf-folder", "transformers", feed(vit), {PROCESSOR: text, CONFIG: config(image_size=32)}, told=told, labels=labels, tolerance=5e-6)
    yield Case("hf-one-folder-up", "transformers", feed(vit), {PROCESSOR: text, CONFIG: config(image_size=32)}, told=told, labels=labels, tolerance=5e-6,
               model="onnx/model.onnx")
    nested = json.dumps({"image_processor": json.loads(text), "processor_class": "CLIPProcessor"}, indent=2) + "\n"
    yield Case("hf-nested", "transformers", feed(vit), {"processor_config.json": nested}, told={"values": "processor_config.json", "size": "processor_config.json"},
               tolerance=5e-6)
    no_resize = processor("vit", "ViT", {"do_resize": False, "size": square(32)})

    def as_resized(photo):
        return feed(no_resize)(photo.resize((32, 32), 2))
    yield Case("hf-no-resize", "transformers, of photos that Pillow resized", as_resized, {PROCESSOR: no_resize.to_json_string(), CONFIG: config(image_size=32)},
               told={"values": PROCESSOR}, tolerance=5e-6)
    grey = processor("vit", "ViT", {"size": square(28), "image_mean": [0.1307], "image_std": [0.3081]})

    def luma(photo):
        import numpy as np
        return grey(np.asarray(photo.convert("L"))[None], return_tensors="np", input_data_format="channels_first")["pixel_values"][0]
    yield Case("hf-grey", "transformers", luma, {PROCESSOR: grey.to_json_string()}, told={"values": PROCESSOR}, channels=1, tolerance=5e-6)
