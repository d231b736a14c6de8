"""Writes Tests/Goldens/metrics: what metrics say of some maps, for some networks of make_goldens.py, which comes first.

usage: make_metric_goldens.py

Confidence, ROAD, complexity, coherency and ARCC are grad-cam 1.5.7's, max-sensitivity and infidelity Captum 0.9's, sparseness Quantus's,
rank correlations SciPy's; insertion, deletion and ADCC their papers' formulas in NumPy. What is drawn at random is drawn as the program
draws it. The judged maps are rounded as they are stored.
"""
import math
import warnings

import vision  # before pytorch_grad_cam and quantus, which import torchvision too
import numpy as np
import torch
from captum.metrics import infidelity, sensitivity_max
from pytorch_grad_cam.metrics import road
from pytorch_grad_cam.metrics.arcc import ARCC
from pytorch_grad_cam.metrics.cam_mult_image import DropInConfidence, IncreaseInConfidence
from pytorch_grad_cam.metrics.perturbation_confidence import PerturbationConfidenceMetric
from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget
from quantus import Sparseness
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

import networks
from container import Container
from input_maps import normal, stream
from make_goldens import GOLDENS
from make_option_goldens import rebuilt
from oracle_maps import METHODS, oracle_map

warnings.filterwarnings("ignore")
# network: photo, method, another method; each of the photo's best class
CHOSEN = {"resnet18": ("cat", "gradcam", None), "resnet_dilated": ("coffee", "gradcam++", None),
          "mobilenet_v2": ("coffee", "layercam", None), "vit": ("cat", "gradcam", "hirescam")}
STEPS = 224
# Nodes with weights from the head down, as a file with its norms as nodes has them.
RESNET18 = ["fc"] + [f"layer{stage}.{name}" for stage in (4, 3, 2, 1)
                     for name in ["1.conv2", "1.conv1", "0.conv2", "0.conv1"] + (["0.downsample.0"] if stage > 1 else [])] + ["conv1"]


def stored(plane):
    """A map as the container keeps it."""
    return (np.round(plane.astype(np.float64) * 65535).astype(np.float32) * np.float32(1 / 65535)).astype(np.float32)


