import ONNX
import Testing
import TestSupport

@Suite struct TensorTests {
    static func raw<T: FixedWidthInteger>(_ values: [T]) -> Proto {
        .data(9, values.flatMap { Proto.littleEndian($0) })
    }
    static func raw(_ values: [Double]) -> Proto { raw(values.map(\.bitPattern)) }
    static func int32s(_ values: Int64...) -> Proto { .ints(5, values) }

    static func tensor(_ dims: [Int64], type: Int64, _ values: Proto) throws -> TensorDef {
        try #require(try parse(.model(tensor: dims, type: type, values)).graph.initializers.first)
    }

    /// (TensorProto.DataType, values, expected)
    @Test(
        arguments: [
            (1, raw([0x3f80_0000, 0xc020_0000] as [UInt32]), [1, -2.5]),
            (1, .floats(4, [1, -2.5]), [1, -2.5]),
            (1, Proto(.float(4, 1), .float(4, -2.5)), [1, -2.5]),
            (11, raw([1, 0.1]), [1, 0.1]),
            (11, Proto(.double(10, 1), .double(10, 1e300)), [1, .infinity]),
            (10, raw([0x3c00, 0x0001] as [UInt16]), [1, 0x1p-24]),
            (10, int32s(0x7c00, 0xfbff), [.infinity, -65504]),
            (16, raw([0x3f80, 0xc020] as [UInt16]), [1, -2.5]),
            (16, int32s(0x4049, 0xff80), [3.140625, -.infinity]),
        ] as [(Int64, Proto, [Float])])
    func readsFloats(type: Int64, values: Proto, expected: [Float]) throws {
        let tensor = try Self.tensor([2], type: type, values)
        #expect(tensor.elementType.isFloat)
        #expect(try tensor.floats() == expected)
        #expect(try tensor.withFloats { Array($0) } == expected)
    }

    @Test(
        arguments: [
            (3, int32s(-128, 127), [-128, 127]), (3, raw([-128, 127] as [Int8]), [-128, 127]),
            (2, int32s(0, 255), [0, 255]), (2, raw([0, 255] as [UInt8]), [0, 255]),
            (5, int32s(-32768, 1), [-32768, 1]), (5, raw([-32768, 1] as [Int16]), [-32768, 1]),
            (4, int32s(65535, 1), [65535, 1]), (4, raw([65535, 1] as [UInt16]), [65535, 1]),
            (6, int32s(-1, 1 << 30), [-1, 1 << 30]), (6, raw([-1, .max] as [Int32]), [-1, 0x7fff_ffff]),
            (7, .ints(7, [.min, .max]), [.min, .max]), (7, raw([.min, -2] as [Int64]), [.min, -2]),
            (12, .ints(11, [0xffff_ffff, 0]), [0xffff_ffff, 0]), (12, raw([.max, 0] as [UInt32]), [0xffff_ffff, 0]),
            (13, .ints(11, [.max, 0]), [.max, 0]), (13, raw([5, 0] as [UInt64]), [5, 0]),
            (9, int32s(0, 1), [0, 1]), (9, raw([2, 0] as [UInt8]), [1, 0]),
        ] as [(Int64, Proto, [Int64])])
    func readsIntegers(type: Int64, values: Proto, expected: [Int64]) throws {
        #expect(try Self.tensor([2], type: type, values).integers() == expected)
    }

