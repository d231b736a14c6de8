"""Imports torchvision, also where its compiled operators do not load.

Wheels of torchvision that were built for another build of torch carry a `_C` library that cannot be loaded, and the import then
fails on operators that no classifier uses (nms, roi_align, ...). Declaring their names is enough to import the classifiers.
"""
import importlib
import importlib.util
import pathlib
import re
import sys

import torch


def import_torchvision():
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    _declare_operators()
    return importlib.import_module("torchvision")


def _declare_operators():
    package = pathlib.Path(importlib.util.find_spec("torchvision").submodule_search_locations[0])
    names = set()
    for file in package.glob("_*_registrations.py"):
        names |= set(re.findall(r'(?:register_meta\("|torchvision::)(\w+)', file.read_text()))
    library = torch.library.Library("torchvision", "DEF")
    for name in sorted(names):
        library.define(f"{name}(Tensor x) -> Tensor")
    _declare_operators.library = library  # the declarations live as long as this object


torchvision = import_torchvision()
