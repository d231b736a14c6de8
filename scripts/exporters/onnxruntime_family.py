"""What ONNX Runtime's optimiser and quantiser make of a network that scripts/export_torchvision.py wrote."""
import functools

from common import Network, NoMap, PHOTOS, case, main
from on_torch import photo_batch, torch, torch_map
import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image

from torchvision_family import CASES, random_network, write_file

CASES.clear()   # torchvision's own
LEVELS = onnxruntime.GraphOptimizationLevel


class Calibration(CalibrationDataReader):
    def __init__(self, batch):
        self.rest = iter([{"input": picture[None].numpy()} for picture in batch])

    def get_next(self):
        return next(self.rest, None)


def optimised(level):
    def write(source, target, batch):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level, options.optimized_model_filepath = level, str(target)
        onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    return write


def static(**options):
    def write(source, target, batch):
        ready = target.parent / "ready.onnx"
        quant_pre_process(str(source), str(ready))
        quantize_static(str(ready), str(target), Calibration(batch), **options)
        ready.unlink()
    return write


def dynamic(source, target, batch):
    quantize_dynamic(str(source), str(target))


def float16(source, target, batch):
    from onnxruntime.transformers.float16 import convert_float_to_float16
    onnx.save(convert_float_to_float16(onnx.load(source), keep_io_types=True), target)


# how: (what writes the file, largest difference of the scores that its arithmetic explains; integers are summed up otherwise than here)
TOOLS = {
    "optimised, basic": (optimised(LEVELS.ORT_ENABLE_BASIC), 1e-3),
    "optimised, extended": (optimised(LEVELS.ORT_ENABLE_EXTENDED), 1e-3),
    "optimised, all": (optimised(LEVELS.ORT_ENABLE_ALL), 1e-3),
    "quantize_dynamic": (dynamic, 2e-2),
    "quantize_static, QDQ": (static(quant_format=QuantFormat.QDQ), 2e-2),
    "quantize_static, QDQ, per channel": (static(quant_format=QuantFormat.QDQ, per_channel=True), 2e-2),
    "quantize_static, QDQ, uint16": (static(quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt16, extra_options={"UseQDQContribOps": True}), 2e-2),
    "quantize_static, QOperator": (static(quant_format=QuantFormat.QOperator, activation_type=QuantType.QInt8), 2e-2),
    "float16": (float16, 2e-2),
}


def exported(name, how, folder):
    write, limit = TOOLS[how]
    model, transforms, labels = random_network(name)
    source, target = folder / "float.onnx", folder / "model.onnx"
    write_file(name, model, source, "torchscript")
    batch = photo_batch(transforms.crop_size[0], transforms.mean, transforms.std)
    write(source, target, batch)
    source.unlink()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = LEVELS.ORT_DISABLE_ALL if how.startswith("quantize") else LEVELS.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(str(target), options, providers=["CPUExecutionProvider"])

    def tensor_of(photo):
        return transforms(Image.open(photo).convert("RGB"))[None]

    def predict(photo):
        logits = session.run(None, {"input": tensor_of(photo).numpy()})[0][0].astype(np.float64)
        scores = np.exp(logits - logits.max())
        return scores / scores.sum()

    def gradcam(photo, layer, category):
        if limit > 1e-3:
            raise NoMap("the file's weights or values are rounded")
        return torch_map(model, lambda output: output, tensor_of(photo), layer, category)

    return Network(target, predict, labels, transforms.resize_size[0], transforms.crop_size[0], gradcam, limit)


for how in TOOLS:
    case(f"ONNX Runtime {onnxruntime.__version__}", "torchvision resnet18", how)(functools.partial(exported, "resnet18", how))

if __name__ == "__main__":
    main(onnxruntime=onnxruntime.__version__, torch=torch.__version__)
