"""torchvision's classifiers, as scripts/export_torchvision.py writes them: the weights' own transforms are in the file's metadata."""
import functools
import subprocess
import sys

from common import CASES, Network, REPOSITORY, case, main
from on_torch import calibrate, fed, photo_batch, randomise, torch, torch_map, torchvision
from PIL import Image

HEADS = {"resnet18": "fc", "mobilenet_v3_small": "classifier[-1]", "efficientnet_b0": "classifier[-1]", "regnet_y_400mf": "fc", "shufflenet_v2_x0_5": "fc",
         "squeezenet1_1": None, "densenet121": "classifier", "convnext_tiny": "classifier[-1]", "swin_t": "head"}


def random_network(name):
    """(model, its weights' transforms, labels)"""
    weights = torchvision.models.get_model_weights(name).DEFAULT
    transforms = weights.transforms()
    batch = photo_batch(transforms.crop_size[0], transforms.mean, transforms.std)
    torch.manual_seed(1)
    model = torchvision.models.get_model(name, weights=None)
    if HEADS[name]:
        randomise(model, eval(f"model.{HEADS[name]}"), batch)
    else:
        calibrate(model, batch, seed=1)
    return model, transforms, weights.meta["categories"]


def probabilities(model, transforms, photo):
    with torch.no_grad():
        return model(transforms(Image.open(photo).convert("RGB"))[None])[0].softmax(0).numpy()


def write_file(name, model, path, exporter):
    weights = path.with_suffix(".pth")
    torch.save(model.state_dict(), weights)
    script = REPOSITORY / "scripts" / "export_torchvision.py"
    subprocess.run([sys.executable, script, name, "--weights", weights, "-o", path, "--exporter", exporter], check=True, capture_output=True)
    weights.unlink()


def exported(name, exporter, folder):
    model, transforms, labels = random_network(name)
    write_file(name, model, folder / "model.onnx", exporter)

    def gradcam(photo, layer, category):
        tensor = fed(model, lambda: probabilities(model, transforms, photo))
        return torch_map(model, lambda output: output, tensor, layer, category)

    return Network(folder / "model.onnx", functools.partial(probabilities, model, transforms), labels, transforms.resize_size[0], transforms.crop_size[0], gradcam)


for name in HEADS:
    for exporter in ("torchscript", "dynamo") if name == "resnet18" else ("dynamo",):
        case(f"torch {torch.__version__.split('+')[0]}, {exporter}", f"torchvision {name}", "export_torchvision.py")(functools.partial(exported, name, exporter))

if __name__ == "__main__":
    main(torchvision=torchvision.__version__, torch=torch.__version__)
