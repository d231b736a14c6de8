"""fastai's learners, their network exported by torch.onnx.export; such a file says nothing of the preprocessing."""
import functools
import json

from common import LABELS, Network, PHOTOS, case, main
from on_torch import fed, photo_batch, randomise, torch, torch_map, torchvision
import fastai
from fastai.vision.all import ImageDataLoaders, Normalize, Resize, imagenet_stats, vision_learner
from onnx_export import export


def exported(method, side_car, folder):
    loaders = ImageDataLoaders.from_lists(folder, PHOTOS * 4, LABELS[:3] * 4, valid_pct=0.25, seed=1, bs=2, num_workers=0,
                                          item_tfms=Resize(128, method=method), batch_tfms=Normalize.from_stats(*imagenet_stats))
    learner = vision_learner(loaders, torchvision.models.resnet18, pretrained=False)
    model = learner.model
    batch = photo_batch(128, *[list(part) for part in imagenet_stats])
    linear = torch.nn.Linear(model[-1][-1].in_features, 3)
    model[-1][-1] = linear   # fastai's has no bias
    randomise(model, linear, batch)
    export(model, batch[:1], folder / "model.onnx", "dynamo", 18)
    vocabulary = list(loaders.vocab)
    if side_car:
        (folder / "model.json").write_text(json.dumps(side_car | {"labels": vocabulary}))

    def predict(photo):
        with learner.no_bar():
            return learner.predict(photo)[2].numpy()

    def gradcam(photo, layer, category):
        return torch_map(model, lambda output: output, fed(model, lambda: predict(photo)), layer, category)

    return Network(folder / "model.onnx", predict, vocabulary if side_car else None, 128, None, gradcam, limit=1e-2 if method == "crop" else 1e-3)


EXPORTER = f"fastai {fastai.__version__}, torch {torch.__version__.split('+')[0]}"
case(EXPORTER, "vision_learner(resnet18), Resize(128, squish)", "torch.onnx.export")(functools.partial(exported, "squish", None))
case(EXPORTER, "vision_learner(resnet18), Resize(128)", 'torch.onnx.export, side-car {"resize": "crop", "labels": ...}')(functools.partial(exported, "crop", {"resize": "crop"}))

if __name__ == "__main__":
    main(fastai=fastai.__version__, torch=torch.__version__)
