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

    # numbers out of order, and numbers that are none of indices
    order = [3, 0, 2, 1]
    four = ["cat", "dog's friend", "malignant, grade 2", "bird"]
    save("unordered_behind.csv", table([[four[i], i] for i in order]), four)
    save("unordered_spaces.txt", lines([f"{i} {four[i]}" for i in order]), four)
    save("unordered_colons.txt", lines([f"{four[i]}: {i}" for i in order]), four)
    for name, labels in {"euro.txt": ["5 euro", "10 euro", "20 euro", "50 euro"], "cars.txt": ["2012 Ford", "2009 Audi", "2010 BMW"],
                         "stars_down.txt": ["2 stars", "1 star", "0 stars"], "sizes.txt": ["1:1", "2:1", "2:3"]}.items():
        save(name, lines(labels), labels)
    save("quoted_numbers.txt", lines(['"0 cats"', '"1 dog"', '"3 birds"']), ["0 cats", "1 dog", "3 birds"])
    hint = "; indices count from 0, one label a class; if the numbers are part of the labels, put each label in quotes"
    save("gap.txt", lines(["0 a", "1 b", "3 c", "4 d"]), "labels: index 2 missing of 0 to 4" + hint)
    save("gap_behind.csv", lines(["a,0", "b,1", "c,4"]), "labels: indices 2, 3 missing of 0 to 4" + hint)
    save("double.txt", lines(["0: a", "1: b", "1: c", "2: d"]), "labels: index 1 more than once")
    save("from_one_unordered.txt", lines(["2 b", "1 a", "3 c"]), "labels: index 0 missing of 0 to 3")

    # whole numbers on both sides
    save("id2label_numbers.json", json.dumps({"id2label": {"0": 4, "1": 3, "2": 0}}), ["4", "3", "0"])
    save("id2label_swapped.json", json.dumps({"id2label": {"1": 0, "2": 1, "0": 2}}), ["2", "0", "1"])
    save("label2id_numbers.json", json.dumps({"label2id": {"0": 2, "1": 0, "2": 1}}), ["1", "2", "0"])
    save("numbers.json", json.dumps({"0": 4, "1": 3, "2": 0}), ["4", "3", "0"])
    save("numbers_swapped.json", json.dumps({"0": 1, "1": 0}), ["1", "0"])
    folders = sorted(str(i) for i in range(12))
    save("twelve_digit_folders.json", json.dumps({name: index for index, name in enumerate(folders)}), folders)
    save("numbers_unclear.json", json.dumps({"1": 2, "0": 1, "2": 0}), "labels: both sides of the dictionary could be the class indices")

    save("nul.txt", b"cat\nd\x00og\n", "labels: line 2 holds a control character")
    save("escape.txt", b"cat\r\ndog\r\n\x1b[31mbird\r\n", "labels: line 3 holds a control character")
    save("utf16_unmarked.txt", "cat\ndog\n".encode("utf-16-le"), "labels: line 1 holds a control character")
    save("nul.json", json.dumps(["cat", "d\0og"]), "labels: the label 'd?og' holds a control character")
    save("breaks.json", json.dumps(["Siberian\nhusky", "tab\tby"]), ["Siberian husky", "tab by"])

    # all on one line
    for name, separator in {"one_line.txt": ",", "one_line_spaces.txt": ", ", "one_line.tsv": "\t", "one_line_semicolons.txt": "; "}.items():
        save(name, lines([separator.join(MANY[:11])]), MANY[:11])
    save("one_line_quoted.csv", table([PETS]), PETS)
    save("one_line_brackets.txt", "[cat, dog]", ["cat", "dog"])
    save("one_line_indices.txt", "0: cat, 1: dog", ["cat", "dog"])
    save("one_label.csv", table([[PETS[2]]]), [PETS[2]])
    save("blanks.txt", "\n\n" + "\n\n".join(MANY) + "\n \n\t\n", MANY)
    save("blank_table.csv", table([["id", "name"], *enumerate(PETS)]).replace("\r\n", "\r\n\r\n"), PETS)
    save("wide_row.csv", "id,name\n0,cat\n1,malignant, grade 2\n", "labels: '1,malignant, grade 2' has 3 columns, the first line 2")

    # data.yaml as Ultralytics and Roboflow write it; its labels are yaml.safe_load's
    import yaml

    head = "# Pets\npath: ../pets  # root\ntrain: images/train\nval: images/val\n"
    for name, text in {
        "data_flow.yaml": head + "nc: 3\nnames: ['cat', \"dog's friend\", 'malignant, grade 2']\n",
        "data_plain.yaml": head + "names: [cat, dog, x-ray]  # three\nnc: 3\n",
        "data_indices.yaml": head + "\nnames:\n  0: cat\n  1: dog's friend  # a comment\n\n  2: 'it''s: #3'\n\ndownload: https://example.org\n",
        "data_items.yaml": head + "nc: 2\nnames:\n- cat\n- \"d\\u00f6g\"\nroboflow:\n  workspace: pets\n",
        "data_indented.yaml": "names:\n  - cat\n  # comment\n  - dog\nnc: 2\n",
        "data_lines.yaml": "nc: 4\nnames: [cat, 'dog',\n  'bird, small',  # third\n  fish,\n]\n",
        "data_dictionary.yaml": "names: {1: dog, 0: cat}\n",
        "items.yaml": "- cat\n- dog\n",
    }.items():
        names = yaml.safe_load(text)
        names = names["names"] if isinstance(names, dict) else names
        save(name, text, [names[i] for i in range(len(names))])
    save("data_no_names.yaml", head + "nc: 2\n", "labels: this looks like YAML, and it has no names of classes")
    save("data_count.yaml", "nc: 3\nnames: [cat, dog]\n", "labels: nc is 3, but names has 2")
    save("data_gap.yaml", "names:\n  0: cat\n  2: dog\n", "labels: index 1 missing of 0 to 2")
    save("data_open.yaml", "names: [cat,\n  dog\nnc: 2\n", "labels: this looks like YAML, and the bracket of names is not closed")
    save("data_alias.yaml", "names:\n  - *cat\n  - dog\n", "labels: this looks like YAML, and '*cat' is no name in one line")

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
