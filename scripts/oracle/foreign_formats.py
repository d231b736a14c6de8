"""The small classifier as today's tools write it: tf2onnx, PyTorch with functions, preprocessing inside, other outputs, weights in few bits."""
import numpy as np
import onnx
from onnx import TensorProto, helper

from foreign_graph import B1, B2, CLASS, File, HEAD, HEAD_BIAS, MEAN, SCALE, SHIFT, SIZE, VARIANCE, W1, W2, head, trunk


def plain():
    file = File()
    file.save("plain", head(file, trunk(file, "input")))


def keras_channels_last():
    """As tf2onnx writes Keras: NHWC input, transpositions, Pad nodes, a mean over axes 1 and 2, MatMul + Add, a closing Softmax."""
    file = File()
    x = file.node("Transpose", "input", perm=[0, 3, 1, 2])
    x = file.node("Pad", x, np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64))
    x = file.node("Conv", x, W1, B1, kernel_shape=[3, 3], strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("Transpose", file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), perm=[0, 2, 3, 1])
    x = file.node("Conv", file.node("Transpose", x, perm=[0, 3, 1, 2]), W2, B2, kernel_shape=[3, 3], auto_pad="SAME_UPPER")
    x = file.node("Relu", file.node("Transpose", x, perm=[0, 2, 3, 1]))
    x = file.node("Add", file.node("MatMul", file.node("ReduceMean", x, axes=[1, 2], keepdims=0), HEAD), HEAD_BIAS)
    file.save("keras_channels_last", file.node("Softmax", x), shape=("N", SIZE[1], SIZE[0], 3))


def preprocessing_inside():
    """uint8 pixels, channels last; cast, divided, normalised inside the graph."""
    file = File()
    x = file.node("Cast", "input", to=TensorProto.FLOAT)
    x = file.node("Div", x, np.float32(255))
    x = file.node("Sub", x, np.array([0.485, 0.456, 0.406], np.float32))
    x = file.node("Div", x, np.array([0.229, 0.224, 0.225], np.float32))
    x = file.node("Transpose", x, perm=[0, 3, 1, 2])
    file.save("preprocessing_inside", head(file, trunk(file, x)), shape=("N", SIZE[1], SIZE[0], 3), kind=TensorProto.UINT8)


def batch_of_four():
    """The batch fixed at 4, in shapes and constants too."""
    file = File()
    x = trunk(file, "input")
    x = file.node("Add", x, np.zeros((4, 8, 1, 1), np.float32))
    x = file.node("Reshape", file.node("GlobalAveragePool", x), np.array([4, -1], np.int64))
    x = file.node("Reshape", file.node("Reshape", x, np.array([4, 2, 4], np.int64)), np.array([4, 8], np.int64))
    file.save("batch_of_four", file.node("Gemm", x, HEAD, HEAD_BIAS), shape=(4, 3, SIZE[1], SIZE[0]), batch=4)


def several_outputs():
    """The features, an auxiliary head, then the scores."""
    file = File()
    x = trunk(file, "input")
    file.nodes.append(helper.make_node("Identity", [x], ["features"], name="features"))
    auxiliary = file.node("Gemm", file.node("Flatten", file.node("GlobalMaxPool", x)), HEAD[:, :3].copy(), HEAD_BIAS[:3].copy())
    file.nodes.append(helper.make_node("Identity", [auxiliary], ["auxiliary"], name="auxiliary"))
    extra = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 8, 8, 10]),
             helper.make_tensor_value_info("auxiliary", TensorProto.FLOAT, ["N", 3])]
    file.save("several_outputs", head(file, x), extra_outputs=extra)


def one_output():
    """A binary classifier: one score behind a Sigmoid; class 3 of the plain network."""
    file = File()
    x = file.node("Flatten", file.node("GlobalAveragePool", trunk(file, "input")))
    x = file.node("Gemm", x, HEAD[:, CLASS:CLASS + 1].copy(), HEAD_BIAS[CLASS:CLASS + 1].copy())
    file.save("one_output", file.node("Sigmoid", x), classes=1)


