"""Writes Tests/Goldens/regions/golden.json: boxes and masks of small maps by OpenCV, COCO's run lengths by pycocotools, and how maps lie
to what people marked, by Quantus; and intervals of 95 % of means and shares by SciPy.

A map is given by whole numbers of 0..255; its values are these over 255, in single precision.

usage: make_region_goldens.py
"""
import json

import cv2
import numpy as np
from pycocotools import mask as coco
from quantus import PointingGame, RelevanceMassAccuracy, RelevanceRankAccuracy
from scipy import stats

from make_goldens import GOLDENS

SHARE = np.float32(0.15)


def smooth(rng, height, width):
    """Some hills, as class activation maps are."""
    small = rng.random((3, 4)).astype(np.float32) ** 3
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).clip(0)
    return np.uint8(255 * large / large.max())


def largest_box(values):
    """x0, y0, x1, y1 of the largest component above 15 % of the maximum; None where there is none."""
    inside = np.uint8(values > SHARE * values.max())
    count, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    if count == 1:
        return None
    x, y, width, height, _ = stats[1 + stats[1:, cv2.CC_STAT_AREA].argmax()].tolist()
    return [x, y, x + width, y + height]


def region(name, levels):
    values = np.float32(levels) / np.float32(255)
    level, inside = cv2.threshold(np.uint8(255 * values), 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    runs = coco.encode(np.asfortranarray(inside))
    return {"name": name, "width": levels.shape[1], "height": levels.shape[0], "levels": levels.ravel().tolist(),
            "box": largest_box(values), "otsu": int(level), "inside": int(inside.sum()), "counts": runs["counts"].decode(),
            "bounds": coco.toBbox(runs).tolist()}


def truth(name, levels, boxes):
    """Boxes are marked: pixels whose centres are in one of them."""
    values = np.float32(levels) / np.float32(255)
    height, width = levels.shape
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    inside = np.zeros((height, width), bool)
    for x0, y0, x1, y1 in boxes:
        inside |= (x0 <= x) & (x < x1) & (y0 <= y) & (y < y1)

    def judged(metric):
        return float(metric(normalise=False, disable_warnings=True)
                     .evaluate_batch(a_batch=values[None, None], s_batch=inside[None, None])[0])

    found = largest_box(values)
    corners = lambda box: [box[0], box[1], box[2] - box[0], box[3] - box[1]]
    overlaps = coco.iou([corners(found)], [corners(box) for box in boxes], [0] * len(boxes))
    return {"name": name, "width": width, "height": height, "levels": levels.ravel().tolist(), "boxes": boxes,
            "pointing_game": judged(PointingGame), "energy_inside": judged(RelevanceMassAccuracy),
            "relevance_rank": judged(RelevanceRankAccuracy), "overlap": float(overlaps.max())}


def interval(values):
    """Wilson's of zeros and ones, else Student's."""
    values, count = np.float64(values), len(values)
    if set(values.tolist()) <= {0.0, 1.0}:
        kind, found = "wilson", stats.binomtest(int(values.sum()), count).proportion_ci(0.95, "wilson")
        low, high = found.low, found.high
    else:
        kind, (low, high) = "t", stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    return {"values": values.tolist(), "mean": values.mean(), "low": low, "high": high, "kind": kind}


def main():
    rng = np.random.default_rng(0)
    regions = [region(f"hills {height} x {width}", smooth(rng, height, width))
               for height, width in ((1, 1), (1, 17), (19, 1), (7, 9), (16, 16), (13, 33), (33, 65))]
    regions += [region(f"noise {height} x {width}", rng.choice([0, 0, 30, 60, 255], (height, width)).astype(np.uint8))
                for height, width in ((9, 9), (8, 31), (21, 64))]
    # Parts that touch at their corners alone, two of one size, a ring with an island, a comb that joins at its last row.
    text = {"corners": "#..#/.##./#..#", "equal": "##..../##..../....##/....##", "ring": "######/#....#/#.##.#/#....#/######",
            "comb": "#.#.#.#/#.#.#.#/#######", "spiral": "#######/......#/#####.#/#...#.#/#.###.#/#.....#/#######",
            "full": "###/###", "all but one": "###/##."}
    for name, rows in text.items():
        rows = rows.split("/")
        regions.append(region(name, np.array([[200 if c == "#" else 10 for c in row] for row in rows], np.uint8)))
    truths = []
    for height, width, boxes in ((9, 13, [[2, 1, 9, 6]]), (12, 20, [[0, 0, 7.5, 5.25], [11.6, 3, 18, 11]]), (15, 15, [[0, 0, 15, 15]]),
                                 (11, 16, [[12, 7, 16, 11]])):
        # No two numbers are alike, so that their order is the same to everybody.
        order = np.argsort(np.argsort(smooth(rng, height, width).ravel(), kind="stable"))
        levels = np.round(order * (255 / (order.size - 1))).astype(np.uint8).reshape(height, width)
        truths.append(truth(f"{len(boxes)} in {height} x {width}", levels, boxes))
    intervals = [interval(rng.normal(3, 2, count).round(3)) for count in (2, 3, 7, 20, 21, 22, 60)]
    intervals += [interval(values) for values in ([1, 1], [0, 0, 0], [1, 0, 1, 1, 1, 0, 1], [1] * 40 + [0], [0.5, 0.5, 0.5, 0.25], [-1, 1, 0])]
    folder = GOLDENS / "regions"
    folder.mkdir(exist_ok=True)
    cases = [f"{key}: [\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]"
             for key, cases in (('"regions"', regions), ('"truths"', truths), ('"intervals"', intervals))]
    (folder / "golden.json").write_text("{" + ",\n".join(cases) + "}\n")


if __name__ == "__main__":
    main()
