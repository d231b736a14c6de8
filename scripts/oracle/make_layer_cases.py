"""Small networks whose layers are hard to name or to choose, with the maps that are right: Tests/Cases/layers-*, and photo48.png beside them.

The maps are grad-cam's at the layer that is meant; those of quantised networks are computed from ONNX Runtime's own tensors.
"""
import pathlib
import tempfile

import vision  # before pytorch_grad_cam, which imports torchvision too
import cv2
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnxruntime import quantization
from PIL import Image
from torch import nn
from torchvision.models import resnet

from narrow import calibrate, narrow
from oracle_maps import MEAN, STD, normalised, oracle_map

CASES = pathlib.Path(__file__).parents[2] / "Tests/Cases"
SIZE = 48
torch.backends.mha.set_fastpath_enabled(False)


def photo():
    path = CASES / "photo48.png"
    Image.open(CASES / "photo.png").convert("RGB").resize((SIZE, SIZE), Image.BICUBIC).save(path)
    return normalised(np.asarray(Image.open(path)))


def block(inner, outer, stride=2, relu=True):
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer), *([nn.ReLU()] if relu else []))


class Pooled(nn.Module):
    """Blocks to [1, 12, 6, 6], a pooling, a linear head."""

    def __init__(self, pool, relu=True, width=12):
        super().__init__()
        self.f = nn.Sequential(block(3, 6), block(6, 8), block(8, 12, relu=relu))
        self.pool, self.fc = pool, nn.Linear(width, 4)

    def forward(self, x):
        return self.fc(self.pool(self.f(x)))


class GeM(nn.Module):
    """Radenovic, Tolias and Chum 2018, an exponent a channel."""

    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.linspace(2, 4, 12).view(1, 12, 1, 1))

    def forward(self, x):
        return nn.functional.avg_pool2d(x.clamp(min=1e-6).pow(self.p), x.shape[-2:]).pow(1 / self.p).flatten(1)


class LogSumExp(nn.Module):
    def forward(self, x):
        return (4 * x).exp().mean((2, 3)).log() / 4


class RootMeanSquare(nn.Module):
    def forward(self, x):
        return x.pow(2).mean((2, 3)).sqrt()


class MaximumAndMean(nn.Module):
    def forward(self, x):
        return x.amax((2, 3)) + x.mean((2, 3))


class Attention(nn.Module):
    """Weights of a convolution, softmax over the places, weighted sum."""

    def __init__(self, by_product):
        super().__init__()
        self.score, self.by_product = nn.Conv2d(12, 1, 1), by_product

    def forward(self, x):
        shares = self.score(x).flatten(2).softmax(-1)
        if self.by_product:
            return (x.flatten(2) @ shares.transpose(1, 2)).flatten(1)
        return (x * shares.view(-1, 1, 6, 6)).sum((2, 3))


class TokenAttention(nn.Module):
    """The pooling of OpenAI's CLIP with a convolutional tower: [tokens, batch, channels], the mean asks."""

    def __init__(self):
        super().__init__()
        self.places, self.attention = nn.Parameter(torch.randn(37, 1, 12) / 4), nn.MultiheadAttention(12, 2)

    def forward(self, x):
        x = x.flatten(2).permute(2, 0, 1)
        x = torch.cat([x.mean(0, keepdim=True), x]) + self.places
        return self.attention(x[:1], x, x, need_weights=False)[0].squeeze(0)


class SideBySide(nn.Module):
    """Two towers of the same depth, joined behind their poolings: the wider one is meant."""

    def __init__(self):
        super().__init__()
        self.wide, self.narrow = (nn.Sequential(block(3, 6), block(6, 8), block(8, width)) for width in (16, 12))
        self.fc = nn.Linear(28, 4)

    def forward(self, x):
        return self.fc(torch.cat([self.wide(x).mean((2, 3)), self.narrow(x).mean((2, 3))], 1))


