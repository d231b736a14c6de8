import Foundation
import Imaging
import Testing
import TestSupport

@testable import CLI

/// A page of the repository, by its path.
func page(_ path: String) throws -> String {
    try String(contentsOfFile: Shared.repository + "/" + path, encoding: .utf8)
}

/// The pages say what the program does, in lines that can be read, and their links lead somewhere.
@Suite struct PageTests {
    private let contract: String

    init() throws { contract = try page("docs/cli.md") }

    @Test func theContractHasEveryFlagWithItsForms() {
        for flag in Flag.all {
            let form = flag.name + (flag.placeholder.map { " " + $0 } ?? "")
            #expect(contract.contains((flag.short.map { "`\($0)`, " } ?? "") + "`\(form)`"), "\(form)")
        }
    }

    @Test(arguments: ["README.md", "docs/cli.md", "docs/methods.md", "docs/models.md", "docs/targets.md"])
    func pagesNameNoFlagThatIsNotThere(_ path: String) throws {
        let text = try page(path)
        let long = text.matches(of: /(?:^|[^\w-])(--[a-z][a-z-]*)/).map { String($0.1) }
        let short = text.matches(of: /`(-[A-Za-z0-9])`/).map { String($0.1) }
        let known = Set(Flag.all.map(\.name) + Flag.all.compactMap(\.short))
        #expect(!long.isEmpty && Set(long + short).subtracting(known) == [])
    }

    @Test func theContractHasEveryValue() {
        let values =
            Vocabulary.methods + Arguments.Output.allCases.map(\.rawValue) + Colormap.allCases.map(\.rawValue)
            + Arguments.MapSpace.allCases.map(\.rawValue) + Preprocessing.Interpolation.allCases.map(\.rawValue)
            + Preprocessing.Resize.allCases.map(\.rawValue)
        for value in values { #expect(contract.contains("`\(value)`"), "\(value)") }
    }

    /// The fields of a report are those of a run's, and the other way round.
    @Test func theContractHasTheFieldsOfAReport() throws {
        let section = try #require(
            contract.components(separatedBy: "## What a run reports\n").last?
                .components(separatedBy: "\n## ").first)
        let named = Set(section.matches(of: /`([a-z][a-z_0-9]*)`/).map { String($0.1) })
        let fields = section.split(separator: "\n").filter { $0.hasPrefix("- `") }.flatMap { line in
            line.prefix { $0 != ":" }.matches(of: /`([a-z][a-z_0-9]*)`/).map { String($0.1) }
        }

        let folder = TemporaryFolder()
        let finished = try explain([try folder.photo("cat.jpg"), "--json", "--output-dir", folder.path])
        let report = try #require(try objects(finished).first)
        #expect(Set(fields) == Set(report.keys).union(["error"]))
        let preprocessing = try #require(report["preprocessing"] as? [String: Any])
        let sources = try #require(preprocessing["sources"] as? [String: Any])
        let explained = try #require((report["classes"] as? [[String: Any]])?.first)
        let timings = try #require(report["timings"] as? [String: Any])
        for inner in [preprocessing, sources, explained, timings] {
            #expect(Set(inner.keys).subtracting(named) == [])
        }
    }

    /// The table of what each folder imports, besides what Swift itself brings.
    @Test func foldersImportWhatTheArchitectureSays() throws {
        let rows = try page("docs/architecture.md").matches(of: /(?m)^\| `(Sources\/[A-Za-z]+)` \| .* \| (.*) \|$/)
        #expect(rows.count >= 7)
        for row in rows {
            let folder = Shared.repository + "/" + row.1
            var found: Set<String> = []
            for case let file as String in try #require(FileManager.default.enumerator(atPath: folder))
            where file.hasSuffix(".swift") {
                let source = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
                found.formUnion(source.matches(of: /(?m)^import ([A-Za-z]+)/).map { String($0.1) })
            }
            let stated = Set(row.2.matches(of: /`([A-Za-z]+)`/).map { String($0.1) })
            #expect(found.subtracting(["Dispatch", "Synchronization"]) == stated, "\(row.1)")
        }
    }

    /// Every page of the repository, but for those of other people's files.
    private static let pages: [String] = {
        let folders = ["", "docs", "Models", "Photos", "Tests/Goldens"]
        return folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: Shared.repository + "/" + folder)) ?? [])
                .filter { $0.hasSuffix(".md") }.map { folder.isEmpty ? $0 : folder + "/" + $0 }
        }
    }()

    /// Tables that scripts write may be wider.
    @Test(arguments: pages)
    func linesAreAtMost120ColumnsWide(_ path: String) throws {
        let isWritten = ["docs/bench.md", "docs/exporters.md", "docs/networks.md"].contains(path)
        let lines = try page(path).components(separatedBy: "\n")
        #expect(lines.filter { $0.count > 120 && !(isWritten && $0.hasPrefix("|")) } == [])
    }

    @Test(arguments: pages)
    func linksLeadSomewhere(_ path: String) throws {
        for link in try page(path).matches(of: /\]\(([^)\s]+)\)/).map({ String($0.1) }) where !link.contains("://") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target = parts[0].isEmpty ? path : Paths.joined(Paths.folder(path), parts[0])
            #expect(FileManager.default.fileExists(atPath: Shared.repository + "/" + target), "\(link)")
            if parts.count == 2 { #expect(try anchors(of: page(target)).contains(parts[1]), "\(link)") }
        }
    }

    /// What a link to a heading is called: its letters, digits and hyphens in lower case, spaces as hyphens.
    private func anchors(of text: String) -> [String] {
        text.components(separatedBy: "\n").filter { $0.hasPrefix("#") }.map { heading in
            heading.drop { $0 == "#" }.dropFirst().lowercased()
                .filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
                .replacingOccurrences(of: " ", with: "-")
        }
    }
}
