import Testing

@testable import CLI

/// A file of defaults.
@Suite struct ConfigTests {
    let folder = TemporaryFolder()

    private func parse(_ file: String, _ words: String = "a.jpg") throws -> Arguments {
        let path = folder.write(Array(file.utf8), to: "flags")
        return try Arguments(parsing: ["--config", path] + words.split(separator: " ").map(String.init))
    }

    private func fault(_ line: String, _ words: String = "a.jpg") -> ArgumentFault? {
        do {
            _ = try parse("# one\n\n" + line + "\n--json", words)
            return nil
        } catch { return error as? ArgumentFault }
    }

    @Test func everyLineIsAFlag() throws {
        let arguments = try parse(
            "\u{FEFF}# mine\r\n\r\n  --method gradcam++,layercam   # two\n--target-category=\"German shepherd\"\n-j\n"
                + "--quality=\t80\n--save-map layer\n--outputs='cam'#")
        #expect(arguments.methods == ["gradcam++", "layercam"] && arguments.outputs == [.cam])
        #expect(arguments.categories == [[.label("German shepherd")]])
        #expect(arguments.json && arguments.quality == 80 && arguments.saveMap == .layer)
    }

    /// A flag of the command line takes the place of all lines of its name, lists included.
    @Test func theCommandLineWins() throws {
        let file = "--method gradcam++\n--method layercam\n--top-k 3\n--image-path b.jpg\n--use-cuda"
        let arguments = try parse(file, "a.jpg --method=scorecam --device cpu")
        #expect(arguments.methods == ["scorecam"] && arguments.imagePaths == ["a.jpg"])
        #expect(arguments.topK == 3 && arguments.device == .cpu)
        #expect(arguments.defaults?.flags == ["--top-k 3", "--use-cuda"])
        #expect(try parse(file, "--json").imagePaths == [folder.path + "/b.jpg"])
    }

    @Test func pathsAreTakenFromTheFilesFolder() throws {
        folder.write([], to: "net")
        let arguments = try parse(
            "--labels l.txt\n--output-dir out\n--model net\n--input a=x.npy\n--input b=1,2\n--boxes /b.csv\n"
                + "--similar-to ~/s.npy")
        #expect(arguments.labels == folder.path + "/l.txt" && arguments.outputDirectory == folder.path + "/out")
        #expect(arguments.model == folder.path + "/net" && arguments.boxes == "/b.csv")
        #expect(arguments.inputs.map(\.fed) == [folder.path + "/x.npy", "1.0,2.0"])
        let home = System.environment("HOME") ?? ""
        #expect(arguments.similarTo == home + "/s.npy")
        #expect(try parse("--output-dir ~").outputDirectory == home)
        #expect(try parse("--model resnet50\n--image-path -").model == "resnet50")
        #expect(try parse("--model nets/resnet50").model == folder.path + "/nets/resnet50")
    }

    @Test func theEnvironmentNamesOne() throws {
        let path = folder.write(Array("--quality 7".utf8), to: "flags")
        #expect(try Arguments(parsing: ["a"], standardConfig: path).quality == 7)
        #expect(try Arguments(parsing: ["a", "--no-config"], standardConfig: path).quality == 95)
        #expect(try Arguments(parsing: ["a"], standardConfig: "").quality == 95)
        #expect(try Arguments(parsing: ["--version"], standardConfig: "/none").action == .version)
        #expect(throws: ArgumentFault.config(TableFault(path: "/none", .system(2)))) {
            try Arguments(parsing: ["a"], standardConfig: "/none")
        }
    }

    @Test(arguments: [
        ("dog.jpg", ConfigLineFault.noFlag("dog.jpg")), ("- x", .noFlag("-")), ("--config x", .notHere("--config")),
        ("--no-config", .notHere("--no-config")), ("--version", .notHere("--version")), ("-h", .notHere("-h")),
        ("--list-methods", .notHere("--list-methods")), ("--check", .notHere("--check")),
        ("--method a b", .needsQuotes("a b")), ("--labels \"x", .openQuote), ("--labels 'x' y", .behindQuote("'x' y")),
        ("--nope", .flag(.unknownFlag("--nope", nearest: nil))),
        ("--model # none", .flag(.missingValue(flag: "--model", placeholder: "NAME|FILE|FOLDER"))),
        ("--json yes", .flag(.unexpectedValue(flag: "--json", value: "yes"))),
        ("--quality=", .flag(.badValue(flag: "--quality", value: "", .notANumber))),
        ("--labels a\u{0}b", .notText),
    ])
    func aWrongLineIsNamed(_ line: String, _ fault: ConfigLineFault) {
        #expect(self.fault(line) == .configLine(folder.path + "/flags", line: 3, fault))
        #expect(Messages.text(.configLine("f", line: 3, fault)).hasPrefix("f: line 3: "))
    }

    @Test func whatExcludesEachOtherNamesTheFile() {
        let fault = fault("--top-k 2", "a.jpg --target-category 1")
        #expect(fault == .besideConfig(folder.path + "/flags", .conflict("--top-k", "--target-category")))
        #expect(fault.map(Messages.text)?.contains("--no-config") == true)
    }

    /// It is said once, and the run's identity is that of the flags wherever they stand.
    @Test func aRunSaysWhatItTook() throws {
        try folder.photo("in/a.jpg")
        try folder.photo("in/b.jpg")
        let path = folder.write(Array("--outputs cam\n--quality 60\n--output-dir out\n".utf8), to: "flags")
        let first = try explain([folder.path + "/in", "--config", path])
        #expect(first.status == 0)
        #expect(first.errors.contains("flags of \(path): --outputs cam --quality 60 --output-dir \(folder.path)/out\n"))
        let same = ["--no-config", "--outputs", "cam", "--quality", "60", "-o", folder.path + "/out", "--resume"]
        #expect(try explain([folder.path + "/in"] + same).errors.contains("0 photos done, 2 skipped"))
        let quiet = try explain([folder.path + "/in", "--config", path, "--quiet"])
        #expect(quiet.errors == "" && quiet.status == 0)
    }
}
