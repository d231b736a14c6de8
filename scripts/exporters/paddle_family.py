"""PaddlePaddle's classifiers, as paddle.onnx.export (paddle2onnx) writes them; such a file says nothing of the preprocessing."""
import functools
import importlib.metadata

from common import LABELS, Network, PHOTOS, case, gradcam, main
import paddle
from PIL import Image
from paddle.vision import models, transforms

PADDLE2ONNX = importlib.metadata.version("paddle2onnx")
SIZE = 96
TRANSFORM = transforms.Compose([transforms.Resize((SIZE, SIZE)), transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
NETWORKS = {   # name: (maker, head, block before the pooling)
    "resnet18": (lambda: models.resnet18(num_classes=len(LABELS)), lambda model: model.fc, lambda model: model.layer4),
    "mobilenet_v2, scale 0.35": (lambda: models.mobilenet_v2(scale=0.35, num_classes=len(LABELS)), lambda model: model.classifier[1], lambda model: model.features),
    "mobilenet_v3_small, scale 0.5": (lambda: models.mobilenet_v3_small(scale=0.5, num_classes=len(LABELS)), lambda model: model.classifier[3], lambda model: model.lastconv),
    "shufflenet_v2_x0_25": (lambda: models.shufflenet_v2_x0_25(num_classes=len(LABELS)), lambda model: model._fc, lambda model: model._last_conv),
}


def fed(photo):
    return TRANSFORM(Image.open(photo).convert("RGB")).unsqueeze(0)


def exported(name, folder):
    make, head_of, block_of = NETWORKS[name]
    paddle.seed(1)
    model = make()
    head, batch = head_of(model), paddle.concat([fed(photo) for photo in PHOTOS])
    norms = [layer for layer in model.sublayers() if isinstance(layer, paddle.nn.BatchNorm2D)]
    for layer in norms:
        layer._momentum = 0.0
    model.train()
    with paddle.no_grad():
        model(batch)
        model.eval()
        values = model(batch) - head.bias
        factor = 1.5 / paddle.clip(values.std(0), 1e-6)
        head.weight.set_value(head.weight * factor)
        head.bias.set_value(-factor * values.mean(0))
    paddle.onnx.export(model, str(folder / "model"), input_spec=[paddle.static.InputSpec([None, 3, SIZE, SIZE], "float32", "x")], opset_version=14)

    def predict(photo):
        with paddle.no_grad():
            return paddle.nn.functional.softmax(model(fed(photo)))[0].numpy()

    def block_map(photo, layer, category):
        """At the block before the pooling: the file's node names are not the modules'."""
        taken = []
        handle = block_of(model).register_forward_post_hook(lambda layer, inputs, output: taken.append(output))
        score = model(fed(photo))[0, category]
        handle.remove()
        gradients = paddle.grad(score, taken)[0]
        return gradcam(taken[0][0].numpy().transpose(1, 2, 0), gradients[0].numpy().transpose(1, 2, 0), SIZE)

    return Network(folder / "model.onnx", predict, None, SIZE, None, block_map)


for name in NETWORKS:
    case(f"paddlepaddle {paddle.__version__}, paddle2onnx {PADDLE2ONNX}", name, "paddle.onnx.export")(functools.partial(exported, name))

if __name__ == "__main__":
    main(paddlepaddle=paddle.__version__, paddle2onnx=PADDLE2ONNX)