class Encoder(nn.Module):
    """nn.TransformerEncoder as it comes, [tokens, batch, channels]; with a class token or the mean of all."""

    def __init__(self, has_class_token, norm_first):
        super().__init__()
        self.embed = nn.Conv2d(3, 16, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 16)) if has_class_token else None
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(16, 2, 32, norm_first=norm_first), 2, enable_nested_tensor=False)
        self.fc = nn.Linear(16, 4)

    def forward(self, x):
        x = self.embed(x).flatten(2).permute(2, 0, 1)
        if self.token is None:
            return self.fc(self.encoder(x).mean(0))
        return self.fc(self.encoder(torch.cat([self.token.expand(-1, x.shape[1], -1), x]))[0])


class WithoutBatch(nn.Module):
    """Tokens [T, C]: the batch is squeezed before the blocks."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(16), nn.LayerNorm(16)
            self.q, self.k, self.v, self.out = (nn.Linear(16, 16) for _ in range(4))
            self.mlp = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

        def forward(self, x):
            y = self.norm1(x)
            x = x + self.out((self.q(y) @ self.k(y).T / 4).softmax(-1) @ self.v(y))
            return x + self.mlp(self.norm2(x))

    def __init__(self):
        super().__init__()
        self.embed, self.token = nn.Conv2d(3, 16, 8, 8), nn.Parameter(torch.randn(1, 16))
        self.blocks, self.fc = nn.Sequential(self.Block(), self.Block()), nn.Linear(16, 4)

    def forward(self, x):
        x = torch.cat([self.token, self.embed(x).squeeze(0).flatten(1).T])
        return self.fc(self.blocks(x)[:1])


class Residual(nn.Module):
    """Names as torchvision's: conv1, bn1, conv2, bn2."""

    class Basic(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(8, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8)
            self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8)
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(x + self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))

    def __init__(self):
        super().__init__()
        self.stem, self.plain = block(3, 8, 4), nn.Conv2d(8, 8, 3, 2, 1)
        self.layer4, self.fc = nn.Sequential(self.Basic(), self.Basic()), nn.Linear(8, 4)

    def forward(self, x):
        return self.fc(self.layer4(self.plain(self.stem(x))).mean((2, 3)))


class Ending(nn.Module):
    """A network for the quantiser, ending in a sigmoid gate, joined branches, or a maximum."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.stem = kind, nn.Sequential(block(3, 8), block(8, 12))
        self.a, self.b, self.pool = nn.Conv2d(12, 8, 3, 1, 1), nn.Conv2d(12, 8, 1), nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16 if kind == "concat" else 8, 4)

    def forward(self, x):
        x = self.stem(x)
        if self.kind == "sigmoid":
            y = self.a(x).sigmoid()
        elif self.kind == "concat":
            y = torch.cat([self.a(x).relu(), self.b(x)], 1)
        else:
            y = nn.functional.max_pool2d(self.a(x).relu(), 2)
        return self.fc(self.pool(y).flatten(1))


def export(model, tensor, path, dynamo=False):
    path.parent.mkdir(exist_ok=True)
    if dynamo:
        torch.onnx.export(model, (tensor,), path, dynamo=True, opset_version=18, external_data=False, verbose=False)
        return strip(path)
    torch.onnx.export(model, (tensor,), path, dynamo=False, opset_version=17)


def strip(path):
    """Without what is only for reading: stack traces and types."""
    file = onnx.load(path)
    for node in file.graph.node:
        kept = [p for p in node.metadata_props if p.key in ("pkg.torch.onnx.name_scopes", "pkg.onnxscript.rewriter.rule_name")]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
        node.doc_string = ""
    del file.graph.value_info[:]
    for item in list(file.graph.input) + list(file.graph.output) + list(file.graph.initializer):
        del item.metadata_props[:]
    onnx.save(file, path)


def grid(tokens_first, extra):
    """A layer's tokens as [1, C, 6, 6]."""
    def reshape(x):
        x = x if tokens_first else x.transpose(0, 1)
        return x.reshape(len(x), -1)[extra:].T.reshape(1, -1, 6, 6)
    return reshape


def random_model(make, tensor, seed):
    torch.manual_seed(seed)
    model = make().eval()
    if not isinstance(model, WithoutBatch):
        calibrate(model, torch.cat([tensor, tensor.flip(3), -tensor, torch.randn_like(tensor)]), seed)
    return model


