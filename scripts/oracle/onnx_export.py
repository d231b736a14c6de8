"""One call for both of PyTorch's ONNX exporters."""
import warnings

import torch


def export(model, example, path, exporter, opset, dynamic_batch=True, dynamic_size=False, external_data=False, keep_batch_norm=False):
    """Writes `model` (in eval mode) as ONNX, input "input" (N x 3 x H x W), output "logits" (N x classes).

    exporter: "torchscript" (opsets 7 to 20) or "dynamo" (opset 18 and up).
    external_data: the weights into a second file beside `path` (dynamo only).
    keep_batch_norm: do not fold batch norm into the convolution before it (torchscript only).
    """
    axes = ({0: "batch"} if dynamic_batch else {}) | ({2: "height", 3: "width"} if dynamic_size else {})
    common = dict(input_names=["input"], output_names=["logits"], opset_version=opset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if exporter == "torchscript":
            mode = torch.onnx.TrainingMode
            dynamic = {"input": axes} | ({"logits": {0: "batch"}} if dynamic_batch else {})
            torch.onnx.export(model, (example,), str(path), dynamo=False, dynamic_axes=dynamic if axes else None,
                              training=mode.PRESERVE if keep_batch_norm else mode.EVAL, **common)
        else:
            if dynamic_batch and example.shape[0] == 1:
                example = torch.cat([example, example])  # a batch of one would be taken as fixed
            shapes = ({axis: torch.export.Dim.DYNAMIC for axis in axes},) if axes else None
            torch.onnx.export(model, (example,), str(path), dynamo=True, dynamic_shapes=shapes,
                              external_data=external_data, verbose=False, **common)