class Judge:
    """A model, an input (1 x 3 x H x W), a class and a way to make maps of it."""

    def __init__(self, model, x, category, make):
        self.model, self.x, self.category, self.make = model, x, category, make
        self.targets = [ClassifierOutputSoftmaxTarget(category)]

    def scores(self, inputs):
        with torch.no_grad():
            return np.concatenate([self.model(part).softmax(1)[:, self.category].numpy() for part in inputs.split(32)]).astype(np.float64)

    def confidence(self, plane):
        drop = float(DropInConfidence()(self.x, plane[None], self.targets, self.model)[0])
        increase = float(IncreaseInConfidence()(self.x, plane[None], self.targets, self.model)[0])
        return {"confidence-drop": drop / self.scores(self.x)[0], "confidence-drop-absolute": drop, "confidence-increase": increase}

    def curve(self, plane, first, last):
        order = np.argsort(-plane.flatten(), kind="stable")
        pixels = math.ceil(order.size / STEPS)
        now, target = first.flatten(2).clone(), last.flatten(2)
        inputs = [now.clone()]
        for start in range(0, order.size, pixels):
            part = torch.from_numpy(order[start:start + pixels])
            now[..., part] = target[..., part]
            inputs.append(now.clone())
        return float(np.trapezoid(self.scores(torch.cat(inputs).reshape(-1, *self.x.shape[1:])), dx=1 / (len(inputs) - 1)))

    def insertion(self, plane):
        sigma = max(plane.shape) * 5 / 224
        blurred = np.stack([gaussian_filter(channel, sigma, mode="nearest") for channel in self.x[0].numpy()])[None]
        return {"insertion": self.curve(plane, torch.from_numpy(blurred), self.x)}

    def deletion(self, plane):
        return {"deletion": self.curve(plane, self.x, torch.zeros_like(self.x))}

    def removal(self, plane, percentiles):
        """The scores' changes, most and least relevant first, by the oracle's classes with the program's noise."""
        changes, number, own = [], 0, torch.randn_like
        try:
            for remover in (road.RemoveMostRelevantFirst, road.RemoveLeastRelevantFirst):
                for percentile in percentiles:
                    bits = lambda like, number=number: normal(stream(0, number, like.numel())).astype(np.float32)
                    torch.randn_like = lambda like: torch.from_numpy(bits(like)).reshape(like.shape)
                    metric = PerturbationConfidenceMetric(remover(percentile, road.NoisyLinearImputer()))
                    changes.append(float(metric(self.x, plane[None], self.targets, self.model)[0]))
                    number += 1
        finally:
            torch.randn_like = own
        return np.mean(changes[:len(percentiles)]), np.mean(changes[len(percentiles):])

    def road(self, plane):
        most, least = self.removal(plane, range(10, 100, 10))
        return {"road": (least - most) / 2, "road-morf": most, "road-lerf": least}

    def combined(self, plane):
        """ARCC and ADCC, and what they are made of."""
        most, least = self.removal(plane, (20, 40, 60, 80))
        oracle = ARCC(lambda input_tensor, targets: self.make(self.model, input_tensor)[None])
        oracle.road = lambda *_: np.array([(least - most) / 2])
        coherency = float(oracle.coherency(self.x, plane[None], self.targets, self.model, oracle.base_method)[0])
        complexity = float(oracle.complexity(plane[None])[0])
        parts = [coherency, 1 - complexity, 1 - self.confidence(plane)["confidence-drop"]]
        return {"coherency": coherency, "complexity": complexity, "adcc": 3 / sum(1 / part for part in parts),
                "arcc": float(oracle(self.x, plane[None], self.targets, self.model)[0])}

    def sparseness(self, plane):
        metric = Sparseness(abs=True, normalise=False, disable_warnings=True)
        return {"sparseness": float(metric.evaluate_batch(x_batch=self.x.numpy(), a_batch=plane[None, None].astype(np.float64))[0])}

    def max_sensitivity(self, plane):
        def noisy(inputs):
            bits = np.stack([stream(0, sample, self.x.numel()) for sample in range(len(inputs))])
            uniform = 2 * (bits >> np.uint64(40)).astype(np.float64) / 2**24 - 1
            return inputs + torch.from_numpy((0.02 * uniform).astype(np.float32)).reshape(inputs.shape)

        def explain(inputs):
            """A tuple of maps; Captum asks for those of (x,) first, then for those of its noisy copies."""
            maps = [plane] if isinstance(inputs, tuple) else [self.make(self.model, one[None]) for one in inputs]
            return (torch.from_numpy(np.stack(maps))[:, None],)
        return {"max-sensitivity": float(sensitivity_max(explain, self.x, noisy, n_perturb_samples=10)[0])}

    def infidelity(self, plane):
        def spans(size):
            side = max(1, size // 7)
            step = max(1, side // 2)
            return [(start * step, min(start * step + side, size)) for start in range(math.ceil((size - side) / step) + 1)]
        windows = torch.zeros(len(spans(plane.shape[0])) * len(spans(plane.shape[1])), 1, *plane.shape)
        for window, (rows, columns) in zip(windows, [(rows, columns) for rows in spans(plane.shape[0]) for columns in spans(plane.shape[1])]):
            window[:, rows[0]:rows[1], columns[0]:columns[1]] = 1

        def forward(masks):
            with torch.no_grad():
                return torch.cat([self.model(self.x * part)[:, self.category] for part in masks.split(32)])
        value = infidelity(forward, lambda masks: (windows, masks - windows), torch.ones(1, 1, *plane.shape),
                           torch.from_numpy(plane)[None, None], n_perturb_samples=len(windows), normalize=True)
        return {"infidelity": float(value[0])}

    def sanity(self, plane, names):
        """Weights drawn anew from the head down."""
        kept = {name: value.clone() for name, value in self.model.state_dict().items()}

        def correlation(count):
            for number, name in enumerate(names[:count]):
                weight = self.model.get_submodule(name).weight
                own = weight.detach().numpy().astype(np.float64)
                drawn = np.float32(own.mean()) + np.float32(own.std()) * normal(stream(0, number, own.size)).astype(np.float32)
                weight.data = torch.from_numpy(drawn.reshape(own.shape))
            other = self.make(self.model, self.x)
            self.model.load_state_dict(kept)
            return spearmanr(plane.flatten(), other.flatten()).statistic
        steps = min(10, len(names))
        return {"sanity-head": correlation(1),
                "sanity-cascade": np.mean([correlation(math.ceil(len(names) * step / steps)) for step in range(1, steps + 1)])}


def main():
    torch.set_num_threads(1)
    container, cases = Container(), []
    for network in networks.ALL:
        if network.name not in CHOSEN:
            continue
        model, _, tensors = rebuilt(network)
        photo, method, other = CHOSEN[network.name]
        x = tensors[photo]
        with torch.no_grad():
            category = int(model(x)[0].argmax())

        def make(model, x, method=method):
            with torch.enable_grad():
                return oracle_map(method, model, [network.layer], x, category, network.reshape)
        plane, judge = stored(make(model, x)), Judge(model, x, category, make)
        key = f"{network.name} {photo} {category} {method}"
        container.add(key, plane, "uint16")
        case = {"network": network.name, "photo": photo, "class": category, "method": method, "layers": [network.layer], "tensor": key,
                "score": float(judge.scores(x)[0])}
        measures, files = {}, {}
        for measured in (judge.confidence, judge.insertion, judge.deletion, judge.road, judge.combined, judge.sparseness,
                         judge.max_sensitivity, judge.infidelity):
            measures |= measured(plane)
        if other:
            case["other"] = container.add(f"{network.name} {photo} {category} {other}", stored(make(model, x, other)), "uint16")
            measures["rank-correlation/other"] = spearmanr(plane.flatten(), stored(make(model, x, other)).flatten()).statistic
        if network.name == "resnet18":
            measures |= judge.sanity(plane, RESNET18)
            files = {name: ["torchscript.onnx"] for name in ("sanity-head", "sanity-cascade")}
        cases.append(case | {"files": files, "measures": {name: float(value) for name, value in measures.items()}})
        print(network.name, measures, flush=True)
    container.write(GOLDENS / "metrics", {"cases": cases})


if __name__ == "__main__":
    main()
