"""Exports a torchvision classifier as ONNX, with its labels and preprocessing in the file's metadata.

usage: export_torchvision.py NAME [-o FILE] [--weights FILE | --random-weights] ...     (--help tells all)

Needs torch, torchvision, onnx and onnxscript; `scripts/oracle/setup.sh` installs them into .venv.
"""
import argparse
import difflib
import json
import pathlib

import onnx
import torch

from oracle.onnx_export import export
from oracle.vision import torchvision

MODELS = pathlib.Path(__file__).parents[1] / "Models"


def arguments():
    parser = argparse.ArgumentParser(description="Export a torchvision classifier as ONNX.")
    parser.add_argument("name", help="as torchvision spells it: resnet50, vgg16, densenet121, ...")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="the ONNX file (default: Models/NAME.onnx)")
    parser.add_argument("--weights", type=pathlib.Path, help="a saved state dict, in place of torchvision's pretrained weights")
    parser.add_argument("--random-weights", action="store_true", help="an untrained network")
    parser.add_argument("--labels", type=pathlib.Path, help="one label a line (default: those of torchvision's weights)")
    parser.add_argument("--exporter", choices=["torchscript", "dynamo"], default="dynamo")
    parser.add_argument("--opset", type=int, default=18)
    parser.add_argument("--batch", choices=["dynamic", "1"], default="dynamic")
    parser.add_argument("--size", type=int, help="side of the network's input in pixels (default: that of torchvision's weights); the scaling before its crop follows")
    return parser.parse_args()


def classifiers():
    return torchvision.models.list_models(module=torchvision.models)


def pretrained(name):
    """torchvision's default weights of a network (an enum member: download address, labels, transforms)."""
    if name not in classifiers():
        near = difflib.get_close_matches(name, classifiers())
        raise SystemExit(f"torchvision has no classifier '{name}'" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    return torchvision.models.get_model_weights(name).DEFAULT


def build(options, weights):
    # The pretrained GoogLeNet and Inception normalise their input once more, and have auxiliary heads that only training uses.
    inception = {"aux_logits": False, "transform_input": True, "init_weights": False}
    extras = inception if options.name in ("googlenet", "inception_v3") else {}
    if options.random_weights:
        return torchvision.models.get_model(options.name, weights=None, **extras)
    if options.weights:
        state = torch.load(options.weights, map_location="cpu", weights_only=True)
    else:
        try:
            state = weights.get_state_dict(progress=True, check_hash=True)
        except OSError as error:
            raise SystemExit(f"cannot download the pretrained weights of {options.name} from {weights.url}: {error}\n"
                             "Download that file elsewhere and give it as --weights FILE, or use --random-weights.")
    state = {key: value for key, value in state.items() if not (extras and key.lower().startswith("aux"))}
    classes = [value for value in state.values() if value.dim() >= 1][-1].shape[0]  # the head's bias comes last
    model = torchvision.models.get_model(options.name, weights=None, num_classes=classes, **extras)
    model.load_state_dict(state)
    return model


def preprocessing(transforms, size):
    """What the weights' own transforms do: shorter side scaled (with antialiasing), the middle cropped, then normalised. For a network of another size
    than theirs, scaled in proportion."""
    scaled = round(transforms.resize_size[0] * size / transforms.crop_size[0])
    return {"mean": transforms.mean, "std": transforms.std, "size": scaled, "resize": "crop", "interpolation": transforms.interpolation.value,
            "channel_order": "rgb"} | ({"crop_size": size} if scaled != size else {})


def main():
    options = arguments()
    weights = pretrained(options.name)
    transforms = weights.transforms()
    size = options.size or transforms.crop_size[0]
    model = build(options, weights).eval()
    example = torch.zeros(1, 3, size, size)
    with torch.no_grad():
        classes = model(example).shape[1]
    labels = options.labels.read_text().splitlines() if options.labels else weights.meta["categories"]
    if options.labels and len(labels) != classes:
        raise SystemExit(f"{options.labels} holds {len(labels)} labels, but the network has {classes} classes")

    output = options.output or MODELS / f"{options.name}.onnx"
    output.parent.mkdir(parents=True, exist_ok=True)
    export(model, example, output, options.exporter, options.opset, dynamic_batch=options.batch == "dynamic")
    document = onnx.load(output)
    metadata = {"preprocessing": json.dumps(preprocessing(transforms, size))}
    if len(labels) == classes:
        metadata["labels"] = json.dumps(labels)
    onnx.helper.set_model_props(document, metadata)
    onnx.save(document, output)
    print(f"{output}: {options.name}, {classes} classes, input {size} x {size}, {output.stat().st_size / 1e6:.1f} MB"
          + ("" if "labels" in metadata else "; no labels (give --labels FILE)"))


if __name__ == "__main__":
    main()
