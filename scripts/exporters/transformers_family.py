"""Hugging Face's classifiers, as `optimum-cli export onnx` writes them: a folder with model.onnx, config.json and preprocessor_config.json."""
import functools
import importlib.metadata

from common import LABELS, Network, case, main
from on_torch import fed, photo_batch, settle, sharpen, torch, torch_map
import numpy as np
import transformers
from optimum.exporters.onnx import main_export

OPTIMUM_ONNX = importlib.metadata.version("optimum-onnx")
EXPORTER = f"Optimum ONNX {OPTIMUM_ONNX}, transformers {transformers.__version__}"
SIZED = {"height": 64, "width": 64}
BATCH = {"depths": [1, 1, 1, 1], "hidden_sizes": [16, 24, 32, 48]}
TRANSFORMER = {"hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 96}

# name: (config's arguments, head, processor, its arguments, side of a photo that is not scaled, crop)
NETWORKS = {
    "ViT": (TRANSFORMER | {"image_size": 64, "patch_size": 16}, "classifier", "ViT", {"size": SIZED}, 64, None),
    "ViT/its own mean, bicubic": (TRANSFORMER | {"image_size": 64, "patch_size": 16}, "classifier", "ViT",
                                  {"size": SIZED, "image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.3, 0.25], "resample": 3}, 64, None),
    "ViT/0..1, not normalised": (TRANSFORMER | {"image_size": 64, "patch_size": 16}, "classifier", "ViT", {"size": SIZED, "do_normalize": False}, 64, None),
    "DeiT": (TRANSFORMER | {"image_size": 96, "patch_size": 16}, "classifier", "DeiT",
             {"size": {"height": 112, "width": 112}, "crop_size": {"height": 96, "width": 96}}, 112, 96),
    "Beit": (TRANSFORMER | {"image_size": 64, "patch_size": 16}, "classifier", "Beit", {"size": {"height": 72, "width": 72}, "crop_size": SIZED, "do_center_crop": True}, 72, 64),
    "Dinov2": ({"hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 3, "image_size": 70, "patch_size": 14}, "classifier", "Bit",
               {"size": {"shortest_edge": 80}, "crop_size": {"height": 70, "width": 70}}, 80, 70),
    "Swin": ({"embed_dim": 16, "depths": [1, 1, 2], "num_heads": [1, 2, 4], "window_size": 4, "image_size": 64}, "classifier", "ViT",
             {"size": SIZED, "resample": 3, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}, 64, None),
    "ConvNext": (BATCH, "classifier", "ConvNext", {"size": {"shortest_edge": 112}, "crop_pct": 0.875}, 128, 112),
    "ResNet": (BATCH | {"embedding_size": 16, "layer_type": "basic"}, "classifier.1", "ConvNext", {"size": {"shortest_edge": 224}}, 256, 224),
    "RegNet": (BATCH | {"embedding_size": 16, "groups_width": 8}, "classifier.1", "ConvNext", {"size": {"shortest_edge": 384}}, 384, None),
    "EfficientNet": ({"width_coefficient": 0.25, "depth_coefficient": 0.25, "hidden_dim": 320, "image_size": 224}, "classifier", "EfficientNet",
                     {"size": {"height": 224, "width": 224}}, 224, None),
    "MobileNetV2": ({"depth_multiplier": 0.35, "image_size": 96}, "classifier", "MobileNetV2", {"size": {"shortest_edge": 110}, "crop_size": {"height": 96, "width": 96}}, 110, 96),
    "MobileViT": ({"hidden_sizes": [24, 32, 48], "neck_hidden_sizes": [8, 8, 16, 24, 32, 40, 64], "image_size": 96}, "classifier", "MobileViT",
                  {"size": {"shortest_edge": 110}, "crop_size": {"height": 96, "width": 96}}, 110, 96),
    "PoolFormer": ({"depths": [1, 1, 1, 1], "hidden_sizes": [16, 24, 32, 48]}, "classifier", "PoolFormer", {"size": {"shortest_edge": 96}, "crop_size": {"height": 96, "width": 96}}, 106, 96),
    "Levit": ({"hidden_sizes": [32, 48, 64], "num_attention_heads": [2, 3, 4], "depths": [1, 1, 1], "key_dim": [8, 8, 8], "image_size": 96}, None, "Levit",
              {"size": {"shortest_edge": 96}, "crop_size": {"height": 96, "width": 96}}, 109, 96),
    "Segformer": ({"hidden_sizes": [8, 16, 32, 48], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 4, 6]}, "classifier", "Segformer", {"size": {"height": 128, "width": 128}}, 128, None),
}


def exported(name, folder, given="onnx/model.onnx"):
    arguments, head, processor, wanted, side, crop = NETWORKS[name]
    kind = name.split("/")[0]
    config = getattr(transformers, f"{kind}Config")(**arguments, id2label=dict(enumerate(LABELS)), label2id={label: index for index, label in enumerate(LABELS)})
    torch.manual_seed(1)
    model = getattr(transformers, f"{kind}ForImageClassification")(config)
    batch = photo_batch(crop or side)
    settle(model, batch)
    if head:
        sharpen(model, model.get_submodule(head), batch, lambda output: output.logits)
    saved = folder / "saved"
    model.eval().save_pretrained(saved)
    getattr(transformers, f"{processor}ImageProcessor")(**wanted).save_pretrained(saved)
    main_export(str(saved), folder / "onnx", task="image-classification")
    pipeline = transformers.pipeline("image-classification", model=str(saved))

    def predict(photo):
        found = {entry["label"]: entry["score"] for entry in pipeline(str(photo), top_k=len(LABELS))}
        return np.array([found[label] for label in LABELS])

    def gradcam(photo, layer, category):
        tensor = fed(pipeline.model, lambda: predict(photo))
        return torch_map(pipeline.model, lambda output: output.logits, tensor, layer, category)

    return Network(folder / given, predict, LABELS, side, crop, gradcam)


for name in NETWORKS:
    case(EXPORTER, name.replace("/", ", "), "optimum-cli export onnx")(functools.partial(exported, name))

case(EXPORTER, "ConvNext", "optimum-cli export onnx; the folder given")(functools.partial(exported, "ConvNext", given="onnx"))

if __name__ == "__main__":
    main(transformers=transformers.__version__, optimum_onnx=OPTIMUM_ONNX, torch=torch.__version__)