def grey():
    """One input channel: the plain network's first convolution, summed over its channels."""
    file = File()
    file.save("grey", head(file, trunk_grey(file, "input")), shape=("N", 1, SIZE[1], SIZE[0]))


def trunk_grey(file, x):
    x = file.node("Concat", x, x, x, axis=1)
    return trunk(file, x)


def functions_and_if():
    """The second convolution in a model-local function, with its slope as an attribute; the head behind an If whose condition is constant."""
    leaky = helper.make_node("LeakyRelu", ["y"], ["z"])
    reference = onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    leaky.attribute.append(reference)
    body = [helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), leaky]
    function = helper.make_function("local", "Block", ["x", "w", "b"], ["z"], body, [helper.make_opsetid("", 13)], ["slope"])
    file = File()
    x = file.node("Conv", "input", W1, B1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Block", x, W2, B2, domain="local", slope=0.0)
    condition = file.node("Equal", file.node("Gather", file.node("Shape", x), np.int64(1)), np.int64(8))

    def branch(kind):
        nodes = [helper.make_node(kind, [x], [f"{kind}_pooled"]), helper.make_node("Flatten", [f"{kind}_pooled"], [f"{kind}_flat"])]
        return helper.make_graph(nodes, kind, [], [helper.make_tensor_value_info(f"{kind}_flat", TensorProto.FLOAT, None)])
    x = file.node("If", condition, then_branch=branch("GlobalAveragePool"), else_branch=branch("GlobalMaxPool"))
    file.save("functions_and_if", file.node("Gemm", x, HEAD, HEAD_BIAS), functions=[function])


def keras_unfused():
    """As tf2onnx writes an unfrozen Keras network: batch norm as Mul and Add, biases as Add behind a transposition, ReLU6 as Clip, a mean whose
    axes are squeezed after it."""
    file = File()
    scale = (SCALE / np.sqrt(VARIANCE + 1e-5)).astype(np.float32)
    x = file.node("Transpose", "input", perm=[0, 3, 1, 2])
    x = file.node("Conv", x, W1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("Add", file.node("Transpose", x, perm=[0, 2, 3, 1]), B1)
    x = file.node("Add", file.node("Mul", x, scale), (SHIFT - MEAN * scale).astype(np.float32))
    x = file.node("Clip", x, np.float32(0), np.float32(6))
    x = file.node("MaxPool", file.node("Transpose", x, perm=[0, 3, 1, 2]), kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Conv", x, W2, auto_pad="SAME_UPPER", kernel_shape=[3, 3])
    x = file.node("Relu", file.node("Add", file.node("Transpose", x, perm=[0, 2, 3, 1]), B2))
    x = file.node("Squeeze", file.node("ReduceMean", x, axes=[1, 2], keepdims=1), np.array([1, 2], np.int64))
    file.save("keras_unfused", file.node("Add", file.node("MatMul", x, HEAD), HEAD_BIAS), shape=("N", SIZE[1], SIZE[0], 3))


def dynamic_shapes():
    """Height and width open; the head's shape computed from the input's, step by step, and a resize to the size that the map has anyway."""
    file = File()
    x = trunk(file, "input")
    shape = file.node("Shape", x)
    part = lambda index: file.node("Gather", shape, np.array(index, np.int64), axis=0)
    area = file.node("Mul", part(2), part(3))
    unsqueezed = lambda value: file.node("Unsqueeze", value, np.array([0], np.int64))
    target = file.node("Concat", unsqueezed(part(0)), unsqueezed(part(1)), unsqueezed(area), axis=0)
    sizes = file.node("Concat", file.node("Slice", shape, np.array([0], np.int64), np.array([2], np.int64)),
                      file.node("Cast", file.node("Div", file.node("Cast", file.node("Slice", shape, np.array([2], np.int64), np.array([4], np.int64)),
                                                                   to=TensorProto.FLOAT), np.float32(1)), to=TensorProto.INT64), axis=0)
    x = file.node("Resize", x, np.zeros(0, np.float32), np.zeros(0, np.float32), sizes, mode="linear", coordinate_transformation_mode="pytorch_half_pixel")
    x = file.node("ReduceMean", file.node("Reshape", x, target), axes=[2], keepdims=0)
    file.save("dynamic_shapes", file.node("Gemm", x, HEAD, HEAD_BIAS), shape=("N", 3, "H", "W"))


def without_batch():
    """One photo, [channels, height, width]; the batch is added inside and taken off behind."""
    file = File()
    x = file.node("Unsqueeze", "input", np.array([0], np.int64))
    file.save("without_batch", head(file, trunk(file, x)), shape=(3, SIZE[1], SIZE[0]), batch=1)


def best_class():
    """The index of the best class alone."""
    file = File()
    x = file.node("Softmax", head(file, trunk(file, "input")), axis=-1)
    file.nodes.append(helper.make_node("ArgMax", [x], ["class"], name="class", axis=1, keepdims=0))
    file.save("best_class", None, outputs=[helper.make_tensor_value_info("class", TensorProto.INT64, ["N"])])


def best_three():
    """The three best classes, score and index."""
    file = File()
    x = head(file, trunk(file, "input"))
    file.nodes.append(helper.make_node("TopK", [x, file.weight(np.array([3], np.int64))], ["best", "indices"], name="best"))
    outputs = [helper.make_tensor_value_info("best", TensorProto.FLOAT, ["N", 3]), helper.make_tensor_value_info("indices", TensorProto.INT64, ["N", 3])]
    file.save("best_three", None, outputs=outputs)


def label_and_table():
    """The label of the best class and a table of all, as Azure Custom Vision writes them."""
    file = File()
    x = file.node("Softmax", head(file, trunk(file, "input")), axis=1)
    best = file.node("ArgMax", x, axis=1, keepdims=0)
    names = ["ant", "bee", "cat", "dog", "eel"]
    labels = helper.make_tensor("labels", TensorProto.STRING, [5], [name.encode() for name in names])
    file.initializers.append(labels)
    file.nodes.append(helper.make_node("ArrayFeatureExtractor", ["labels", best], ["label"], name="label", domain="ai.onnx.ml"))
    file.nodes.append(helper.make_node("ZipMap", [x], ["table"], name="table", domain="ai.onnx.ml", classlabels_strings=names))
    table = helper.make_value_info("table", helper.make_sequence_type_proto(helper.make_map_type_proto(
        TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, None))))
    file.save("label_and_table", None, outputs=[helper.make_tensor_value_info("label", TensorProto.STRING, None), table], domains=["ai.onnx.ml"])


def sequences():
    """Python lists as TorchScript leaves them: channels split into a sequence, its elements put together again."""
    file = File()
    x = file.node("SplitToSequence", trunk(file, "input"), np.array([3, 5], np.int64), axis=1)
    parts = [file.node("SequenceAt", x, np.array(index, np.int64)) for index in (0, -1)]
    x = file.node("ConcatFromSequence", file.node("SequenceConstruct", *parts), axis=1)
    file.save("sequences", head(file, x))


def token_pruning():
    """The 20 places whose features are largest, found while running, are all that the head reads."""
    file = File()
    x = file.node("Reshape", trunk(file, "input"), np.array([0, 8, -1], np.int64))
    x = file.node("Transpose", x, perm=[0, 2, 1])
    size = file.node("ReduceSum", x, np.array([2], np.int64), keepdims=0)
    _, best = file.node("TopK", size, np.array([20], np.int64), outputs=2, axis=1)
    index = file.node("Expand", file.node("Unsqueeze", best, np.array([2], np.int64)), np.array([1, 20, 8], np.int64))
    x = file.node("ReduceMean", file.node("GatherElements", x, index, axis=1), axes=[1], keepdims=0)
    file.save("token_pruning", file.node("Gemm", x, HEAD, HEAD_BIAS), shape=(1, 3, SIZE[1], SIZE[0]), batch=1)


def external_data():
    """The weights in a file beside it."""
    file = File()
    file.save("external_data", head(file, trunk(file, "input")), external="external_data.bin")
