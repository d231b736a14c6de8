import ONNX
import Testing
import TestSupport

@testable import Network

/// The ONNX standard's own node tests on the CPU: a listed operator that is known, and a listed test that passes, are
/// failures too.
@Suite struct ConformanceTests {
    static let conformance = try? NodeConformance(for: "the ONNX standard's node tests")

    @Test func agreesWithTheStandard() throws {
        guard let conformance = Self.conformance else { return }
        let suite = conformance.suite, gaps = conformance.gaps
        #expect(suite.names.count > 1000)
        for name in conformance.operators { #expect(!Registry.knows(name), "\(name) is known, but is listed as a gap") }
        var (passed, listed) = (0, 0)
        var scopes: [String: Int] = [:]
        for name in suite.names {
            switch try conformance.outcome(name, by: GraphRunner.self) {
            case .passed:
                passed += 1
                #expect(gaps[name] == nil, "\(name) passes, but is listed as a gap")
            case .failed(let reason):
                listed += 1
                #expect(gaps[name] != nil, "\(name): \(reason)")
            case .outOfScope(let why):
                scopes[why, default: 0] += 1
                #expect(gaps[name] == nil, "\(name) is out of scope (\(why)), but is listed as a gap")
            }
        }
        let rest = scopes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print(
            "conformance: \(passed) of \(passed + listed) tests in scope pass, \(listed) listed gaps; out of scope: \(rest)"
        )
    }
}
