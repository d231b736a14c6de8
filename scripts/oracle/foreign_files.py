"""Writes Tests/Goldens/foreign: one small classifier as many tools write it down, and what PyTorch and ONNX Runtime say of it.

usage: foreign_files.py

The gradient's map comes from torch's autograd on a twin with the weights that the file holds. Logits come from ONNX Runtime where it runs the file
and the file gives them; else from the twin, with which ONNX Runtime's decision or probabilities are compared. A file of before opset 7 or in
bfloat16, which ONNX Runtime does not run, is compared with its twin alone.
"""
import numpy as np
import onnxruntime
from PIL import Image

import foreign_formats as formats
import foreign_old as old
import foreign_quantised as quantised
from container import Container
from foreign_graph import CLASS, FOLDER, SIZE
from foreign_twin import OfLargestPlaces, Twin, gradcam
from make_goldens import photo, photo_file
from oracle_maps import MEAN, STD, normalised

WRITERS = [
    formats.plain, formats.keras_channels_last, formats.preprocessing_inside, old.caffe2_opset6, formats.batch_of_four, formats.several_outputs,
    formats.one_output, formats.grey, formats.functions_and_if, quantised.half_weights, quantised.int8_weights,
    formats.keras_unfused, formats.dynamic_shapes, formats.without_batch, formats.best_class, formats.best_three, formats.label_and_table,
    formats.sequences, formats.token_pruning, formats.external_data, old.caffe2_opset3, old.mxnet_opset4, old.opset5, old.opset8,
    quantised.bfloat16_weights, quantised.float16_graph, quantised.bfloat16_graph, quantised.int8_per_tensor, quantised.int4_blocks,
    quantised.qdq, quantised.qoperators, quantised.qoperators_all, quantised.dynamic_quantised,
]
BEYOND_RUNTIME = ("caffe2_opset3", "mxnet_opset4", "opset5", "caffe2_opset6", "bfloat16_graph")


def normal(pixels, channels=3):
    """The network's input, 1 x channels x H x W."""
    if channels == 1:
        return normalised(np.asarray(Image.fromarray(pixels).convert("L"))[..., None], MEAN[:1], STD[:1])
    return normalised(pixels, MEAN, STD)


def feed(name, pixels):
    """The file's input for a photo, uint8 H x W x 3."""
    planes = normal(pixels, 1 if name == "grey" else 3).numpy()
    if name == "preprocessing_inside":
        return pixels[None]
    if name.startswith("keras"):
        return planes.transpose(0, 2, 3, 1)
    if name == "without_batch":
        return planes[0]
    if name == "float16_graph":
        return planes.astype(np.float16)
    return np.concatenate([planes] * 4) if name == "batch_of_four" else planes


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum()


def runtime_logits(name, pixels, logits):
    """The file's logits by ONNX Runtime; the twin's where the file gives something else, which is compared."""
    if name in BEYOND_RUNTIME:
        return logits
    options = onnxruntime.SessionOptions()   # as the file says: no rewriting of quantised weights
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(FOLDER / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
    outputs = dict(zip([output.name for output in session.get_outputs()], session.run(None, {"input": feed(name, pixels)})))
    if name == "best_class":
        assert outputs["class"][0] == logits.argmax()
        return logits
    if name == "best_three":
        assert (outputs["indices"][0] == logits.argsort()[:-4:-1]).all() and np.abs(outputs["best"][0] - np.sort(logits)[:-4:-1]).max() < 1e-4
        return logits
    if name == "label_and_table":
        table = np.array(list(outputs["table"][0].values()))
        assert np.abs(table - softmax(logits)).max() < 1e-5 and list(outputs["table"][0])[logits.argmax()] in outputs["label"].flatten()
        return logits
    scores = outputs["scores"][0]
    if name == "one_output":
        assert abs(scores[0] - 1 / (1 + np.exp(-logits[CLASS]))) < 1e-5
        return np.array([-logits[CLASS], logits[CLASS]])
    if name == "qoperators_all":   # probabilities of 8 bits
        assert np.abs(scores - softmax(logits)).max() < 1 / 255, (scores, softmax(logits))
        return logits
    if name == "keras_channels_last":
        assert np.abs(scores - softmax(logits)).max() < 1e-5
        return logits
    assert np.abs(scores - logits).max() < (0.02 if name == "float16_graph" else 1e-4), (name, scores, logits)
    return logits if name == "float16_graph" else scores   # activations are rounded there, but here not


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.iterdir():
        file.unlink()
    pixels = photo("cat", SIZE)
    photo_file("cat", SIZE).write_bytes(pixels.tobytes())
    container, files, plain = Container(), [], Twin()
    container.add("map", gradcam(plain, normal(pixels), CLASS)[0])
    for write in WRITERS:
        name = write.__name__
        twin = write() or (OfLargestPlaces() if name == "token_pruning" else plain)
        tensor = normal(pixels, 1).repeat(1, 3, 1, 1) if name == "grey" else normal(pixels)
        expected, logits = gradcam(twin, tensor, CLASS)
        of_file = "map" if twin is plain and name != "grey" else container.add(f"{name} map", expected, "uint16")
        container.add(name, runtime_logits(name, pixels, logits))
        files.append({"file": name, "class": 1 if name == "one_output" else CLASS, "map": of_file})
    container.write(FOLDER, {"photo": photo_file("cat", SIZE).name, "width": SIZE[0], "height": SIZE[1], "files": files})
    print(len(files), "files,", sum(f.stat().st_size for f in FOLDER.iterdir()) // 1024, "KB")


if __name__ == "__main__":
    main()
