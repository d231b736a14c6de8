"""Makes the archive of the ONNX standard's node tests that Tests/NetworkTests/ConformanceTests.swift runs, out of the installed package.

    pip install onnx
    scripts/conformance.py ../shared/onnx-node-tests/node-tests.tar.gz

Every test becomes a folder with model.onnx, input_N.pb and output_N.pb. The tests' own networks (light_...) and PyTorch's exports
(pt_...) come along; tests whose values are no tensors are kept with their model alone.
"""
import pathlib
import sys
import tarfile
import tempfile

import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.case.node import collect_testcases


def write_values(folder, prefix, values):
    for index, value in enumerate(values):
        if isinstance(value, onnx.TensorProto):
            tensor = value
        elif hasattr(value, "dtype"):
            tensor = numpy_helper.from_array(value)
        else:
            return
        (folder / f"{prefix}_{index}.pb").write_bytes(tensor.SerializeToString())


def copy_stored(case, folder):
    """A test that the package carries as files: its first set of data."""
    source = pathlib.Path(case.model_dir)
    (folder / "model.onnx").write_bytes((source / "model.onnx").read_bytes())
    for file in sorted((source / "test_data_set_0").glob("*.pb")):
        (folder / file.name).write_bytes(file.read_bytes())


def main():
    archive = pathlib.Path(sys.argv[1])
    archive.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(archive, "w:gz") as tar:
        for case in collect_testcases(None):
            folder = pathlib.Path(temporary) / case.name
            folder.mkdir(exist_ok=True)
            (folder / "model.onnx").write_bytes(case.model.SerializeToString())
            inputs, outputs = case.data_sets[0]
            write_values(folder, "input", inputs)
            write_values(folder, "output", outputs)
        for kind in ("simple", "pytorch-operator", "pytorch-converted", "light"):
            for case in load_model_tests(kind=kind):
                if case.model_dir is None:
                    continue
                prefix = {"pytorch-operator": "pt_", "pytorch-converted": "pt_"}.get(kind, "")
                folder = pathlib.Path(temporary) / (prefix + case.name.removeprefix("test_") if prefix else case.name.removeprefix("test_"))
                folder.mkdir(exist_ok=True)
                copy_stored(case, folder)
        for folder in sorted(pathlib.Path(temporary).iterdir()):
            tar.add(folder, folder.name)
            count += 1
    print(count, "tests of onnx", onnx.__version__, "in", archive)


if __name__ == "__main__":
    main()
