import Foundation
import Testing

@testable import CLI

/// What is said of the program where packages are made is what the program says of itself.
@Suite struct PackageTests {
    private func first(_ pattern: Regex<(Substring, Substring)>, in path: String) throws -> String {
        String(try #require(try page(path).firstMatch(of: pattern), "\(path)").1)
    }

    @Test func everyPackageHasTheProgramsVersion() throws {
        #expect(try first(/(?m)^version: (\S+)$/, in: "CITATION.cff") == Vocabulary.version)
        #expect(try first(/^gradcam \(([^)]+)\)/, in: "debian/changelog") == Vocabulary.version)
        #expect(try first(/(?m)^  version "([^"]+)"$/, in: "packaging/homebrew/gradcam.rb") == Vocabulary.version)
        #expect(try first(/gradcam-([0-9.]+)\.tar/, in: "packaging/homebrew/gradcam.rb") == Vocabulary.version)
    }

    /// The source archive's name is read from the source.
    @Test func theVersionStandsWhereTheScriptReadsIt() throws {
        #expect(
            try first(/(?m)^    static let version = "([^"]+)"$/, in: "Sources/CLI/Vocabulary.swift")
                == Vocabulary.version)
    }

    /// The libraries that a build asks for are those that packages of it ask for.
    @Test func packagesAskForTheLibrariesOfTheBuild() throws {
        let listed = try first(/packages=\((pkg-config [^)]+)\)/, in: "scripts/install_dependencies.sh")
        let asked = try first(/Build-Depends: debhelper-compat \(= 13\), (.*)/, in: "debian/control")
        #expect(asked.replacingOccurrences(of: ",", with: "") == listed)
    }

    @Test func citationNamesWhatTheMethodsFollow() throws {
        let citation = try page("CITATION.cff")
        for line in ["cff-version: 1.2.0", "doi: 10.1109/ICCV.2017.74", "github.com/jacobgil/pytorch-grad-cam"] {
            #expect(citation.contains(line))
        }
        #expect(try page("LICENSE").contains("MIT License") && citation.contains("\nlicense: MIT\n"))
    }
}