def write(folder, name, make, tensor, layer, reshape=None, dynamo=False):
    """The network of the first seed whose map of class 1 is not blank."""
    for seed in range(3, 30):
        model = random_model(make, tensor, seed)
        map_ = oracle_map("gradcam", model, [layer], tensor, 1, reshape)
        if map_.max() > 0.9:
            break
    export(model, tensor, CASES / folder / f"{name}.onnx", dynamo)
    np.save(CASES / folder / f"{name}.npy", map_.astype(np.float32))


def tokens(tensor):
    folder = "layers-tokens-first"
    write(folder, "encoder-mean", lambda: Encoder(False, True), tensor, "encoder.layers[-1]", grid(True, 0))
    write(folder, "encoder-class-token", lambda: Encoder(True, False), tensor, "encoder.layers[0]", grid(True, 1))
    write(folder, "encoder-dynamo", lambda: Encoder(True, True), tensor, "encoder.layers[-1].norm1", grid(True, 1), dynamo=True)
    write(folder, "without-batch", WithoutBatch, tensor, "blocks[-1].norm1", grid(True, 1))


def poolings(tensor):
    folder = "layers-poolings"
    for name, pool, relu in [
        ("gem-a-channel", GeM, True), ("log-sum-exp", LogSumExp, True), ("root-mean-square", RootMeanSquare, False), ("maximum-and-mean", MaximumAndMean, True),
        ("attention-sum", lambda: Attention(False), True), ("attention-product", lambda: Attention(True), True), ("attention-tokens", TokenAttention, True),
    ]:
        write(folder, name, lambda: Pooled(pool(), relu), tensor, "f[-1]")
    write(folder, "gem-dynamo", lambda: Pooled(GeM()), tensor, "f[-1]", dynamo=True)
    write(folder, "side-by-side", SideBySide, tensor, "wide[-1]")


def norms(tensor):
    folder = "layers-folded-norm"
    model = random_model(Residual, tensor, 3)
    export(model, tensor, CASES / folder / "residual.onnx")
    for name in ("bn1", "bn2"):
        np.save(CASES / folder / f"{name}.npy", oracle_map("gradcam", model, [f"layer4[-1].{name}"], tensor, 1).astype(np.float32))
    write(folder, "dynamo", lambda: Pooled(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())), tensor, "f[-1][1]", dynamo=True)


def keras(tensor):
    """A network of PyTorch under the names that tf2onnx writes: the node's from the convolution, the tensor's from the norm folded into it."""
    folder, prefix = "layers-keras", "StatefulPartitionedCall/model_1/"
    model = random_model(lambda: Pooled(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())), tensor, 3)
    path = CASES / folder / "nested.onnx"
    export(model, tensor, path)
    file = onnx.load(path)
    nodes, tensors = {}, {"input": "input_1", file.graph.output[0].name: "Identity:0"}
    counts = {}
    for node in file.graph.node:
        index = counts[node.op_type] = counts.get(node.op_type, 0) + 1
        inner = f"backbone/block{index}" if index > 1 and node.op_type in ("Conv", "Relu") else f"stem{index}"
        new, result = {
            "Conv": (f"{inner}_conv/Conv2D", f"{inner}_bn/FusedBatchNormV3:0"), "Relu": (f"{inner}_relu/Relu", f"{inner}_relu/Relu:0"),
            "GlobalAveragePool": ("avg_pool/Mean", "avg_pool/Mean:0"), "Flatten": ("avg_pool/Mean_Squeeze__12", "avg_pool/Mean_Squeeze__12:0"),
            "Gemm": ("predictions/MatMul", "predictions/BiasAdd:0"),
        }[node.op_type]
        node.name = prefix + new
        tensors.setdefault(node.output[0], prefix + result)
        if node.op_type == "Conv":
            for end, name in zip(("weights_fused_bn", "bias_fused_bn"), node.input[1:]):
                tensors[name] = f"{prefix}{inner}_conv/Conv2D_{end}"
    for node in file.graph.node:
        node.input[:] = [tensors.get(name, name) for name in node.input]
        node.output[:] = [tensors.get(name, name) for name in node.output]
    for item in list(file.graph.input) + list(file.graph.output) + list(file.graph.initializer):
        item.name = tensors.get(item.name, item.name)
    del file.graph.value_info[:]
    onnx.checker.check_model(file)
    onnx.save(file, path)
    for name, layer in [("relu", "f[-1]"), ("norm", "f[-1][1]"), ("stem", "f[0]")]:
        np.save(CASES / folder / f"{name}.npy", oracle_map("gradcam", model, [layer], tensor, 1).astype(np.float32))


