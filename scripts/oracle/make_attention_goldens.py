"""Writes Tests/Goldens/attention: attention rollout and gradient rollout by their papers' formulas, in PyTorch, on
transformers of make_goldens.py, which comes first, and on some that only these methods need.

usage: make_attention_goldens.py

Rollout: Abnar and Zuidema 2020, section 3 (0.5 A + 0.5 I, heads averaged). Gradient rollout: Chefer et al. 2021, eq. 5
and 6 (R <- R + A' R, A' the mean over the heads of relu(A * dY/dA)). Both as products of whole matrices. The map is the
mean row of the tokens that the head reads, over the patches, min-max normalised and enlarged as by the oracle.
"""
import copy
import types

import networks
import numpy as np
import onnx
import timm
import torch
from pytorch_grad_cam.utils.image import scale_cam_image
from torch import nn

from container import Container
from make_goldens import GOLDENS, PHOTOS, check_export, photo
from make_option_goldens import rebuilt
from onnx_export import export
from oracle_maps import normalised


class Recorder:
    """Keeps the probabilities of every attention, heads x queries x keys, while a model runs."""

    def __enter__(self):
        self.found, self.fused, self.softmax = [], nn.functional.scaled_dot_product_attention, torch.Tensor.softmax

        def keep(probabilities):
            probabilities.retain_grad()
            self.found.append(probabilities)
            return probabilities

        def attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None):
            scores = q @ k.transpose(-2, -1) * (scale or q.shape[-1] ** -0.5)
            return keep(self.softmax(scores if attn_mask is None else scores + attn_mask, -1)) @ v

        nn.functional.scaled_dot_product_attention = attention
        torch.Tensor.softmax = lambda scores, dim: keep(self.softmax(scores, dim))
        return self

    def __exit__(self, *_):
        nn.functional.scaled_dot_product_attention, torch.Tensor.softmax = self.fused, self.softmax


class Case(types.SimpleNamespace):
    """A network: how many tokens stand before its patches, and the tokens that its head reads; `probe`: these are one
    that is no token of the blocks, and follows them. `build` and `files` for those with files of their own."""

    probe = False

    def embedded(self, matrix, tokens):
        """As a matrix of all tokens, of a block of the patches alone or of one that the class token or probe reads."""
        rows, columns = matrix.shape
        left = 0 if self.probe else tokens - columns
        top = PATCHES if self.probe and rows == 1 else left
        whole = torch.zeros(tokens, tokens, dtype=matrix.dtype)
        whole[top:top + rows, left:left + columns] = matrix
        return whole

    def maps(self, model, tensor, category):
        """Both methods' maps, at the network's input size."""
        model.zero_grad()
        with Recorder() as recorder:
            logits = model(tensor)[0]
        logits[category].backward()
        blocks = [(a[0].detach(), a.grad[0]) for a in recorder.found]
        tokens = max(a.shape[-1] for a, _ in blocks) + self.probe
        identity = torch.eye(tokens, dtype=tensor.dtype)
        rollout, relevance = identity, identity
        for a, g in blocks:
            mean = self.embedded(a.mean(0), tokens)
            residual = torch.diag(1 - 0.5 * mean.sum(1))   # 1 for a token that does not look
            rollout = (0.5 * mean + residual) @ rollout
            relevance = relevance + self.embedded((a * g).relu().mean(0), tokens) @ relevance
        side = int(PATCHES ** 0.5)
        for name, matrix in ("rollout", rollout), ("gradientrollout", relevance):
            row = matrix[self.read].mean(0)[self.first:self.first + PATCHES]
            plane = scale_cam_image(row.relu().reshape(1, side, side).numpy(), tuple(tensor.shape[2:]))
            yield name, scale_cam_image(plane)[0]


PATCHES = 64
SMALL = dict(img_size=64, patch_size=8, depth=3, num_classes=10, embed_dim=16, num_heads=2, mlp_ratio=2)
VisionTransformer, Distilled = timm.models.VisionTransformer, timm.models.deit.VisionTransformerDistilled
CASES = {
    "vit": Case(first=1, read=[0]),
    "timm_vit_registers": Case(first=4, read=list(range(4, 68))),
    "timm_cait": Case(first=1, read=[0]),
    "deit": Case(first=2, read=[0, 1], build=lambda: Distilled(**SMALL), files={"torchscript": 17}),
    "registers": Case(first=4, read=[0], build=lambda: VisionTransformer(**SMALL, reg_tokens=3), files={"dynamo": 23}),
    "probe": Case(first=0, read=[64], probe=True, files={"torchscript": 17},
                  build=lambda: VisionTransformer(**SMALL, class_token=False, global_pool="map")),
}
FOLDER = GOLDENS / "attention"


def built(name, case, tensor):
    """A network of random weights whose attention is far from even, and its files."""
    torch.manual_seed(1)
    model = case.build().eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)
    files = []
    for exporter, opset in case.files.items():
        file = FOLDER / f"{name}.onnx"
        export(model, tensor, file, exporter, opset, dynamic_batch=False)
        document = onnx.load(file)
        for described in [*document.graph.node, *document.graph.value_info, *document.graph.initializer]:
            del described.metadata_props[:]
        onnx.save(document, file)
        with torch.no_grad():
            check_export(file, tensor, model(tensor)[0])
        files.append(f"attention/{file.name}")
    return model, [2, 5], files


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    fed = {name: normalised(photo(name, (64, 64))) for name in PHOTOS}
    known = {network.name: network for network in networks.ALL}
    container, cases = Container(), []
    for name, case in CASES.items():
        if name in known:
            model, classes, _ = rebuilt(known[name])
            files = [f"{name}/{exporter}.onnx" for exporter in ("torchscript", "dynamo")]
        else:
            model, classes, files = built(name, case, fed["cat"])
        double = copy.deepcopy(model).double()
        for image, category in zip(fed, classes):
            exact = dict(case.maps(double, fed[image].double(), category))
            for method, array in case.maps(model, fed[image], category):
                error = np.abs(array - exact[method]).max()
                print(f"{name} {image} {category} {method}: rounding moves it by {error:.2g}", flush=True)
                if not error < 2.5e-5:
                    raise SystemExit("too much to compare with")
                key = container.add(f"{name} {image} {category} {method}", array[::2, ::2], "uint16")
                cases.append({"files": files, "photo": image, "class": category, "method": method, "tensor": key})
    container.write(FOLDER, {"cases": cases})


if __name__ == "__main__":
    main()
