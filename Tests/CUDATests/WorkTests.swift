import Testing
import TestSupport

@testable import ActivationMaps
@testable import CUDA
@testable import Network

/// For what a comparison speaks.
struct WorkTests {
    private let convolution: ConvolutionForm.Key

    init() throws {
        let graph = try Classifier(contentsOf: Golden("resnet18").path + "/torchscript.onnx").graph
        let geometries = graph.nodes.compactMap { ($0.op as? Conv)?.geometry },
            geometry = try #require(geometries.first)
        convolution = ConvolutionForm.Key(geometry: geometry, maps: 1)
    }

    /// An algorithm of cuDNN's that had no memory.
    private func left(_ algorithm: Int32) -> LeftAlgorithm {
        LeftAlgorithm(call: "a call", convolution: convolution, algorithm: algorithm, math: 3)
    }

    private func places(_ passes: [PassKind]) -> [Int] {
        let rows = passes.flatMap { pass in (0..<pass.images).map { _ in pass } }
        var sample = Sample(.written, of: rows.count)
        for pass in rows { sample.take([1], of: pass) }
        return sample.places
    }

    @Test func endsOfPassesAreCompared() {
        #expect(places([PassKind(images: 1)]) == [0])
        #expect(places([4, 4, 4].map { PassKind(images: $0) }) == [0, 3, 11])
        #expect(places([4, 4, 2].map { PassKind(images: $0) }) == [0, 3, 8, 9])
        #expect(places([4, 4, 1].map { PassKind(images: $0) }) == [0, 3, 8])
    }

    /// Passes that became smaller on the way, or were computed otherwise, are compared, too.
    @Test func passesThatChangeAreCompared() {
        #expect(places([8, 4, 4].map { PassKind(images: $0) }) == [0, 7, 8, 11, 15])
        let other = PassKind(images: 4, left: [left(1)])
        #expect(places([PassKind(images: 4), other, other]) == [0, 3, 4, 7, 11])
    }

    @Test func workSpeaksForItsOwn() {
        let eight = Work(.run, at: 1, of: PassKind(images: 8))
        #expect(eight == Work(.run, at: 1, of: PassKind(images: 9)))
        #expect(eight != Work(.run, at: 2, of: PassKind(images: 8)) && eight != Work(.run, of: PassKind(images: 8)))
        #expect(eight != Work(.run, at: 1, of: PassKind(images: 7)))
        #expect(eight != Work(.resumed, at: 1, of: PassKind(images: 8)))
        // Two streams that left one algorithm each, but not the same.
        let (one, other) = (PassKind(images: 8, left: [left(1)]), PassKind(images: 8, left: [left(2)]))
        #expect(Work(.run, at: 1, of: one) != Work(.run, at: 1, of: other) && Work(.run, at: 1, of: one) != eight)
    }

    /// What comparisons say nothing of counts as compared after some of them.
    @Test func silenceIsCounted() {
        var findings = Findings()
        let (work, other) = (Work(.run, of: PassKind(images: 1)), Work(.run, of: PassKind(images: 2)))
        for _ in 1..<Findings.mostSilent { findings.add([], of: [work]) }
        findings.add([], of: [other])
        #expect(findings.compared.isEmpty)
        findings.add([], of: [work])
        #expect(findings.compared == [work])
        findings.add([other], of: [work, other])
        #expect(findings.compared == [work, other])
    }

    /// Each number of a comparison is rounding, or speaks, by itself.
    @Test func oneSpeaksForNoOther() throws {
        let works = (1...4).map { Work(.written, of: PassKind(images: 1 << $0)) }
        func worst(_ own: [Float], shaken: [Float]) throws -> (Float, Set<Work>) {
            var told: Set<Work> = []
            let comparison = ComparedImages(
                differences: own.map { [Difference(scores: $0)] }, works: [[works[0]], [works[1]], [nil], [works[3]]])
            let found = try comparison.worst(in: .float32, telling: &told) { _ throws(NetworkError) in
                shaken.map { [Difference(scores: $0)] }
            }
            return (found.scores, told)
        }
        // The second is rounding, the third is zero.
        let quiet = try worst([1e-5, 0.5, 0, 1e-4], shaken: [0, 0.4, 0, 0])
        #expect(quiet.0 == 1e-4 && quiet.1 == [works[0], works[3]])
        // The fourth is wrong, whatever rounding does to the second.
        let wrong = try worst([1e-5, 0.5, 0, 0.9], shaken: [0, 0.4, 0, 0])
        #expect(wrong.0 == 0.9)
    }
}
