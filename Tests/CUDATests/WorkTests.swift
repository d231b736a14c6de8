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

    private func sample(_ count: Int, _ passes: [PassKind]) -> Sample {
        var sample = Sample(of: count), next = 0
        for pass in passes {
            for _ in 0..<pass.images {
                sample.take([Float(next)], of: pass)
                next += 1
            }
        }
        return sample
    }

    @Test func endsOfPassesAreCompared() {
        #expect(sample(1, [PassKind(images: 1)]).places == [0])
        #expect(sample(12, [4, 4, 4].map { PassKind(images: $0) }).places == [0, 3, 11])
        #expect(sample(10, [4, 4, 2].map { PassKind(images: $0) }).places == [0, 3, 8, 9])
        #expect(sample(9, [4, 4, 1].map { PassKind(images: $0) }).places == [0, 3, 8])
    }

    /// Passes that became smaller on the way, or were computed otherwise, are compared, too.
    @Test func passesThatChangeAreCompared() {
        let halved = sample(16, [8, 4, 4].map { PassKind(images: $0) })
        #expect(halved.places == [0, 7, 8, 11, 15] && halved.passes.map(\.images) == [8, 4])
        let other = PassKind(images: 4, left: [left(1)])
        let changed = sample(12, [PassKind(images: 4), other, other])
        #expect(changed.places == [0, 3, 4, 7, 11] && changed.passes == [PassKind(images: 4), other])
    }

    @Test func workSpeaksForItsOwn() {
        func work(_ kind: Work.Kind, _ values: Set<ValueID>, _ passes: [PassKind]) -> Work {
            Work(kind: kind, values: values, passes: passes)
        }
        let eight = work(.run, [1, 2], [PassKind(images: 8)])
        #expect(eight.covers(work(.run, [2], [PassKind(images: 9)])))
        #expect(!eight.covers(work(.run, [3], [PassKind(images: 8)])))
        #expect(!eight.covers(work(.run, [2], [PassKind(images: 7)])))
        #expect(!eight.covers(work(.resumed, [2], [PassKind(images: 8)])))
        // Two streams that left one algorithm each, but not the same.
        let (one, other) = (PassKind(images: 8, left: [left(1)]), PassKind(images: 8, left: [left(2)]))
        #expect(!eight.covers(work(.run, [2], [one])) && !work(.run, [2], [one]).covers(work(.run, [2], [other])))
    }

    /// What comparisons say nothing of counts as compared after some of them, for passes of that size alone.
    @Test func silenceIsCounted() {
        for isWalk in [false, true] {
            var findings = Findings()
            func add(_ images: Int) {
                var work = Work(
                    kind: isWalk ? .walk(.plain, isResumed: false) : .run, values: [1],
                    passes: [PassKind(images: images)])
                if isWalk { work.values = [] } else { work.isSilent = true }
                findings.add(work, asked: [1])
            }
            for _ in 1..<Findings.mostSilent { add(1) }
            #expect(findings.compared.isEmpty)
            add(2)
            #expect(findings.compared.isEmpty)
            add(1)
            #expect(findings.compared.count == 1 && findings.compared[0].values == [1])
        }
    }

    /// A gradient of which something is said is compared, another beside it is not.
    @Test func onlyWhatIsSaidCounts() {
        var findings = Findings()
        var work = Work(kind: .walk(.guided, isResumed: false), values: [1, 2], passes: [PassKind(images: 1)])
        work.values = [2]
        findings.add(work, asked: [1, 2])
        #expect(findings.compared.map(\.values) == [[2]])
    }
}
