import ActivationMaps
import Foundation
import Imaging
import TestSupport
import Testing

@testable import CLI

/// `manifest.json`: what decides the files of a run.
@Suite struct RunManifestTests {
    let folder = TemporaryFolder()
    /// Of five classes and of any size.
    private static let network = Golden.folder + "/foreign/dynamic_shapes.onnx"

    /// Everything that can be written is, so that every option has something to act on.
    private var arguments: Arguments {
        var arguments = Arguments()
        (arguments.methods, arguments.outputs) = (["gradcam"], [.cam, .gb, .cam_gb, .compare, .concepts])
        (arguments.model, arguments.saveMap) = (Self.network, .photo)
        return arguments
    }

    /// As a run makes it.
    private func manifest(_ arguments: Arguments) throws -> RunManifest {
        let path = try #require(arguments.model), file = try Classifier.file(at: path, options: arguments.modelOptions)
        let classifier = try Classifier(file, at: path, options: arguments.modelOptions)
        let resolved = try arguments.resolved(by: classifier), request = try resolved.request(of: classifier)
        return try RunManifest(
            model: Paths.withoutExtension(Paths.name(path)), NetworkDigest(file).identity(), classifier,
            layer: request.layers.map(\.name).joined(separator: ","), request, resolved,
            marks: MarkedPhotos(resolved, classifier)?.identity)
    }

    /// Another value for every argument that decides what files hold or are called.
    private var deciding: [String: (inout Arguments) -> Void] {
        let labels = folder.write(Array("a\nb\nc\nd\ne\n".utf8), to: "labels.txt")
        let table = folder.write(Array("cat,1\n".utf8), to: "table.csv")
        let targets = Golden.folder + "/targets", mask = Shared.repository + "/Tests/Cases/photo.png"
        let boxes = folder.write(Array("a.jpg,1,0,0,1,1\n".utf8), to: "boxes.csv")
        return [
            "methods": { $0.methods = ["gradcam", "layercam"] }, "categories": { $0.categories = [[.index(1)]] },
            "topK": { $0.topK = 2 }, "score": { $0.score = .rest }, "against": { $0.against = .index(2) },
            "slices": { ($0.slices, $0.outputs) = ([OutputSlice("[0,3]")!], [.cam]) },
            "classTable": { $0.classTable = table },
            "mostClasses": { $0.mostClasses = 2 },
            "targetMask": { ($0.model, $0.targetMask) = (targets + "/fcn.onnx", mask) },
            "targetBoxes": { ($0.model, $0.targetBoxes) = (targets + "/yolo8.onnx", [.index(3)]) },
            "similarTo": {
                ($0.model, $0.similarTo) = (targets + "/tower.onnx", targets + "/text.npy")
                $0.outputs = [.cam]
            },
            "bitDepth": { $0.bitDepth = .automatic },
            "previewChannels": { $0.previewChannels = [2, 1, 0] },
            "model": { $0.model = Golden.folder + "/foreign/plain.onnx" }, "layers": { $0.layers = ["conv_5"] },
            "labels": { $0.labels = labels }, "mean": { $0.mean = [0.5, 0.5, 0.25] },
            "std": { $0.std = [0.5, 0.5, 0.25] },
            "inputSize": { $0.inputSize = .init(width: 64, height: 32) }, "channelOrder": { $0.channelOrder = .bgr },
            "resize": { $0.resize = .letterbox }, "cropSize": { $0.cropSize = .init(width: 64, height: 32) },
            "interpolation": { $0.interpolation = .bicubic }, "augSmooth": { $0.augSmooth = true },
            "precision": { $0.precision = .float32 },
            "eigenSmooth": { $0.eigenSmooth = true }, "fusion": { $0.fusion = .max },
            "isSigned": { $0.isSigned = true },
            "options": { $0.options.seed = 1 }, "outputs": { $0.outputs = [.cam] }, "concepts": { $0.concepts = 2 },
            "saveMap": { $0.saveMap = .layer }, "showsColorbar": { $0.showsColorbar = true },
            "colormap": { $0.colormap = .magma }, "imageWeight": { $0.imageWeight = 0.25 },
            "quality": { $0.quality = 90 }, "format": { $0.format = .png }, "tellsBox": { $0.tellsBox = true },
            "tellsMask": { $0.tellsMask = true },
            "metrics": { $0.metrics = ["complexity"] }, "boxes": { $0.boxes = boxes },
            "masks": { [folder] in $0.masks = folder.path },
            "inputs": {
                $0.model = Golden.folder + "/further_inputs/patient.onnx"
                $0.inputs = [
                    .init(name: "numbers", source: .numbers([1])), .init(name: "clinic", source: .numbers([2])),
                ]
            },
        ]
    }

