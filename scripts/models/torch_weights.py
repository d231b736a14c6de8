"""Reads the tensors of a PyTorch state dict, as torch.save wrote it before version 1.6, on numpy alone.

Such a file is five pickles (magic number, protocol, sizes of types, the state dict, keys of storages), then each storage: a count in 8 bytes
and its numbers. A pickle can call whatever it names; here it can name what a state dict is made of and nothing else.
"""
import collections
import pickle

import numpy as np

MAGIC = 0x1950a86a20f9469cfc6c
STORAGES = {"FloatStorage": np.dtype("<f4"), "DoubleStorage": np.dtype("<f8"), "HalfStorage": np.dtype("<f2"), "LongStorage": np.dtype("<i8"),
            "IntStorage": np.dtype("<i4")}
Tensor = collections.namedtuple("Tensor", "storage offset shape strides")


class StateDictReader(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file)
        self.storages = {}   # key: (element type, count)

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, requires_grad, hooks: Tensor(storage, offset, shape, strides)
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a state dict")

    def persistent_load(self, identity):
        _, element, key, _, count, _ = identity
        self.storages[key] = (element, count)
        return key


def read_state_dict(path):
    """{name: array}. Raises pickle.UnpicklingError or ValueError where the file holds anything else."""
    with open(path, "rb") as file:
        if StateDictReader(file).load() != MAGIC:
            raise ValueError(f"{path}: not a file of torch.save before version 1.6")
        StateDictReader(file).load(), StateDictReader(file).load()
        reader = StateDictReader(file)
        tensors = reader.load()
        values = {}
        for key in StateDictReader(file).load():
            element, count = reader.storages[key]
            if int.from_bytes(file.read(8), "little") != count:
                raise ValueError(f"{path}: storage {key} does not hold {count} numbers")
            values[key] = np.frombuffer(file.read(count * element.itemsize), element)   # raises where the file ends early
            if values[key].size != count:
                raise ValueError(f"{path} ends early")
    return {name: strided(values[tensor.storage], tensor) for name, tensor in tensors.items()}


def strided(values, tensor):
    """The numbers of a tensor, out of its storage."""
    last = tensor.offset + sum((extent - 1) * stride for extent, stride in zip(tensor.shape, tensor.strides))
    if min(tensor.offset, *tensor.strides, *tensor.shape, 0) < 0 or len(tensor.strides) != len(tensor.shape) or last >= values.size:
        raise ValueError("a tensor reaches beyond its storage")
    return np.lib.stride_tricks.as_strided(values[tensor.offset:], tensor.shape, [stride * values.itemsize for stride in tensor.strides])
