import ActivationMaps
import Imaging
import Testing
import TestSupport

/// Files as people have them, and what the library that wrote them feeds of two photos
/// (scripts/oracle/preprocessing_cases.py).
@Suite struct PreprocessingSourceTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        struct Options: Decodable {
            let mean, std: [Float]?
            let inputSize, cropSize: [Int]?
            let channelOrder, interpolation: String?
        }

        struct Fed: Decodable {
            let photo, tensor: String
            let width, height, stride: Int
        }

        let name, model: String
        let options: Options
        let told: [String: String]
        let labels: [String]?
        /// Of the greatest magnitude.
        let tolerance: Float
        let fed: [Fed]

        var testDescription: String { name }
    }

    private struct Index: Decodable { let cases: [Case] }

    static let golden = try! Golden("preprocessing")
    static let cases = try! golden.decode(Index.self).cases
    static let folder = TestSupport.Case.folder + "/preprocessing/"

    @Test(arguments: cases)
    func whatIsFedIsWhatTheLibraryFeeds(_ item: Case) throws {
        let classifier = try Classifier(
            contentsOf: Self.folder + item.name + "/" + item.model, options: ModelOptions(item.options))
        for fed in item.fed {
            let expected = try Self.golden.tensor(fed.tensor)
            let p = classifier.preprocessing
            try #require((p.width, p.height) == (fed.width, fed.height), "\(p.width)x\(p.height)")
            let tensor = p.tensor(from: try Image(contentsOf: Self.folder + fed.photo))
            let kept = thinned(tensor, p.width, p.height, fed.stride)
            let range = expected.values.map(abs).max()!
            let difference = maxDifference(kept, expected.values)
            #expect(difference <= item.tolerance * range, "\(fed.photo): off by \(difference) of \(range)")
        }
    }

    @Test(arguments: cases)
    func itIsToldWhoSaidSo(_ item: Case) throws {
        let classifier = try Classifier(
            contentsOf: Self.folder + item.name + "/" + item.model, options: ModelOptions(item.options))
        let sources = classifier.input.sources
        let named = [
            "values": Set([sources.mean, sources.std].map { "\($0)" }).sorted().joined(separator: ", "),
            "size": "\(sources.size)", "resize": "\(sources.resize)",
            "interpolation": "\(sources.interpolation)", "channel_order": "\(sources.channelOrder)",
        ]
        for (part, source) in item.told {
            #expect(named[part]?.hasSuffix(source) == true, "\(part): \(named[part] ?? "")")
        }
        #expect(!classifier.input.isAssumed)
        #expect(item.labels == nil || classifier.labels == item.labels)
    }

    /// Every stride-th row and column.
    private func thinned(_ tensor: [Float], _ width: Int, _ height: Int, _ stride: Int) -> [Float] {
        let channels = tensor.count / (width * height)
        return (0..<channels).flatMap { channel in
            Swift.stride(from: 0, to: height, by: stride).flatMap { y in
                Swift.stride(from: 0, to: width, by: stride).map { x in tensor[(channel * height + y) * width + x] }
            }
        }
    }
}

extension ModelOptions {
    fileprivate init(_ options: PreprocessingSourceTests.Case.Options) {
        self.init()
        (mean, std) = (options.mean, options.std)
        inputSize = options.inputSize.map { (width: $0[0], height: $0[1]) }
        cropSize = options.cropSize.map { (width: $0[0], height: $0[1]) }
        channelOrder = options.channelOrder.flatMap(Preprocessing.ChannelOrder.init)
        interpolation = options.interpolation.flatMap(Preprocessing.Interpolation.init)
    }
}
