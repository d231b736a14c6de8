"""timm's classifiers beside the config.json that timm.models.save_for_hf (push_to_hf_hub) writes."""
import functools

from common import LABELS, Network, case, main
from on_torch import fed, photo_batch, settle, sharpen, torch, torch_map
import timm
from onnx_export import export
from PIL import Image
from timm.data import create_transform, resolve_model_data_config
from timm.models import save_for_hf

NETWORKS = ["resnet18", "mobilenetv3_small_050", "efficientnet_lite0", "convnext_atto", "vit_tiny_patch16_224", "regnety_002", "repvgg_a0", "mobilevit_xxs",
            "mobilenetv4_conv_small", "tf_efficientnetv2_b0", "test_vit", "test_resnet"]


def exported(name, exporter, folder):
    torch.manual_seed(1)
    model = timm.create_model(name, pretrained=False, num_classes=len(LABELS))
    data = resolve_model_data_config(model)
    side = data["input_size"][1]
    batch = photo_batch(side, list(data["mean"]), list(data["std"]))
    settle(model, batch)
    sharpen(model, model.get_classifier(), batch)
    save_for_hf(model, folder, model_config={"label_names": LABELS})
    for weights in (*folder.glob("*.safetensors"), *folder.glob("*.bin")):
        weights.unlink()
    export(model, batch[:1], folder / "model.onnx", exporter, 18)
    transform = create_transform(**data, is_training=False)

    def predict(photo):
        with torch.no_grad():
            return model(transform(Image.open(photo).convert("RGB"))[None])[0].softmax(0).numpy()

    def gradcam(photo, layer, category):
        return torch_map(model, lambda output: output, fed(model, lambda: predict(photo)), layer, category)

    scaled = int(side / data["crop_pct"])
    return Network(folder / "model.onnx", predict, LABELS, scaled, side, gradcam)


for name in NETWORKS:
    case(f"timm {timm.__version__}, torch {torch.__version__.split('+')[0]}", name, "save_for_hf, torch.onnx.export beside it")(functools.partial(exported, name, "dynamo"))

if __name__ == "__main__":
    main(timm=timm.__version__, torch=torch.__version__)
