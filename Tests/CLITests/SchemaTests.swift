import Foundation
import TestSupport
import Testing

@testable import CLI

/// What the program writes for machines is as docs/schema says.
@Suite struct SchemaTests {
    private let report: Schema

    init() throws { report = try Self.schema("report") }

    static func schema(_ name: String) throws -> Schema { try Schema(page("docs/schema/\(name).schema.json")) }

    private static let named = Golden.folder + "/foreign/"

    /// One photo, several classes and methods, concepts, a network of one number, external data, a map at the
    /// input, photos that fail.
    @Test(
        arguments: [
            ([], smallModel), (["--top-k", "3", "--method", "gradcam,scorecam"], smallModel),
            (["--target-category", "2,5", "--save-map", "--outputs", "cam,compare"], smallModel),
            (["--concepts", "3", "--outputs", "gb"], smallModel), (["--method", "saliency"], smallModel),
            (["--save-map=layer", "--outputs", "none", "--method", "gradcam,layercam", "--concepts", "2"], smallModel),
            (["--dry-run"], smallModel),
            (["--bbox", "--mask", "--metrics", "complexity", "--outputs", "none"], smallModel),
            ([], named + "one_output.onnx"), ([], named + "external_data.onnx"), ([], named + "grey.onnx"),
            ([], nil), (["none.jpg", "broken.jpg"], smallModel),
        ] as [([String], String?)])
    func reportsAreValid(_ words: [String], _ model: String?) throws {
        let folder = TemporaryFolder(), photo = try folder.photo("cat.jpg")
        var number = NetworkFile()
        number.weights = [NetworkFile.floats("w", [1, 3, 1, 1])]
        number.output = NetworkFile.value("scores", [1, 1])
        let model = model ?? folder.write(number.bytes, to: "number.onnx")
        folder.write([0xFF, 0xD8, 0xFF], to: "broken.jpg")
        let paths = words.map { $0.hasSuffix(".jpg") ? folder.path + "/" + $0 : $0 }
        let finished = try explain([photo, "--json", "--output-dir", folder.path] + paths, model: model)
        let lines = finished.output.split(separator: "\n")
        #expect(lines.count == 1 + words.count { $0.hasSuffix(".jpg") }, "\(finished.errors)")
        for line in lines { #expect(report.faults(try JSONValue(line)) == []) }
    }

    /// The network is told by what `sha256sum` prints of its files.
    @Test func reportsNameTheNetworkByItsContent() throws {
        let folder = TemporaryFolder(), photo = try folder.photo("cat.jpg")
        let model = folder.write(bytes(Self.named + "external_data.onnx"), to: "net.onnx")
        let data = folder.write(bytes(Self.named + "external_data.bin"), to: "external_data.bin")
        let finished = try explain([photo, "--json", "--output-dir", folder.path], model: model)
        let object = try #require(try objects(finished).first)
        let sums = try run("/usr/bin/env", ["sha256sum", model, data]).output.split(separator: "\n").map {
            $0.prefix(64)
        }
        #expect(object["model_sha256"] as? String == String(sums[0]))
        let files = try #require(object["model_data"] as? [[String: Any]])
        #expect(files.count == 1 && files[0]["file"] as? String == "external_data.bin")
        #expect(files[0]["sha256"] as? String == String(sums[1]))
        #expect(files[0]["size"] as? Int == bytes(data).count)
    }

    /// A schema would be of little use that lets everything pass.
    @Test func wrongObjectsAreFound() throws {
        let folder = TemporaryFolder()
        let finished = try explain([try folder.photo("cat.jpg"), "--json", "--output-dir", folder.path])
        let line = String(finished.output.dropLast())
        #expect(report.faults(try JSONValue(line)) == [])
        for (old, new) in [
            ("\"schema\":1", "\"schema\":2"), ("\"schema\":1,", ""), ("\"schema\":1", "\"schema\":1,\"more\":1"),
            ("\"schema\":1", "\"schema\":1,\"error\":\"\""), ("\"scores\":\"softmax\"", "\"scores\":\"soft\""),
            ("\"model_sha256\":\"", "\"model_sha256\":\"0"), ("\"index\":", "\"index\":0.5,\"x\":"),
            ("\"assumed\":false", "\"assumed\":0"), ("\"width\":128", "\"width\":0"),
            ("\"width\":128", "\"width\":\"128\""), ("\"timings\":{", "\"timings\":{\"sleep\":1,"),
            ("\"methods\":[", "\"methods\":[1,"), ("\"label\":null", "\"label\":1"),
        ] {
            #expect(line.contains(old), "\(old)")
            #expect(report.faults(try JSONValue(line.replacingOccurrences(of: old, with: new))) != [], "\(new)")
        }
        #expect(try Schema(#"{"format":"date"}"#).faults(.null) == [": keyword format"])
    }

    /// The page has every field, and both files say the same of what they share.
    @Test func schemasAndPageAgree() throws {
        let contract = try page("docs/cli.md"), manifest = try Self.schema("manifest"),
            journal = try Self.schema("journal")
        func names(_ schema: JSONValue) -> Set<String> {
            let inner = (schema.object ?? [:]).values.map(names) + (schema.array ?? []).map(names)
            return inner.reduce(Set(schema.object?["properties"]?.object?.keys.map { $0 } ?? [])) { $0.union($1) }
        }
        for schema in [report, manifest, journal] {
            let missing = names(schema.root).filter { !contract.contains("`\($0)`") }
            #expect(missing == [])
            #expect(schema.root.object?["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        }
        let (one, other) = (report.root.object?["$defs"]?.object, manifest.root.object?["$defs"]?.object)
        for name in ["preprocessing", "data_file", "sha256"] {
            #expect(one?[name] != nil && one?[name] == other?[name])
        }
    }

    @Test func journalLinesAreValid() throws {
        let record = JournalRecord(
            time: 1_764_270_000_123, photo: "pets/cat", input: .init(path: "/a \"b\"/cat.jpg", size: 1, modified: 2),
            settings: "0123456789abcdef",
            files: [.init(path: "pets/cat_gradcam_cam.jpg", size: 0, modified: 3)], report: "{}")
        #expect(try Self.schema("journal").faults(JSONValue(record.line)) == [])
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func digestsAreThoseOfTheStandard(_ text: String, _ digest: String) throws {
        #expect(try SHA256.digits(of: text) == digest)
    }

    /// OpenSSL's configuration may leave SHA-256 out.
    @Test func openSSLWithoutSHA256IsTold() throws {
        let folder = TemporaryFolder(), photo = try folder.photo("cat.jpg")
        let configuration = """
            openssl_conf = init
            [init]
            providers = providers
            [providers]
            null = null
            [null]
            activate = 1
            """
        let path = folder.write(Array((configuration + "\n").utf8), to: "openssl.cnf")
        let result = try run(
            program, [photo, "--model", smallModel, "--json", "--output-dir", folder.path],
            environment: ["OPENSSL_CONF": path])
        #expect(result.status == 1 && result.faults.contains("\(photo): " + Messages.noDigest), "\(result.errors)")
    }
}