    #if !(os(macOS) && arch(x86_64))
    @Test func convertsEveryFloat16() throws {
        let values = try Self.tensor([65536], type: 10, Self.raw(Array(UInt16.min...UInt16.max))).floats()
        for bits in UInt16.min...UInt16.max {
            let value = values[Int(bits)], expected = Float(Float16(bitPattern: bits))
            #expect(
                value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN, "0x\(String(bits, radix: 16))"
            )
        }
    }
    #endif

    @Test func lendsAlignedValuesInPlaceAndCopiesTheRest() throws {
        var lent = 0
        for shift in 0..<4 {
            // The name in front moves the values byte by byte.
            let tensor = try #require(
                try parse(
                    .model(
                        .message(
                            5, .string(8, String(repeating: "n", count: 8 + shift)), .int(1, 2), .int(2, 1),
                            Self.raw([0x3f80_0000, 0x4000_0000] as [UInt32])
                        ))
                ).graph.initializers.first)
            if let (pointer, owner) = tensor.mappedFloats {
                lent += 1
                withExtendedLifetime(owner) { #expect(pointer[0] == 1 && pointer[1] == 2) }
            }
            #expect(try tensor.withFloats { Array($0) } == [1, 2])
        }
        #expect(lent == 1)
    }

    @Test func keepsItsFileAlive() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "m.onnx", Proto.model(tensor: [1], type: 1, Self.raw([0x3f80_0000] as [UInt32])).bytes)
        let tensor = try { try #require(try Model(contentsOf: path).graph.initializers.first) }()
        #expect(try tensor.floats() == [1])
    }

    @Test func holdsNothingWhereADimensionIsZero() throws {
        for values in [Proto(), .data(9, [])] {
            let tensor = try Self.tensor([3, 0], type: 1, values.bytes.isEmpty ? .floats(4, []) : values)
            #expect(tensor.count == 0)
            #expect(try tensor.floats() == [])
        }
        #expect(try Self.tensor([0], type: 7, Proto()).integers() == [])
    }

    @Test func isReadFromAFileOfItsOwn() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("input_0.pb", Proto(.int(1, 2), .int(2, 1), .floats(4, [1, -2])).bytes)
        #expect(try TensorDef(contentsOf: path).floats() == [1, -2])
        #expect(throws: ONNXError.file(path: folder.path, .isFolder)) { try TensorDef(contentsOf: folder.path) }
        let cut = try folder.write("cut.pb", [8, 2, 16, 1, 34, 8, 0, 0])
        #expect(throws: ONNXError.truncated(path: cut, size: 8, needed: 14)) { try TensorDef(contentsOf: cut) }
    }

    @Test func isMadeFromValuesInMemory() throws {
        #expect(try TensorDef(name: "a", dims: [2, 1], floats: [1, 2]).floats() == [1, 2])
        #expect(try TensorDef(name: "b", dims: [], integers: [-3]).integers() == [-3])
        #expect(throws: ONNXError.tensor(path: "in memory", name: "c", .byteCount(expected: 16, actual: 4))) {
            try TensorDef(name: "c", dims: [4], floats: [1])
        }
    }

    @Test(
        arguments: [
            ([-1], 1, Proto(), .negativeDimension(-1)),
            ([1 << 40, 1 << 40], 1, Proto(), .tooManyElements),
            ([1 << 61], 11, Proto(), .tooManyElements),
            ([0, 1 << 40, 1 << 40], 1, Proto(), .tooManyElements),
            ([2], 1, .data(9, [0, 0, 0, 0, 0, 0, 0]), .byteCount(expected: 8, actual: 7)),
            ([2], 1, .data(9, []), .byteCount(expected: 8, actual: 0)),
            ([1], 1, .floats(4, [1, 2]), .byteCount(expected: 4, actual: 8)),
            ([1], 1, .data(4, [0, 0, 0]), .byteCount(expected: 4, actual: 3)),
            ([1], 1, Proto(), .noValues(.float32)),
            ([1], 1, .double(10, 1), .noValues(.float32)),
            ([1], 7, int32s(1), .noValues(.int64)),
            ([2], 8, .string(6, "one"), .valueCount(expected: 2, actual: 1)),
            ([1], 8, .data(9, [1]), .noValues(.string)),
        ] as [([Int64], Int64, Proto, TensorFault)])
    func namesWhatContradictsItself(dims: [Int64], type: Int64, values: Proto, expected: TensorFault) {
        #expect(throws: ONNXError.tensor(path: "m.onnx", name: "w", expected)) {
            try Self.tensor(dims, type: type, values)
        }
    }

    @Test(
        arguments: [
            (3, 7, .ints(7, [1, 2]), .valueCount(expected: 3, actual: 2)),
            (1, 7, .ints(7, [1, 2]), .valueCount(expected: 1, actual: 2)),
            (1 << 40, 7, .ints(7, [1, 2]), .valueCount(expected: 1 << 40, actual: 2)),
            (2, 7, .data(7, [1, 0x80]), .encoding(.overrun)),
            (1, 7, .data(7, [UInt8](repeating: 0xff, count: 11)), .encoding(.varintTooLong)),
            (1, 13, .ints(11, [-1]), .integerTooLarge(.max)),
            (1, 1, .float(4, 1), .notInteger(.float32)),
            (1, 14, Proto(), .notInteger(.other(14))),
        ] as [(Int64, Int64, Proto, TensorFault)])
    func namesWhatCannotBeRead(count: Int64, type: Int64, values: Proto, expected: TensorFault) throws {
        let tensor = try Self.tensor([count], type: type, values)
        #expect(throws: ONNXError.tensor(path: "m.onnx", name: "w", expected)) { try tensor.integers() }
    }

    /// One node's unreadable attribute leaves the file readable.
    @Test func namesTheAttributeOfATensorWithoutName() throws {
        let attribute = Proto.message(5, .string(1, "value"), .message(5, .int(1, 4), .int(2, 1), .float(4, 0)))
        guard
            case .unreadable(let error)? = try parse(.model(.message(1, attribute))).graph.nodes.first?.attributes[
                "value"]
        else {
            Issue.record("the attribute is read")
            return
        }
        #expect(error == .tensor(path: "m.onnx", name: "attribute value", .byteCount(expected: 16, actual: 4)))
    }

    @Test func saysWhatIsNoFloatOrString() throws {
        let tensor = try Self.tensor([1], type: 7, .int(7, 1))
        #expect(throws: ONNXError.tensor(path: "m.onnx", name: "w", .notFloat(.int64))) { try tensor.floats() }
        #expect(throws: ONNXError.tensor(path: "m.onnx", name: "w", .notString(.int64))) { try tensor.strings() }
    }
}
