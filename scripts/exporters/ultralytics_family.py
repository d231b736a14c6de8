"""Ultralytics' classifiers, as `YOLO(...).export(format="onnx")` writes them."""
import os
import pathlib
import shutil
import tempfile

os.environ |= {"YOLO_CONFIG_DIR": tempfile.mkdtemp(), "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}

from common import LABELS, Network, case, main
from on_torch import fed, photo_batch, randomise, torch_map
import ultralytics
from ultralytics import YOLO


def logits(output):
    """In eval mode the network gives (probabilities, logits)."""
    return output[1] if isinstance(output, tuple) else output


def trained(name, folder):
    """best.pt of a random network with five classes, as a training leaves it."""
    yolo = YOLO(f"{name}.yaml", task="classify")
    yolo.model = type(yolo.model)(f"{name}.yaml", nc=len(LABELS), verbose=False)
    randomise(yolo.model, yolo.model.model[-1].linear, photo_batch(96, [0] * 3, [1] * 3), logits)
    yolo.model.names = dict(enumerate(LABELS))
    for parameter in yolo.model.parameters():
        parameter.requires_grad_(True)
    yolo.ckpt = {"model": yolo.model, "train_args": {"task": "classify", "imgsz": 96}}
    yolo.save(folder / "best.pt")
    return folder / "best.pt"


def exported(folder, name="yolov8n-cls", imgsz=96, **options):
    weights = trained(name, folder)
    path = pathlib.Path(YOLO(weights).export(format="onnx", imgsz=imgsz, verbose=False, **options))
    yolo = YOLO(weights)

    def predict(photo):
        return yolo.predict(photo, imgsz=imgsz, verbose=False)[0].probs.data.numpy()

    def gradcam(photo, layer, category):
        tensor = fed(yolo.predictor.model.model, lambda: predict(photo))
        return torch_map(yolo.model.float(), logits, tensor, layer, category)

    square = imgsz if isinstance(imgsz, int) else None
    return Network(path, predict, LABELS, square, map=gradcam if square else None, limit=2e-2 if options.get("half") else 1e-3)


EXPORTER = f"Ultralytics {ultralytics.__version__}"
case(EXPORTER, "yolov8n-cls", "imgsz=96")(exported)
case(EXPORTER, "yolov8n-cls", "imgsz=96, dynamic=True")(lambda folder: exported(folder, dynamic=True))
case(EXPORTER, "yolov8n-cls", "imgsz=96, half=True")(lambda folder: exported(folder, half=True))
case(EXPORTER, "yolov8n-cls", "imgsz=96, simplify=False, opset=12")(lambda folder: exported(folder, simplify=False, opset=12))
case(EXPORTER, "yolov8n-cls", "imgsz=[96, 160]")(lambda folder: exported(folder, imgsz=[96, 160]))
case(EXPORTER, "yolo11n-cls", "imgsz=224")(lambda folder: exported(folder, "yolo11n-cls", 224))
case(EXPORTER, "yolo26n-cls", "imgsz=96, dynamic=True, batch=2")(lambda folder: exported(folder, "yolo26n-cls", dynamic=True, batch=2))

if __name__ == "__main__":
    main(ultralytics=ultralytics.__version__)
