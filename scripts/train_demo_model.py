#!/usr/bin/env python3
"""Train the bundled demo classifier from scratch and export it to ONNX.

    pip install torch pillow onnx onnxruntime
    python3 scripts/train_demo_model.py photos.zip --minutes 45 --output Models/catdog.onnx

The data are a folder or a zip of the form split/class/name.jpg with the splits
train, val and test; the classes are the folder names in alphabetical order.
The learning-rate and image-size schedules follow the wall clock, so training ends
after --minutes on any machine. The averaged weights are saved after each epoch;
--resume trains on from them, --export-only evaluates and exports them.

--teacher names an ImageNet classifier (ONNX, N x 3 x S x S input, logits out). Its
outputs over the indices given in --teacher-classes are soft targets: summed per
class for the head that is exported, one by one for an auxiliary head that is dropped.
"""
import argparse
import json
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

from demo_model.network import CompactResNet
from demo_model.photos import MEAN, STD, decode, normalise, read_split
from demo_model.run import Run
from demo_model.teacher import soft_targets


@torch.inference_mode()
def accuracy(model, images, labels, bfloat16=False):
    model.eval()
    right = 0
    for x, y in zip(images.split(100), labels.split(100)):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = model(normalise(x.float() / 255))
        right += (logits.argmax(1) == y).sum().item()
    return right / len(labels)


def train(args, work):
    train_items, val_items = read_split(args.data, "train"), read_split(args.data, "val")
    classes = sorted({name for name, _ in train_items})
    index = lambda items: torch.tensor([classes.index(name) for name, _ in items])
    y_train, y_val = index(train_items), index(val_items)
    x_train, x_val = decode(train_items, 160), decode(val_items, args.size)
    hard = F.one_hot(y_train, len(classes)).float() * 0.9 + 0.1 / len(classes)
    targets = [hard, torch.zeros(len(hard), 0)]
    if args.teacher:
        targets = soft_targets(args, train_items, classes, hard, work / "teacher.pt")
    names = len(targets[1][0])
    model = CompactResNet(len(classes), names).to(memory_format=torch.channels_last)
    if args.resume:
        model.load_state_dict(torch.load(work / "checkpoint.pt")["weights"])
    print(f"{sum(p.numel() for p in model.parameters())} parameters, classes {classes}", flush=True)
    decay = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": args.weight_decay},
                                   {"params": plain, "weight_decay": 0}])
    run = Run(args, model, optimiser, x_train, targets)
    while run.progress < 1:
        run.train_epoch()
        torch.save({"classes": classes, "epochs": run.epoch, "weights": run.average.state_dict()},
                   work / "checkpoint.new")
        (work / "checkpoint.new").replace(work / "checkpoint.pt")
        line = f"epoch {run.epoch} size {run.size} loss {np.mean(run.losses):.4f}"
        if run.epoch % 4 == 0 or run.progress >= 1:
            line += f" val {accuracy(run.average, x_val, y_val, args.bfloat16):.4f}"
        print(f"{line} {time.time() - run.start:.0f} s", flush=True)


def load(checkpoint):
    """The averaged network without its auxiliary head, in evaluation mode, and its classes."""
    state = torch.load(checkpoint)
    weights = {k: v for k, v in state["weights"].items() if not k.startswith("auxiliary.")}
    model = CompactResNet(len(state["classes"]))
    model.load_state_dict(weights)
    return model.eval(), state["classes"]


def export(args, checkpoint):
    """Measure the saved network on the splits of --evaluate and write it as ONNX."""
    import onnx
    model, classes = load(checkpoint)
    for split in args.evaluate:
        items = read_split(args.data, split)
        labels = torch.tensor([classes.index(name) for name, _ in items])
        right = accuracy(model, decode(items, args.size), labels)
        print(f"{split}: {right:.4f} of {len(items)} photos at {args.size} x {args.size}")
    example = torch.zeros(1, 3, args.size, args.size)
    torch.onnx.export(model, (example,), args.output, dynamo=False, opset_version=17,
                      input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
    exported = onnx.load(args.output)
    preprocessing = {"mean": MEAN, "std": STD, "size": args.size, "resize": "squash",
                     "channel_order": "rgb"}
    onnx.helper.set_model_props(exported, {"labels": json.dumps(classes),
                                           "preprocessing": json.dumps(preprocessing)})
    onnx.checker.check_model(exported, full_check=True)
    onnx.save(exported, args.output)
    print(f"{args.output}: {pathlib.Path(args.output).stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder or zip: split/class/name.jpg")
    parser.add_argument("--output", default="Models/catdog.onnx")
    parser.add_argument("--export-only", action="store_true", help="use the saved state")
    parser.add_argument("--evaluate", nargs="*", default=["val", "test"], help="splits")
    parser.add_argument("--work", default="demo-training", help="folder for the saved state")
    parser.add_argument("--resume", action="store_true",
                        help="start another run of --minutes from the saved weights")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--threads", type=int, default=2, help="worker threads")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--size", type=int, default=160, help="side of the exported input")
    parser.add_argument("--bfloat16", action="store_true", help="train in bfloat16")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--teacher", help="ONNX file of an ImageNet classifier")
    parser.add_argument("--teacher-classes", nargs="*", default=["cat=281-287", "dog=151-268"])
    parser.add_argument("--teacher-mean", type=float, default=0.5)
    parser.add_argument("--teacher-std", type=float, default=0.5)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    work = pathlib.Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    if not args.export_only:
        train(args, work)
    export(args, work / "checkpoint.pt")


if __name__ == "__main__":
    main()