class Reader(quantization.CalibrationDataReader):
    def __init__(self, name, tensor):
        self.items = iter([{name: (tensor * scale).numpy()} for scale in (1, 0.8, 1.2)])

    def get_next(self):
        return next(self.items, None)


def quantise(folder, name, make, tensor, form, seed=3):
    """The map at the tensor that the pooling reads, in real units: its gradient is the head's weights, as the rounding passes gradients straight through."""
    model = random_model(make, tensor, seed)
    path = CASES / folder / f"{name}.onnx"
    with tempfile.TemporaryDirectory() as temporary:
        plain = pathlib.Path(temporary) / "plain.onnx"
        export(model, tensor, plain)
        quantization.shape_inference.quant_pre_process(str(plain), str(plain), skip_symbolic_shape=True)
        path.parent.mkdir(exist_ok=True)
        quantization.quantize_static(
            str(plain), str(path), Reader(onnx.load(plain).graph.input[0].name, tensor), quant_format=form,
            activation_type=quantization.QuantType.QInt8, weight_type=quantization.QuantType.QInt8)
    file = onnx.load(path)
    strip(path)
    constants = {item.name: numpy_helper.to_array(item) for item in file.graph.initializer}
    pool = next(node for node in file.graph.node if "GlobalAveragePool" in node.op_type)
    read = pool.input[0]
    if form == quantization.QuantFormat.QOperator:
        scale, zero = constants[pool.input[1]], constants[pool.input[2]]
    file.graph.output.append(helper.make_empty_tensor_value_info(read))
    session = onnxruntime.InferenceSession(file.SerializeToString(), onnxruntime.SessionOptions())
    whole = session.run([read], {file.graph.input[0].name: tensor.numpy()})[0].astype(np.float32)
    real = (whole - np.float32(zero)) * scale if form == quantization.QuantFormat.QOperator else whole
    weight = next(value for key, value in constants.items() if key.startswith("fc.weight") and key.endswith("_quantized"))
    # The class's row; the scale of the weights and the number of places change no map in 0..1.
    raw = np.maximum(np.einsum("k,khw->hw", weight.astype(np.float32)[1] if weight.shape[0] == 4 else weight.astype(np.float32)[:, 1], real[0]), 0)
    if raw.max() <= 0:
        return quantise(folder, name, make, tensor, form, seed + 1)
    low = (raw - raw.min()) / (1e-7 + (raw - raw.min()).max())
    low = cv2.resize(low.astype(np.float32), (SIZE, SIZE))
    np.save(CASES / folder / f"{name}.npy", ((low - low.min()) / (1e-7 + (low - low.min()).max())).astype(np.float32))


def quantised(tensor):
    folder = "layers-quantised"
    for kind in ("sigmoid", "concat", "maximum"):
        quantise(folder, f"qoperator-{kind}", lambda: Ending(kind), tensor, quantization.QuantFormat.QOperator)

    def narrow_resnet():
        with narrow(32):
            return resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], num_classes=4)
    quantise(folder, "qoperator-resnet", narrow_resnet, tensor, quantization.QuantFormat.QOperator)
    quantise(folder, "qdq-resnet", narrow_resnet, tensor, quantization.QuantFormat.QDQ)


if __name__ == "__main__":
    torch.set_num_threads(1)
    image = photo()
    for make in (tokens, poolings, norms, keras, quantised):
        make(image)
