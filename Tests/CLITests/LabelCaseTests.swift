import Testing
import TestSupport

@testable import CLI

/// Files of labels, and labels on the command line, on the network of the case d1.
struct LabelCaseTests {
    private let files = Case("d1-label-files"), more = Case("label-files")

    private func classes(labels: String, _ words: [String]) throws -> (labels: [String], run: CaseRun) {
        let run = try CaseRun(
            model: files.path("three.onnx"), ["--labels", labels] + words.flatMap { ["--target-category", $0] })
        let classes = run.report["classes"] as? [[String: Any]] ?? []
        return (classes.map { "\($0["index"] as? Int ?? -1) \($0["label"] as? String ?? "none")" }, run)
    }

    @Test(arguments: [
        ("bom.txt", ["cat"], ["0 cat"]), ("class_indices.json", ["bird"], ["2 bird"]),
        ("comma.txt", ["malignant, grade 2"], ["2 malignant, grade 2"]),
        ("comma.txt", ["benign,malignant, grade 2,0"], ["0 benign", "2 malignant, grade 2"]),
        ("comma.txt", ["malignant, grade 2, malignant,GRADE 1"], ["2 malignant, grade 2", "1 malignant, grade 1"]),
        ("comma.txt", ["benign", "malignant,grade 1"], ["0 benign", "1 malignant, grade 1"]),
        ("comma.txt", ["grade 2,benign"], ["2 malignant, grade 2", "0 benign"]),
    ])
    func classesByLabel(_ file: String, _ words: [String], _ right: [String]) throws {
        let (labels, run) = try classes(labels: files.path(file), words)
        #expect(labels == right, "\(run.finished.errors)")
        let names = (run.report["files"] as? [String] ?? []).map(Paths.name)
        #expect(names.contains(right.count == 1 ? "gradcam_cam.jpg" : "gradcam_\(right[0].prefix(1))_cam.jpg"))
    }

    @Test(arguments: [
        ("comma.txt", ["malignant"], "fits several classes (1 malignant, grade 1; 2 malignant, grade 2)"),
        // Two flags are two classes, though one after the other they spell a label.
        ("comma.txt", ["malignant", "grade 2"], "'malignant' fits several classes"),
        ("comma.txt", ["malignant, grade 3"], "'malignant' fits several classes"),
        ("comma.txt", ["bengn"], "did you mean 'benign'? (0 benign; 1 malignant, grade 1; 2 malignant, grade 2)"),
        (
            "comma.txt", ["horse"],
            "no class has the label 'horse'; give its index (0 benign; 1 malignant, grade 1; 2 malignant, grade 2)"
        ),
    ])
    func classesThatAreNone(_ file: String, _ words: [String], _ reason: String) throws {
        let run = try classes(labels: files.path(file), words).run
        #expect(run.finished.status == 2 && run.finished.errors.contains(reason), "\(run.finished.errors)")
    }

    @Test(arguments: [
        ("missing.json", "labels: index 2 missing of 0 to 3"),
        ("clsidx_to_labels.txt", "12 labels for a network of 3 classes"),
        ("gap.txt", "labels: index 2 missing of 0 to 4"), ("data_count.yaml", "labels: nc is 3"),
    ])
    func filesThatDoNotFit(_ file: String, _ reason: String) throws {
        let finished = try CaseRun(model: files.path("three.onnx"), ["--labels", more.path(file)]).finished
        #expect(
            finished.status == 2 && finished.errors.hasPrefix("gradcam: \(more.path(file)): \(reason)"),
            "\(finished.errors)")
    }

    @Test func labelsOnOneLine() throws {
        let folder = TemporaryFolder()
        let labels = folder.write(Array("cat,dog,bird".utf8), to: "labels.txt")
        #expect(try classes(labels: labels, ["dog,bird"]).labels == ["1 dog", "2 bird"])
    }

    /// Whole words beat parts of words, alone or as what is offered.
    @Test func wholeWordsFirst() throws {
        let folder = TemporaryFolder()
        let one = folder.write(Array("oystercatcher\ntiger cat\ncatbird\n".utf8), to: "one.txt")
        #expect(try classes(labels: one, ["Cat"]).labels == ["1 tiger cat"])
        #expect(try classes(labels: one, ["catb"]).labels == ["2 catbird"])
        let two = folder.write(Array("cattle\ntiger cat\nwild-cat, polecat\n".utf8), to: "two.txt")
        let run = try classes(labels: two, ["cat"]).run
        #expect(
            run.finished.errors.contains("'cat' fits several classes (1 tiger cat; 2 wild-cat, polecat): "),
            "\(run.finished.errors)")
    }

    /// ImageNet's labels are lists of names: in full, by one name, or several.
    @Test func labelsThatListNames() throws {
        let folder = TemporaryFolder()
        let labels = folder.write(Array("tabby, tabby cat\ntiger cat\nEgyptian cat\n".utf8), to: "labels.txt")
        for words in ["tabby, tabby cat", "tabby cat", "tabby"] {
            #expect(try classes(labels: labels, [words]).labels == ["0 tabby, tabby cat"])
        }
        #expect(
            try classes(labels: labels, ["tiger cat,tabby,Egyptian"]).labels == [
                "1 tiger cat", "0 tabby, tabby cat", "2 Egyptian cat",
            ])
    }

    /// Of a network of one output, which stands for two classes.
    @Test func oneLabelIsThePositiveOne() throws {
        let folder = TemporaryFolder()
        let labels = folder.write(Array("\u{FEFF}\"tumour\"\r\n".utf8), to: "labels.txt")
        let run = try CaseRun(
            model: Golden.folder + "/foreign/one_output.onnx", ["--labels", labels, "--target-category", "tumour"])
        #expect(
            (run.report["classes"] as? [[String: Any]])?.first?["label"] as? String == "tumour",
            "\(run.finished.errors)")
    }
}
