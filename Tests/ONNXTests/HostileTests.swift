import ONNX
import Testing

/// Files that are damaged by accident or on purpose: they are errors, never traps.
@Suite struct HostileTests {
    /// Asks for everything that a model holds.
    static func exercise(_ graph: GraphDef) {
        for tensor in graph.initializers { exercise(tensor) }
        for attribute in graph.nodes.flatMap(\.attributes.values) {
            switch attribute {
            case .tensor(let tensor): exercise(tensor)
            case .tensors(let tensors): tensors.forEach(exercise)
            case .graph(let graph): exercise(graph)
            default: break
            }
        }
    }

    static func exercise(_ tensor: TensorDef) {
        #expect(tensor.count >= 0 && tensor.dims.allSatisfy { $0 >= 0 })
        for read in [
            { _ = try tensor.floats() }, { _ = try tensor.integers() }, { _ = try tensor.strings() },
            { try tensor.withFloats { #expect($0.count == tensor.count) } },
        ] as [() throws -> Void] {
            check { try read() }
        }
    }

    /// Runs what may throw an ONNXError of one line, and nothing else; says whether it did not throw.
    @discardableResult
    static func check(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch let error as ONNXError {
            #expect(!error.description.contains("\n"))
        } catch {
            Issue.record(error)
        }
        return false
    }

    /// Parses the bytes and reads everything; says whether they are a model.
    static func exercise(_ bytes: [UInt8]) -> Bool {
        check {
            let model = try parse(bytes)
            exercise(model.graph)
        }
    }

    @Test func cutShortAtEveryByte() throws {
        let fields = [sampleModel.count] + (0..<sampleModel.count).filter { Self.exercise(Array(sampleModel[..<$0])) }
        // Only where a top-level field after the first opset_import ends, a shorter file is a model too.
        #expect(fields.count < 8)
        for length in 0..<sampleModel.count where !fields.contains(length) {
            #expect(fault { _ = try parse(Array(sampleModel[..<length])) } != nil)
        }
    }

    @Test func cutShortOnDisk() throws {
        let folder = try TemporaryFolder()
        for length in stride(from: 0, to: sampleModel.count, by: 37) {
            let path = try folder.write("m.onnx", Array(sampleModel[..<length]))
            Self.check { _ = try Model(contentsOf: path) }
        }
    }

    @Test func randomDamage() {
        var random = SplitMix(state: 20), survivors = 0
        for _ in 0..<20_000 {
            var bytes = sampleModel
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes[place] = .random(in: 0...255, using: &random)
                case 2: bytes[place] = 0xff
                default: bytes.remove(at: place)
                }
            }
            if Self.exercise(bytes) { survivors += 1 }
        }
        // Both ends of the reader are reached: some damage shows, some does not.
        #expect((1000..<19_000).contains(survivors))
    }

    @Test func randomBytes() {
        var random = SplitMix(state: 7)
        for length in 1..<2000 {
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = Self.exercise(noise)
            _ = Self.exercise(Proto.model(Proto(bytes: noise)).bytes)
            _ = Self.exercise(Proto.model(.data(5, noise)).bytes)
        }
    }

    /// (a GraphProto's bytes, the fault, its message, its offset after the graph's first byte)
    @Test(
        arguments: [
            ([0x0a, 0x05, 0x00], .overrun, "GraphProto", 2),
            ([0x0a], .overrun, "GraphProto", 1),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07], .overrun, "GraphProto", 6),
            ([0x0a, 0x80, 0x80, 0x80, 0x80, 0x08], .length(1 << 31), "GraphProto", 1),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], .length(.max), "GraphProto", 1),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .varintTooLong, "GraphProto", 1),
            ([UInt8](repeating: 0x80, count: 11), .varintTooLong, "GraphProto", 0),
            ([0x90, 0x07] + [UInt8](repeating: 0xff, count: 11), .varintTooLong, "GraphProto", 2),
            ([0x02, 0x00], .fieldNumber(0), "GraphProto", 0),
            ([0x80, 0x80, 0x80, 0x80, 0x10], .fieldNumber(1 << 29), "GraphProto", 0),
            ([0x0b], .wireType(field: 1, type: 3), "GraphProto", 0),
            ([0x0f], .wireType(field: 1, type: 7), "GraphProto", 0),
            ([0x08, 0x00], .wireType(field: 1, type: 0), "GraphProto", 1),
            ([0x95, 0x07, 1, 2, 3], .overrun, "GraphProto", 2),
            ([0x91, 0x07, 1, 2, 3, 4, 5, 6, 7], .overrun, "GraphProto", 2),
            ([0x0a, 0x02, 0x1a, 0x01], .overrun, "NodeProto", 4),
            ([0x2a, 0x02, 0x0a, 0x01, 0x00], .overrun, "TensorProto", 4),
            ([0x2a, 0x03, 0x0a, 0x01, 0x80], .overrun, "TensorProto", 5),
            ([0x0a, 0x05, 0x2a, 0x03, 0x3a, 0x01, 0x00], .overrun, "AttributeProto", 7),
        ] as [([UInt8], WireFault, String, Int)])
    func contradictions(graph: [UInt8], expected: WireFault, message: String, offset: Int) {
        // In front of the graph's first byte: ir_version, and the graph's own tag and length.
        #expect(throws: ONNXError.malformed(path: "m.onnx", offset: 4 + offset, message: message, expected)) {
            try parse(.model(Proto(bytes: graph)))
        }
    }

    @Test func nestedGraphs() throws {
        func nested(_ levels: Int) -> Proto {
            var graph = Proto()
            for _ in 0..<levels {
                graph = .message(1, .message(5, .string(1, "body"), .data(6, graph.bytes), .int(20, 5)))
            }
            return .model(graph)
        }
        Self.exercise(try parse(nested(33)).graph)
        for levels in [34, 2000] {
            guard case .malformed(_, _, _, .tooDeep)? = fault({ _ = try parse(nested(levels)) }) else {
                Issue.record("\(levels) levels are read")
                continue
            }
        }
    }

    @Test func manySmallMessages() throws {
        let model = try parse(.model(Proto(bytes: (0..<100_000).flatMap { _ in [0x0a, 0x00] })))
        #expect(model.graph.nodes.count == 100_000)
    }
}

/// https://prng.di.unimi.it/splitmix64.c
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
