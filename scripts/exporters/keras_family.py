"""Keras 3's networks, as tf2onnx and Keras's own `model.export(format="onnx")` write them, with the preprocessing as layers of the network."""
import functools
import os
import re

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}

from common import LABELS, Network, NoMap, PHOTOS, case, gradcam, main
import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from PIL import Image

KERAS, TF2ONNX = f"Keras {keras.__version__}", f"tf2onnx {tf2onnx.__version__}"
A = keras.applications
L = keras.layers


def small(begin, size=96):
    """A small network of one's own behind `begin`, layers that take 0..255."""
    def build():
        image = value = keras.Input((size, size, 3))
        for layer in begin():
            value = layer(value)
        for channels in (16, 32, 64):
            value = L.Conv2D(channels, 3, padding="same", strides=2)(value)
            value = L.ReLU()(L.BatchNormalization()(value))
        value = L.Dense(len(LABELS), activation="softmax")(L.GlobalAveragePooling2D()(value))
        return keras.Model(image, value)
    return build


def application(make, preprocess=None, size=96, **arguments):
    """One of keras.applications, with its preprocess_input before it."""
    def build():
        image = keras.Input((size, size, 3))
        value = preprocess(image) if preprocess else image
        network = make(weights=None, include_top=True, classes=len(LABELS), input_tensor=value, **arguments)
        return keras.Model(image, network.output)
    return build


NETWORKS = {
    "convolutions behind Rescaling(1/255)": small(lambda: [L.Rescaling(1 / 255)]),
    "convolutions behind Rescaling(1/127.5, -1)": small(lambda: [L.Rescaling(1 / 127.5, offset=-1)]),
    "convolutions behind Normalization(mean, variance)": small(lambda: [L.Rescaling(1 / 255), L.Normalization(mean=[0.485, 0.456, 0.406], variance=[0.0524, 0.0502, 0.0506])]),
    "convolutions behind Resizing(96) and Rescaling": small(lambda: [L.Resizing(96, 96), L.Rescaling(1 / 255)], 160),
    "MobileNetV2, preprocess_input": application(A.MobileNetV2, A.mobilenet_v2.preprocess_input, alpha=0.35),
    "MobileNetV3Small": application(A.MobileNetV3Small, alpha=0.75, minimalistic=True),
    "EfficientNetB0": application(A.EfficientNetB0),
    "EfficientNetV2B0": application(A.EfficientNetV2B0),
    "ResNet50, preprocess_input (Caffe's)": application(A.ResNet50, A.resnet50.preprocess_input),
    "ResNet50V2, preprocess_input": application(A.ResNet50V2, A.resnet_v2.preprocess_input),
    "DenseNet121, preprocess_input (torch's)": application(A.DenseNet121, A.densenet.preprocess_input),
    "VGG16, preprocess_input (Caffe's)": application(A.VGG16, A.vgg16.preprocess_input),
    "Xception, preprocess_input": application(A.Xception, A.xception.preprocess_input),
    "ConvNeXtTiny": application(A.ConvNeXtTiny),
}


def pixels(photo, size):
    """As keras.utils.load_img(photo, target_size=..., interpolation="bilinear") gives them."""
    return np.asarray(keras.utils.load_img(photo, target_size=(size, size), interpolation="bilinear"), np.float32)[None]


def settled(build):
    """Random weights: batch norms take the photos' statistics, the head is scaled so that the classes differ."""
    keras.utils.set_random_seed(1)
    model = build()
    size = model.input_shape[1]
    batch = np.concatenate([pixels(photo, size) for photo in PHOTOS])
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            layer.momentum = 0.0
            layer.gamma.assign(np.random.normal(1, 0.2, layer.gamma.shape)) if layer.gamma is not None else None
            layer.beta.assign(np.random.normal(0, 0.3, layer.beta.shape))
    model(batch, training=True)
    head = head_of(model)
    kernel, bias = head.get_weights()
    values = keras.Model(model.inputs, head.input)(batch).numpy().reshape(len(batch), -1) @ kernel.reshape(-1, len(LABELS))
    factor = 1.5 / np.maximum(values.std(0), 1e-6)
    head.set_weights([kernel * factor, -factor * values.mean(0)])
    return model, size


def head_of(model):
    """The layer whose outputs are the logits but for its activation."""
    return [layer for layer in model.layers if hasattr(layer, "kernel")][-1]


def map_of(model, size):
    names, head = {layer.name for layer in model.layers}, head_of(model)

    def layer_map(photo, name, category):
        parts = [known for part in re.split(r"[/.]", name) for known in (part, re.sub(r"_\d+$", "", part)) if known in names]   # MODEL_1/LAYER_1/operator
        if not parts:
            raise NoMap(f"{name} is no layer of the network")
        layer = model.get_layer(parts[-1]).output
        activations = tf.constant(keras.Model(model.inputs, layer)(pixels(photo, size), training=False))
        with tf.GradientTape() as tape:
            tape.watch(activations)
            features = keras.Model(layer, head.input)(activations, training=False)
            logit = tf.reduce_sum(tf.reshape(features, [-1]) * tf.reshape(head.kernel, [-1, len(LABELS)])[:, category])
        gradients = tape.gradient(logit, activations)
        return gradcam(activations[0].numpy(), gradients[0].numpy(), size)
    return layer_map


def exported(build, write, folder):
    model, size = settled(build)
    write(model, folder / "model.onnx")
    return Network(folder / "model.onnx", lambda photo: model(pixels(photo, size), training=False).numpy()[0], side=size, map=map_of(model, size))


def by_tf2onnx(model, path):
    specification = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="input")]
    tf2onnx.convert.from_keras(model, specification, opset=17, output_path=str(path))


def by_keras(model, path):
    model.export(path, format="onnx", verbose=False)


for name, build in NETWORKS.items():
    case(f"{KERAS}, {TF2ONNX}", name, "tf2onnx.convert.from_keras")(functools.partial(exported, build, by_tf2onnx))
    case(KERAS, name, 'model.export(format="onnx")')(functools.partial(exported, build, by_keras))

if __name__ == "__main__":
    main(keras=keras.__version__, tensorflow=tf.__version__, tf2onnx=tf2onnx.__version__)
