import Foundation
import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// Networks that normalise their pixels themselves, and what they want (scripts/oracle/beginning_cases.py).
@Suite struct BeginningTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name, wants: String
        let order: String?
        /// Width and height.
        let size: [Int]?

        var testDescription: String { name }
    }

    static let folder = TestSupport.Case.folder + "/beginnings/"
    static let cases = try! JSONDecoder().decode(
        [Case].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "index.json")))

    private static let values: [String: (mean: [Float], std: Float)] = [
        "unit": ([0, 0, 0], 1), "byte": ([0, 0, 0], 1 / 255), "symmetric": ([0.5, 0.5, 0.5], 0.5),
        "centred": ([0.485, 0.456, 0.406], 1 / 255),
        "signed": ([128 / 255, 128 / 255, 128 / 255], 1 / 255),
    ]

    @Test(arguments: cases)
    func pixelsAreWhatTheArithmeticWants(_ item: Case) throws {
        let input = try Classifier(contentsOf: Self.folder + item.name + ".onnx").input, p = input.preprocessing
        #expect(input.isAssumed == (item.wants == "assumed"))
        let source: InputSpecification.Source = input.isAssumed ? .assumption : .network
        #expect(input.sources.mean == source && input.sources.std == source)
        if let (mean, std) = Self.values[item.wants] {
            #expect(
                p.mean == Array(mean.prefix(p.channels)) && p.std == [Float](repeating: std, count: p.channels),
                "mean \(p.mean), std \(p.std)")
        }
        #expect(p.channelOrder.rawValue == item.order ?? "rgb")
        #expect(input.sources.channelOrder == (item.order == nil ? .assumption : .network))
        if let size = item.size { #expect([p.width, p.height] == size && input.sources.size == .network) }
        #expect((p.interpolation == .opencv) == (item.size.map { $0[0] != 16 } ?? false))
        #expect(input.remarks.isEmpty)
    }
}