    /// Arguments that do not: what is done, which photos are explained and what they are called (which a journal tells
    /// of each), by how much machine, where files go, and what is printed. `compares` is one of `outputs` when a run
    /// begins, and `output` and `imageInput` are told as the network has them.
    private static let others: Set<String> = [
        "action", "config", "defaults", "imagePaths", "wrongPaths", "endsPathsInNUL", "share", "tellsShare",
        "keepsPaths", "mostPixels",
        "output", "imageInput", "device", "needsDevice",
        "threads", "batch", "batchSize", "limits", "outputDirectory", "outputTar", "overwriting", "resumes", "isDryRun",
        "compares", "table", "reports", "gallery", "json", "quiet", "isVerbose", "showsProgress",
    ]

    @Test func everyArgumentIsOneOrTheOther() {
        let fields = Mirror(reflecting: Arguments()).children.compactMap(\.label)
        #expect(fields.count > 40)
        for field in fields {
            #expect((deciding[field] != nil) != Self.others.contains(field), "\(field)")
        }
        #expect(Set(deciding.keys).union(Self.others) == Set(fields))
        #expect(Mirror(reflecting: MethodOptions()).children.count == MethodOptions.Kind.allCases.count)
    }

    @Test func whatDecidesFilesDecidesTheID() throws {
        let id = try manifest(arguments).id, again = try manifest(arguments).id
        #expect(id.count == 16 && id == again)
        var ids: Set<String> = [id]
        for (field, change) in deciding {
            var other = arguments
            change(&other)
            #expect(ids.insert(try manifest(other).id).inserted, "\(field)")
        }
        let options: [(inout MethodOptions) -> Void] = [
            { $0.channels = 3 }, { $0.samples = 3 }, { $0.steps = 3 }, { $0.baseline = .blur },
        ]
        for change in options {
            var other = arguments
            change(&other.options)
            #expect(ids.insert(try manifest(other).id).inserted)
        }
        #expect(ids.count == 1 + deciding.count + options.count)
    }

    /// What the inputs besides the photo are fed decides, whether it was told as numbers or by a file.
    @Test func numbersOfFurtherInputsDecide() throws {
        let folder = Golden.folder + "/further_inputs/"
        func id(_ numbers: Arguments.Input.Source) throws -> String {
            var arguments = self.arguments
            arguments.model = folder + "patient.onnx"
            arguments.inputs = [
                .init(name: "numbers", source: numbers), .init(name: "clinic", source: .numbers([2])),
            ]
            return try manifest(arguments).id
        }
        let all = try [.numbers([1]), .numbers([2]), .file(folder + "numbers.npy")].map(id)
        #expect(Set(all).count == 3)
        #expect(try id(.numbers([1])) == all[0])
    }

