import Foundation
import Network
import TestSupport
import Testing

@testable import CLI

/// Libraries speak of settings; the command line gives them their flags' names.
struct SettingTests {
    @Test(arguments: Setting.allCases)
    func everySettingHasAFlag(_ setting: Setting) {
        #expect(Flag.all.contains { $0.name == setting.flag })
    }

    @Test func aSentenceIsWordedTwice() {
        let fault = NetworkError.node(
            name: "a\u{7}b", operator: "MaxPool", opset: 13,
            reason: "give a larger input (\(.inputSize))" + ", 3 pixels")
        #expect("\(fault)" == #"node 'a\u{07}b' (MaxPool, opset 13): give a larger input (inputSize), 3 pixels"#)
        #expect(
            Messages.text(of: fault)
                == #"node 'a\u{07}b' (MaxPool, opset 13): give a larger input (--input-size), 3 pixels"#)
        #expect(
            Messages.text(of: NetworkError.several([fault, fault]))
                == Messages.text(of: fault) + " (and 1 more: --check names them all)")
    }

    /// `gradcam-bench` is a command line of its own.
    @Test func noLibraryNamesAFlag() throws {
        let sources = Shared.repository + "/Sources"
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter { file in
            [".swift", ".c", ".h"].contains { file.hasSuffix($0) }
                && !["CLI/", "Bench/"].contains { file.hasPrefix($0) }
        }
        #expect(files.count > 100)
        for file in files {
            let text = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
            for line in text.split(separator: "\n") where line.contains(/--[a-z]/) {
                Issue.record("\(file) names a flag: \(line)")
            }
        }
    }
}
