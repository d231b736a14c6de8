"""Writes large photos into a new folder: cuts of a photo, enlarged, with grain. Those after the first 20 are links to these.

usage: photos.py FOLDER COUNT WIDTH HEIGHT
"""
import pathlib
import sys

import cv2
import numpy as np

SOURCE = pathlib.Path(__file__).parents[2] / "Photos" / "dog-bicycle-truck.jpg"
KINDS = 20
GRAIN = 8   # the noise that gives 12 megapixels the detail and the size of a camera's file, some 2.5 MB

folder, count, width, height = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:])
folder.mkdir()
source, noise = cv2.imread(str(SOURCE)), np.random.default_rng(0)
cut_height, cut_width = (extent * 7 // 8 for extent in source.shape[:2])
for index in range(count):
    path = folder / f"{index:04}.jpg"
    if index >= KINDS:
        path.hardlink_to(folder / f"{index % KINDS:04}.jpg")
        continue
    top, left = noise.integers(source.shape[0] - cut_height), noise.integers(source.shape[1] - cut_width)
    photo = cv2.resize(source[top:top + cut_height, left:left + cut_width], (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(GRAIN * noise.standard_normal((height // 2, width // 2, 3), dtype=np.float32), (width, height))
    cv2.imwrite(str(path), np.clip(photo + grain, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
