"""Writes Tests/Goldens/targets: small networks that are no classifiers (segmentation, detectors, an embedding, a pair of photos), and what grad-cam
and PyTorch's autograd say of targets in them. Networks are random, with torchvision's own heads where it has them.

usage: make_target_goldens.py
"""
import json
import math
import pathlib
import tempfile
import warnings

import vision  # before pytorch_grad_cam, which imports torchvision too
import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from PIL import Image
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import SemanticSegmentationTarget
from torch import nn
from torchvision.models.segmentation.deeplabv3 import ASPP
from torchvision.models.segmentation.fcn import FCNHead

from container import Container

ROOT = pathlib.Path(__file__).parents[2] / "Tests"
GOLDENS = ROOT / "Goldens" / "targets"
HEIGHT, WIDTH, STRIDE = 64, 96, 2


def photos():
    """Two parts of Cases/photo.png, uint8 H x W x 3; the second mirrored."""
    pixels = np.asarray(Image.open(ROOT / "Cases" / "photo.png").convert("RGB"))
    return pixels[16:80], np.ascontiguousarray(pixels[8:72, ::-1])


def fed(pixels):
    return (torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32)) / 255 - 0.5)[None] / 0.5


def block(into, out, stride=1, kernel=3):
    return nn.Sequential(nn.Conv2d(into, out, kernel, stride, kernel // 2), nn.ReLU())


class Backbone(nn.Module):
    """Strides 4, 8 and 16."""

    def __init__(self, stem=6, width=8, last=10):
        super().__init__()
        self.stem = nn.Sequential(block(3, stem, 2), block(stem, width, 2))
        self.layer3, self.layer4 = block(width, width, 2), block(width, last, 2)

    def forward(self, x):
        c2 = self.stem(x)
        c3 = self.layer3(c2)
        return c2, c3, self.layer4(c3)


class Segmentation(nn.Module):
    """torchvision's: a backbone, a head and a bilinear enlargement."""

    def __init__(self, head, end=lambda y: y):
        super().__init__()
        self.backbone, self.classifier, self.end = Backbone(), head, end

    def forward(self, x):
        return self.end(F.interpolate(self.classifier(self.backbone(x)[-1]), size=x.shape[-2:], mode="bilinear", align_corners=False))


class UNet(nn.Module):
    """One number a pixel: foreground or background."""

    def __init__(self):
        super().__init__()
        self.backbone, self.up1, self.up2 = Backbone(), nn.ConvTranspose2d(10, 8, 2, 2), nn.ConvTranspose2d(8, 6, 2, 2)
        self.join1, self.join2, self.last = block(16, 8), block(14, 6), nn.Conv2d(6, 1, 1)

    def forward(self, x):
        c2, c3, c4 = self.backbone(x)
        y = self.join1(torch.cat([self.up1(c4), c3], 1))
        y = self.join2(torch.cat([self.up2(y), c2], 1))
        return F.interpolate(self.last(y), size=x.shape[-2:], mode="bilinear", align_corners=False)


class Neck(nn.Module):
    """Features of strides 8 and 16, each seen by both."""

    def __init__(self):
        super().__init__()
        self.backbone, self.lateral, self.down = Backbone(), block(18, 8), block(8, 8, 2)
        self.out = block(18, 8)

    def forward(self, x):
        _, c3, c4 = self.backbone(x)
        p3 = self.lateral(torch.cat([c3, F.interpolate(c4, scale_factor=2.0, mode="nearest")], 1))
        return p3, self.out(torch.cat([self.down(p3), c4], 1))


def centres(grids):
    """Of the grids' cells, in cells, with the stride of each: [2, N], [1, N]."""
    points, strides = [], []
    for height, width, stride in grids:
        y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
        points.append(torch.stack([x.flatten(), y.flatten()]))
        strides.append(torch.full((1, height * width), float(stride)))
    return torch.cat(points, 1), torch.cat(strides, 1)


GRIDS = [(HEIGHT // stride, WIDTH // stride, stride) for stride in (8, 16)]


class YOLO8(nn.Module):
    """The form of YOLOv8 and later: [1, 4 + C, N], distances as means of distributions, classes by sigmoids."""
    bins = 4

    def __init__(self, classes=3):
        super().__init__()
        self.neck, self.classes = Neck(), classes
        self.boxes = nn.ModuleList(nn.Sequential(block(8, 8), nn.Conv2d(8, 4 * self.bins, 1)) for _ in GRIDS)
        self.scores = nn.ModuleList(nn.Sequential(block(8, 8), nn.Conv2d(8, classes, 1)) for _ in GRIDS)

    def features(self, x):
        return self.neck(x)

    def forward(self, x, corners=False):
        features = self.features(x)
        boxes = torch.cat([head(f).flatten(2) for head, f in zip(self.boxes, features)], 2)
        scores = torch.cat([head(f).flatten(2) for head, f in zip(self.scores, features)], 2)
        distances = boxes.view(1, 4, self.bins, -1).softmax(2).mul(torch.arange(float(self.bins)).view(1, 1, -1, 1)).sum(2)
        points, strides = centres(GRIDS)
        low, high = points - distances[:, :2], points + distances[:, 2:]
        places = [low, high] if corners else [(low + high) / 2, high - low]
        return torch.cat([torch.cat(places, 1) * strides, scores.sigmoid()], 1)

    def dense(self, x):
        """Before a selection, with corners: [1, 4 + C, N]."""
        return YOLO8.forward(self, x, corners=True)


class Small(YOLO8):
    """The same without a neck, of fewer weights."""

    def __init__(self, classes=3):
        super().__init__(classes)
        self.backbone = Backbone(4, 4, 5)
        del self.neck
        self.boxes = nn.ModuleList(nn.Conv2d(width, 4 * self.bins, 1) for width in (4, 5))
        self.scores = nn.ModuleList(nn.Conv2d(width, classes, 1) for width in (4, 5))

    def features(self, x):
        return self.backbone(x)[1:]


class YOLO10(Small):
    """YOLOv10's end-to-end form: corners, and of the best scores' boxes [1, 20, 6], corners, score and class."""

    def forward(self, x):
        boxes, scores = self.dense(x).transpose(1, 2).split([4, self.classes], 2)
        index = scores.amax(2).topk(20)[1].unsqueeze(2)
        boxes, scores = boxes.gather(1, index.repeat(1, 1, 4)), scores.gather(1, index.repeat(1, 1, self.classes))
        best, index = scores.flatten(1).topk(20)
        image = torch.arange(1).unsqueeze(1)
        return torch.cat([boxes[image, index // self.classes], best.unsqueeze(2), (index % self.classes).unsqueeze(2).float()], 2)


class Suppression(torch.autograd.Function):
    """The places of the boxes that are left, best first, as ONNX's NonMaxSuppression has them: [K, 3]."""
    threshold = 0.5

    @staticmethod
    def forward(context, boxes, scores):
        low, high = boxes[0].split(2, 1)
        both = (torch.minimum(high[:, None], high) - torch.maximum(low[:, None], low)).clamp(0).prod(2)
        area = (high - low).prod(1)
        overlap, kept = both / (area[:, None] + area - both), []
        for i in scores[0, 0].argsort(descending=True).tolist():
            if all(overlap[i, j] <= Suppression.threshold for j in kept):
                kept.append(i)
        return torch.tensor([[0, 0, i] for i in kept])

    @staticmethod
    def symbolic(graph, boxes, scores):
        most, threshold = torch.tensor([1000]), torch.tensor([Suppression.threshold])
        return graph.op("NonMaxSuppression", boxes, scores, graph.op("Constant", value_t=most), graph.op("Constant", value_t=threshold))


class YOLO8Suppressed(Small):
    """What is exported with suppression inside: of the boxes that are left [1, 20, 6], corners, score and class, then zeros."""

    def forward(self, x):
        boxes, scores = self.dense(x).transpose(1, 2).split([4, self.classes], 2)
        scores, classes = scores.max(2)
        out = torch.zeros(1, 20, 6)
        mask = scores[0] > 0.25
        box, score, category = boxes[0][mask], scores[0][mask], classes[0][mask]
        keep = Suppression.apply((box + category.unsqueeze(1) * 1000)[None], score[None, None])[:20, 2]
        rows = torch.cat([box[keep], score[keep].unsqueeze(1), category[keep].unsqueeze(1).float()], 1)
        out[0] = F.pad(rows, (0, 0, 0, 20 - rows.shape[0]))
        return out


class RTDETR(nn.Module):
    """The form of ultralytics' RT-DETR, [1, N, 4 + C], boxes and scores of 0..1: the best tokens become queries."""

    def __init__(self, classes=3, queries=9, width=8):
        super().__init__()
        self.backbone, self.project, self.queries = Backbone(4, 4, 5), nn.Conv2d(5, width, 1), queries
        self.encoder_scores, self.key, self.value = nn.Linear(width, classes), nn.Linear(width, width), nn.Linear(width, width)
        self.scores, self.boxes = nn.Linear(width, classes), nn.Linear(width, 4)

    def forward(self, x):
        tokens = self.project(self.backbone(x)[-1]).flatten(2).transpose(1, 2)
        index = self.encoder_scores(tokens).amax(2).topk(self.queries)[1].unsqueeze(2)
        y = tokens.gather(1, index.repeat(1, 1, tokens.shape[2]))
        attention = (y @ self.key(tokens).transpose(1, 2) / math.sqrt(tokens.shape[-1])).softmax(-1)
        y = y + attention @ self.value(tokens)
        return torch.cat([self.boxes(y).sigmoid(), self.scores(y).sigmoid()], 2)


class YOLO5(nn.Module):
    """The form of YOLOv5: [1, N, 5 + C] with three anchors a cell and whether there is anything."""
    anchors = torch.tensor([[[10.0, 14], [20, 12], [16, 30]], [[30, 60], [60, 44], [70, 58]]])

    def __init__(self, classes=2):
        super().__init__()
        self.neck, self.numbers = Neck(), 5 + classes
        self.heads = nn.ModuleList(nn.Conv2d(8, 3 * self.numbers, 1) for _ in GRIDS)

    def forward(self, x):
        rows = []
        for head, f, (height, width, stride), anchors in zip(self.heads, self.neck(x), GRIDS, self.anchors):
            y = head(f).view(1, 3, self.numbers, height, width).permute(0, 1, 3, 4, 2).sigmoid()
            points = centres([(height, width, stride)])[0].T.view(1, 1, height, width, 2)
            centre = (y[..., :2] * 2 - 1 + points) * stride
            size = (y[..., 2:4] * 2) ** 2 * anchors.view(1, 3, 1, 1, 2)
            rows.append(torch.cat([centre, size, y[..., 4:]], -1).view(1, -1, self.numbers))
        return torch.cat(rows, 1)


class DETR(nn.Module):
    """Queries that look at the last feature map: logits of classes and of nothing, and boxes of 0..1."""

    def __init__(self, classes=3, queries=12, width=8):
        super().__init__()
        self.backbone, self.project = Backbone(), nn.Conv2d(10, width, 1)
        self.queries = nn.Parameter(torch.randn(1, queries, width))
        self.key, self.value, self.mlp = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.class_labels, self.bbox = nn.Linear(width, classes + 1), nn.Linear(width, 4)

    def forward(self, x):
        tokens = self.project(self.backbone(x)[-1]).flatten(2).transpose(1, 2)
        attention = (self.queries @ self.key(tokens).transpose(1, 2) / math.sqrt(tokens.shape[-1])).softmax(-1)
        y = self.queries + attention @ self.value(tokens)
        y = y + self.mlp(y).relu()
        return self.class_labels(y), self.bbox(y).sigmoid()


class Tower(nn.Module):
    """The form of CLIP's image tower: features, attention pooling by a class token, a projection to length 1."""

    def __init__(self, width=8, out=12):
        super().__init__()
        self.backbone, self.token = Backbone(), nn.Parameter(torch.randn(1, 1, 10))
        self.key, self.value, self.visual_projection = nn.Linear(10, 10), nn.Linear(10, 10), nn.Linear(10, out, bias=False)

    def forward(self, x):
        tokens = self.backbone(x)[-1].flatten(2).transpose(1, 2)
        attention = (self.token @ self.key(tokens).transpose(1, 2) / math.sqrt(10)).softmax(-1)
        y = self.visual_projection((attention @ self.value(tokens))[:, 0])
        return y / y.norm(dim=-1, keepdim=True)


class Siamese(nn.Module):
    """Two photos, one network: how far apart their embeddings are."""

    def __init__(self):
        super().__init__()
        self.backbone, self.fc = Backbone(), nn.Linear(10, 6)

    def forward(self, left, right):
        a, b = (self.fc(self.backbone(x)[-1].mean((2, 3))) for x in (left, right))
        return ((a - b) ** 2).sum(1, keepdim=True)


def seeded(make, seed):
    """A network whose numbers differ from place to place: weights of unit gain, statistics of norms at random."""
    torch.manual_seed(seed)
    network = make().eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                fan = module.weight[0].numel()
                module.weight.normal_(0, math.sqrt(2.0 / fan))
                if module.bias is not None:
                    module.bias.normal_(0, 0.1)
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)
    return network


def first(make, holds):
    """The network of the first seed of which something holds."""
    return next(network for network in (seeded(make, seed) for seed in range(1000)) if holds(network))


def export(network, inputs, name, inputs_named, outputs):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, inputs, f"{folder}/m.onnx", input_names=inputs_named, output_names=outputs, opset_version=17, dynamo=False)
        model = onnx.load(f"{folder}/m.onnx")
    path = GOLDENS / f"{name}.onnx"
    onnx.save(model, path)
    assert path.stat().st_size < 60_000, (name, path.stat().st_size)
    session = onnxruntime.InferenceSession(str(path))
    found = session.run(None, {n: x.numpy() for n, x in zip(inputs_named, inputs)})
    right = network(*inputs)
    for a, b in zip(found, right if isinstance(right, tuple) else (right,)):
        assert np.abs(a - b.detach().numpy()).max() < 2e-4 * max(1, b.abs().max()), name


class Flat(nn.Module):
    """A network whose result is one tensor of one photo, as grad-cam wants it."""

    def __init__(self, network, result):
        super().__init__()
        self.network, self.result = network, result

    def forward(self, x):
        return self.result(self.network, x)


def plain(network, x):
    return network(x)


class Goldens:
    def __init__(self):
        self.container, self.networks, self.cases = Container(), [], []
        self.photos = [fed(p) for p in photos()]

    def network(self, name, network, form, layer, outputs=("output",), inputs=("input",), **more):
        export(network, tuple(self.photos[:len(inputs)]), name, list(inputs), list(outputs))
        self.networks.append({"name": name, "form": form, "layer": layer} | more)

    def case(self, name, network, layer, target, y, result=plain, photo=0):
        """Gradient at the layer and Grad-CAM's map of Y = y(row), a row as one photo's result has it."""
        flat, x = Flat(network, result), self.photos[photo]
        module = network.get_submodule(layer)
        kept = {}
        hook = module.register_forward_hook(lambda m, i, o: kept.__setitem__("a", o))
        row = flat(x)
        hook.remove()
        value = y(row[0])
        gradient = torch.autograd.grad(value, kept["a"])[0][0]
        with GradCAM(flat, [module]) as cam:
            plane = cam(x, targets=[y])[0]
        assert plane.max() > 0.5, (name, target)
        key = f"{name}.{len(self.cases)}"
        self.cases.append({
            "network": name, "photo": photo, "target": target, "value": value.item(),
            "gradient": self.container.add(key + ".gradient", gradient.detach().numpy()),
            "map": self.container.add(key + ".map", plane[::STRIDE, ::STRIDE], "uint16"),
        })

    def write(self):
        self.container.write(GOLDENS, {
            "width": WIDTH, "height": HEIGHT, "mean": 0.5, "std": 0.5, "stride": STRIDE, "networks": self.networks, "cases": self.cases})


def segmentations(goldens):
    def mixed(network):
        """Whether two classes win many pixels, and few pixels are nearly another's."""
        top = logits(network, goldens.photos[0])[0].detach().topk(2, 0)
        counts = torch.bincount(top.indices[0].flatten(), minlength=4)
        return (counts > 300).sum() >= 2 and (top.values[0] - top.values[1]).min() > 1e-5

    def logits(network, x):
        return F.interpolate(network.classifier(network.backbone(x)[-1]), size=x.shape[-2:], mode="bilinear", align_corners=False)

    fcn = first(lambda: Segmentation(FCNHead(10, 4)), mixed)
    deeplab = first(lambda: Segmentation(nn.Sequential(ASPP(10, [1, 2], 6), nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
                                                        nn.Conv2d(6, 3, 1)), lambda y: y.softmax(1)), mixed)
    for name, network, classes, layer in [("fcn", fcn, 4, "backbone.layer4"), ("deeplab", deeplab, 3, "backbone.layer4")]:
        goldens.network(name, network, "pixels", layer, classes=classes)
        winners = logits(network, goldens.photos[0])[0].argmax(0)
        counts = torch.bincount(winners.flatten(), minlength=classes)
        goldens.networks[-1]["counts"] = counts.tolist()
        for category in counts.argsort(descending=True)[:2].tolist():
            goldens.case(name, network, layer, {"class": category},
                         SemanticSegmentationTarget(category, np.float32(winners == category)), logits)
        mask = np.zeros((HEIGHT, WIDTH), np.float32)
        mask[8:40, 30:70] = 1
        category = int(counts.argmax())
        goldens.case(name, network, layer, {"class": category, "mask": [30, 8, 70, 40]}, SemanticSegmentationTarget(category, mask), logits)
    unet = first(UNet, lambda network: 500 < (network(goldens.photos[0]) > 0).sum() < HEIGHT * WIDTH - 500)
    foreground = (unet(goldens.photos[0])[0, 0] > 0).float()
    goldens.network("unet", nn.Sequential(unet, nn.Sigmoid()), "pixels", "backbone.layer4", classes=2,
                    counts=[int((1 - foreground).sum()), int(foreground.sum())])
    goldens.case("unet", unet, "backbone.layer4", {"class": 1}, lambda row: (row[0] * foreground).sum())
    goldens.case("unet", unet, "backbone.layer4", {"class": 0}, lambda row: (-row[0] * (1 - foreground)).sum())


def detectors(goldens):
    layer = "neck.backbone.layer4"
    for name, network, lead, rows in [("yolo8", seeded(YOLO8, 3), 4, lambda y: y.T), ("yolo5", seeded(YOLO5, 4), 5, lambda y: y)]:
        table = rows(network(goldens.photos[0])[0]).detach()
        scores = table[:, lead:] * (table[:, 4:5] if lead == 5 else 1)
        goldens.network(name, network, "boxes", layer, classes=scores.shape[1], boxes=table[::7, :4].tolist(), scores=scores.max(1).values[::7].tolist())
        for category in (int(scores.max(0).values.argmax()), int(scores.max(0).values.argmin())):
            box = int(scores[:, category].argmax())
            goldens.case(name, network, layer, {"class": category, "box": box, "score": float(scores[box, category])},
                         lambda row: rows(row)[box, lead + category])
    chosen_from(goldens)
    detr = seeded(DETR, 6)
    logits, boxes = (t[0].detach() for t in detr(goldens.photos[0]))
    scores = logits.softmax(-1)[:, :-1]
    scaled = boxes * torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT])
    goldens.network("detr", detr, "boxes", "backbone.layer4", ("logits", "pred_boxes"), classes=3, labels=["cat", "dog", "bird"], boxes=scaled[::7].tolist(),
                    scores=scores.max(1).values[::7].tolist())
    category = int(scores.max(0).values.argmax())
    box = int(scores[:, category].argmax())
    goldens.case("detr", detr, "backbone.layer4", {"class": category, "box": box, "score": float(scores[box, category])},
                 lambda row: row[box, category], lambda network, x: network(x)[0])


def chosen_from(goldens):
    """Detectors that give chosen rows; what is explained are the scores that these are chosen from."""
    layer = "backbone.layer4"
    for name, make, seed in [("yolo10", YOLO10, 3), ("yolo8_suppressed", YOLO8Suppressed, 3), ("rtdetr", RTDETR, 6)]:
        network = seeded(make, seed)

        def table(network, x):
            return network(x) if make is RTDETR else network.dense(x).transpose(1, 2)

        rows = table(network, goldens.photos[0])[0].detach()
        boxes, scores = rows[:, :4], rows[:, 4:]
        if make is RTDETR:
            boxes = boxes * torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT])
        else:
            boxes = torch.cat([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], 1)
            # The best row that the file gives is the best of these.
            assert torch.allclose(network(goldens.photos[0])[0, 0, :4], rows[scores.max(1).values.argmax(), :4]), name
        goldens.network(name, network, "boxes", layer, classes=scores.shape[1], boxes=boxes[::7].tolist(), scores=scores.max(1).values[::7].tolist())
        best = scores.max(0).values
        # Scores next to 1 have hardly a gradient.
        category = int(best.argmin() if make is RTDETR else best.argmax())
        box = int(scores[:, category].argmax())
        goldens.case(name, network, layer, {"class": category, "box": box, "score": float(scores[box, category])},
                     lambda row: row[box, 4 + category], table)


def embeddings(goldens):
    tower = seeded(Tower, 7)
    goldens.network("tower", tower, "embedding", "backbone.layer4", ("image_embeds",))
    text = torch.randn(12, generator=torch.Generator().manual_seed(8))
    np.save(GOLDENS / "text.npy", text[None].numpy())
    goldens.case("tower", tower, "backbone.layer4", {"reference": text.tolist()}, lambda row: F.cosine_similarity(row, text, dim=0))
    other = tower(goldens.photos[1])[0].detach()
    goldens.case("tower", tower, "backbone.layer4", {"reference": other.tolist()}, lambda row: F.cosine_similarity(row, other, dim=0))
    siamese = seeded(Siamese, 9)

    def embedded(network, x):
        return network.fc(network.backbone(x)[-1].mean((2, 3)))

    right = embedded(siamese, goldens.photos[1]).detach()
    goldens.network("siamese", siamese, "classes", "backbone.layer4", ("distance",), ("left", "right"))
    goldens.case("siamese", siamese, "backbone.layer4", {"class": 1}, lambda row: row[0], lambda network, x: ((embedded(network, x) - right) ** 2).sum(1, keepdim=True))


if __name__ == "__main__":
    GOLDENS.mkdir(parents=True, exist_ok=True)
    goldens = Goldens()
    segmentations(goldens)
    detectors(goldens)
    embeddings(goldens)
    goldens.write()