    /// The files that tell of targets count by what is in them, and each target by itself.
    @Test func whatTargetsAreMadeOfDecides() throws {
        var ids: Set<String> = []
        for numbers in ["1", "2"] {
            for change in [
                { $0.classTable = folder.write(Array("cat,\(numbers)\n".utf8), to: "table.csv") },
                { ($0.slices, $0.outputs) = ([OutputSlice("[0,\(numbers)]")!], [.cam]) },
                { $0.against = .label(numbers) },
                { $0.against = .index(Int(numbers)!) },
            ] as [(inout Arguments) -> Void] {
                var other = arguments
                other.labels = folder.write(Array("x\n1\n2\n3\n4\n".utf8), to: "labels.txt")
                change(&other)
                ids.insert(try manifest(other).id)
            }
        }
        // A class's label and its index are the same.
        #expect(ids.count == 6)
        let boxes: [[Explainer.BoxChoice]] = [
            [], [.index(1)], [.index(2)], [.over(Rectangle(x0: 0, y0: 0, x1: 9, y1: 9))],
        ]
        for choice in boxes {
            var other = arguments
            (other.model, other.targetBoxes) = (Golden.folder + "/targets/yolo8.onnx", choice)
            ids.insert(try manifest(other).id)
        }
        #expect(ids.count == 10)
    }

    @Test func whatDoesNotLeavesItAlone() throws {
        let plain = try manifest(arguments), copy = folder.write(bytes(Self.network), to: "dynamic_shapes.onnx")
        var other = arguments
        (other.imagePaths, other.share, other.outputDirectory) = (["a"], Share(index: 2, count: 3), "elsewhere")
        (other.threads, other.batchSize, other.device, other.mostPixels) = (7, 3, .cuda, 1000)
        other.batch = 2
        (other.json, other.quiet, other.showsProgress, other.output) = (true, true, false, "scores")
        other.limits.nodes = 100_000
        // The same network elsewhere, and what would be taken anyway.
        (other.model, other.colormap, other.inputSize) = (copy, .jet, .init(width: 224, height: 224))
        other.categories = [[.index(0)], [.index(0)]]
        var same = arguments
        same.categories = [[.index(0)]]
        #expect(try manifest(other).id == manifest(same).id)
        #expect(try manifest(same).id != plain.id)
    }

    @Test func theFileIsAsItsSchemaSays() throws {
        let schema = try SchemaTests.schema("manifest")
        for change in [{ _ in }] + Array(deciding.values) {
            var arguments = arguments
            change(&arguments)
            #expect(schema.faults(try JSONValue(manifest(arguments).json.text)) == [])
        }
        let text = try manifest(arguments).json.text
        for (old, new) in [("\"top_k\":1", "\"top_k\":0"), ("\"quality\":95,", ""), ("\"id\":\"", "\"id\":\"x")] {
            #expect(text.contains(old))
            #expect(schema.faults(try JSONValue(text.replacingOccurrences(of: old, with: new))) != [], "\(new)")
        }
    }

    /// It is there, whole, and replaces that of another run, but no file of anybody else's.
    @Test func itIsWrittenIntoTheFolder() throws {
        let manifest = try manifest(arguments), path = folder.path + "/manifest.json"
        try manifest.write(into: folder.path)
        #expect(String(decoding: bytes(path), as: UTF8.self) == manifest.json.text + "\n")
        let first = try FileStatus(of: path)
        try manifest.write(into: folder.path)
        #expect(try FileStatus(of: path).identity == first.identity, "it is written once by all shares")
        var other = arguments
        other.quality = 50
        try self.manifest(other).write(into: folder.path)
        #expect(bytes(path).count > 0 && String(decoding: bytes(path), as: UTF8.self).contains("\"quality\":50"))
        #expect(folder.files.filter { $0.hasPrefix(".") } == [])

        for foreign in ["{\"name\":\"an app\"}", "", "text"] {
            folder.write(Array(foreign.utf8), to: "manifest.json")
            let fault = #expect(throws: RecordFault.self) { try manifest.write(into: folder.path) }
            #expect(fault == RecordFault(path: path, kind: .foreign))
            #expect(String(decoding: bytes(path), as: UTF8.self) == foreign)
        }
        unlink(path)
        mkdir(path, 0o777)
        let fault = #expect(throws: RecordFault.self) { try manifest.write(into: folder.path) }
        #expect(fault == RecordFault(path: path, kind: .system(EISDIR)))
    }
}
