"""Makes the archive of the ONNX standard's node tests that Tests/NetworkTests/ConformanceTests.swift runs, out of the installed package.

    pip install onnx
    scripts/conformance.py ../shared/onnx-node-tests/node-tests.tar.gz

Every test becomes a folder with model.onnx, input_N.pb and output_N.pb: the operators' tests (test_...), the small models (simple_...),
what PyTorch once exported (pt_...) and whole networks with made-up weights (light_...). Values that are no tensors are left out.
"""
import pathlib
import sys
import tarfile
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.loader import DATA_DIR, load_model_tests


def write_values(folder, prefix, values):
    for index, value in enumerate(values):
        if isinstance(value, onnx.TensorProto):
            tensor = value
        elif hasattr(value, "dtype"):
            tensor = numpy_helper.from_array(value)
        else:
            return
        (folder / f"{prefix}_{index}.pb").write_bytes(tensor.SerializeToString())


def write_case(case, folder):
    """A test that the package makes in memory, of one operator."""
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    inputs, outputs = case.data_sets[0]
    write_values(folder, "input", inputs)
    write_values(folder, "output", outputs)


def write_stored(case, folder):
    """A test that the package carries as files: its first set of data."""
    source = pathlib.Path(case.model_dir)
    for file in [source / "model.onnx", *sorted((source / "test_data_set_0").glob("*.pb"))]:
        (folder / file.name).write_bytes(file.read_bytes())


def write_network(file, folder):
    """A network of the package's light folder: it reads ramps, as ONNX's own runner gives them, and its scores lie beside it."""
    model = onnx.load(file)
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    shapes = [[axis.dim_value for axis in value.type.tensor_type.shape.dim] for value in inputs]
    ramps = [(np.arange(np.prod(shape), dtype=np.float32) / np.prod(shape, dtype=np.float32)).reshape(shape) for shape in shapes]
    write_values(folder, "input", ramps)
    (folder / "model.onnx").write_bytes(file.read_bytes())
    (folder / "output_0.pb").write_bytes(file.with_name(file.stem + "_output_0.pb").read_bytes())


def main():
    archive = pathlib.Path(sys.argv[1])
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(archive, "w:gz") as tar:
        root = pathlib.Path(temporary)

        def folder(name):
            (root / name).mkdir(exist_ok=True)
            return root / name

        for case in collect_testcases(None):
            write_case(case, folder(case.name))
        for kind, prefix in [("simple", "simple_"), ("pytorch-operator", "pt_"), ("pytorch-converted", "pt_")]:
            for case in load_model_tests(kind=kind):
                write_stored(case, folder(prefix + case.name.removeprefix("test_")))
        for file in sorted((pathlib.Path(DATA_DIR) / "light").glob("*.onnx")):
            write_network(file, folder(file.stem))
        tests = sorted(root.iterdir())
        for test in tests:
            tar.add(test, test.name)
    print(len(tests), "tests of onnx", onnx.__version__, "in", archive)


if __name__ == "__main__":
    main()
