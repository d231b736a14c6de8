"""Makes Tests/Cases/label-files/: labels as people's tools write them. right.json holds each file's labels, or words of the reason why it has none."""
import csv
import io
import json
import pprint
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "Tests/Cases/label-files"
PETS = ["cat", "dog's friend", "malignant, grade 2"]
MANY = ["zebra", "ant", "bee", "crane", "dodo", "emu", "fox", "gnu", "hen", "ibis", "jay", "crane"]
WORDNET = ["n01440764", "n01443537", "n01484850", "n01491361", "n01494475", "n01496331", "n01498041", "n01514668", "n01514859", "n01518878", "n01530575", "n02012849"]


def lines(rows, end="\n"):
    return end.join(rows) + end


def table(rows, **options):
    text = io.StringIO()
    csv.writer(text, **options).writerows(rows)
    return text.getvalue()


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    right = {}

    def save(name, content, labels):
        (FOLDER / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        right[name] = labels

    # flow_from_directory(...).class_indices of Keras; its keys are distinct
    save("keras_class_indices.json", json.dumps({label: index for index, label in enumerate(MANY[:11])}), MANY[:11])
    save("digit_folders.json", json.dumps({"0": 0, "1": 1, "10": 2, "2": 3}), ["0", "1", "10", "2"])
    # json.dumps({v: k for k, v in class_to_idx.items()}, indent=4) of PyTorch's tutorials, keys sorted as texts
    save("pytorch_class_indices.json", json.dumps({str(index): label for index, label in enumerate(MANY)}, indent=4, sort_keys=True), MANY)
    save("imagenet_class_index.json", json.dumps({str(i): [number, label] for i, (number, label) in enumerate(zip(WORDNET, MANY))}), MANY)
    names = dict(enumerate(PETS))
    save("config.json", json.dumps({"architectures": ["X"], "id2label": names, "label2id": {v: k for k, v in names.items()}, "num_channels": 3}, indent=2), PETS)
    save("label2id.json", json.dumps({"label2id": {v: k for k, v in names.items()}}), PETS)
    save("timm_config.json", json.dumps({"architecture": "x", "num_classes": 3, "label_names": PETS, "label_descriptions": {}}), PETS)
    save("array.json", json.dumps(PETS), PETS)
    save("names_repr.txt", repr(names), PETS)
    save("clsidx_to_labels.txt", pprint.pformat(dict(enumerate(MANY)), width=20), MANY)
    save("python_list.txt", repr(PETS), PETS)

    save("utf16_le.txt", b"\xff\xfe" + lines(PETS, "\r\n").encode("utf-16-le"), PETS)
    save("utf16_be.txt", b"\xfe\xff" + lines(["Köter", "猫"]).encode("utf-16-be"), ["Köter", "猫"])
    save("bom.json", b"\xef\xbb\xbf" + json.dumps(PETS).encode(), PETS)
    save("bom.csv", b"\xef\xbb\xbf" + table([["index", "label"], *enumerate(PETS)]).encode(), PETS)
    save("quotes.txt", lines([f'"{label}"' for label in PETS]) + "\n\n", PETS)

    save("colons.txt", lines([f"{i}: {label}" for i, label in enumerate(MANY)]), MANY)
    save("spaces.txt", lines([f"{i} {label}" for i, label in enumerate(MANY[:11])]), MANY[:11])
    save("from_one.txt", lines([f"{i + 1} {i + 1:03}.{label}" for i, label in enumerate(MANY)]), [f"{i + 1:03}.{label}" for i, label in enumerate(MANY)])
    save("tabs.tsv", table(enumerate(PETS), delimiter="\t"), PETS)
    save("commas.csv", table(enumerate(PETS)), PETS)
    save("all_quoted.csv", table(enumerate(PETS), quoting=csv.QUOTE_ALL), PETS)
    save("label_first.csv", table([[label, i] for i, label in enumerate(PETS)]), PETS)
    save("synset.txt", lines([f"{number} {label}, {label}" for number, label in zip(WORDNET, MANY)]), [f"{label}, {label}" for label in MANY])
    save("header.csv", table([["index", "mid", "display_name"], *[[i, f"/m/{i}", label] for i, label in enumerate(PETS)]]), PETS)
    save("header_unordered.csv", table([["name", "id"], [PETS[2], 2], [PETS[0], 0], [PETS[1], 1]]), PETS)
    save("pandas.csv", table([["", "class"], *enumerate(MANY)], delimiter=";"), MANY)

    # lines that are labels as they are
    for name, labels in {"stars.txt": ["0 stars", "1 star", "2 stars", "3 stars", "4 stars"], "ratios.txt": ["4:3", "16:9"], "grades.txt": ["grade 0", "grade 1"],
                         "unknown.txt": ["[unknown]", "cat"], "some_numbers.txt": ["0 cat", "dog"], "other_order.txt": ["2 cats", "1 dog"],
                         "names_header.txt": ["names, label", "cat, tom"], "wordnet.txt": WORDNET[:2], "inches.txt": ['19"', '24" wide']}.items():
        save(name, lines(labels), labels)

    save("missing.json", json.dumps({"0": "cat", "1": "dog", "3": "bird"}), "labels: index 2 missing of 0 to 3")
    save("far.json", '{"0": "cat", "4000000000": "dog"}', "labels: indices 1, 2, 3, 4, ... missing of 0 to 4000000000")
    save("doubled.json", '{"0": "cat", "1": "dog", "1": "bird"}', "labels: index 1 more than once")
    save("doubled_keras.json", '{"cat": 0, "dog": 1, "bird": 1}', "labels: index 1 more than once")
    # cat_to_name.json of Oxford's flowers: names of folders, in no order of classes
    save("from_one.json", json.dumps({"2": "rose", "1": "primrose", "3": "iris"}), "labels: index 0 missing of 0 to 3; indices count from 0")
    save("below.json", '{"cat": -1, "dog": 0}', "labels: index -1 is below 0")
    save("other.json", '{"architecture": "x", "num_classes": 3}', "labels: 'architecture' is no class index")
    save("broken.json", '{"0": "cat",\n "1": "dog"\n', "labels: neither JSON nor a Python literal from line 3 on")
    save("missing.csv", table([["id", "name"], [0, "cat"], [2, "dog"]]), "labels: index 1 missing of 0 to 2")

    (FOLDER / "right.json").write_text(json.dumps(right, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
