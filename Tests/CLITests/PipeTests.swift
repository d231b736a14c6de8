import Imaging
import TestSupport
import Testing

@testable import CLI

/// Photos that come through pipes.
@Suite struct PipeTests {
    let folder = TemporaryFolder(), results = TemporaryFolder()
    private let photo: String

    init() throws { photo = try folder.photo("cat.jpg") }

    /// The program, in a line of the shell where `$cat` is the photo and `"$@"` the program with flags.
    private func run(_ line: String, _ words: [String] = []) throws -> Finished {
        try explain(in: "cat=\(photo)", words + ["-o", results.path], through: line)
    }

    @Test(arguments: [
        "cat $cat | \"$@\" -", "\"$@\" - <$cat", "cat $cat | \"$@\" /dev/stdin", "\"$@\" /dev/stdin <$cat",
        "\"$@\" <(cat $cat)", "mkfifo $cat.p; (cat $cat >$cat.p &); \"$@\" $cat.p", "cat $cat | \"$@\" /dev/fd/0",
        "(head -c 100 $cat; sleep 0.2; tail -c +101 $cat) | \"$@\" -",
    ])
    func theirFilesAreThoseOfAPhotoByItself(_ line: String) throws {
        let result = try run(line)
        #expect(result.status == 0, "\(result.errors)")
        #expect(results.files == ["gradcam_cam.jpg", "gradcam_cam_gb.jpg", "gradcam_gb.jpg"])
        let file = TemporaryFolder()
        #expect(try explain([photo, "-o", file.path]).status == 0)
        for name in results.files { #expect(bytes(results.path + "/" + name) == bytes(file.path + "/" + name)) }
    }

    @Test func aPNGAndAnArrayComeToo() throws {
        let png = Shared.repository + "/Tests/Cases/square224.png"
        #expect(try run("cat \(png) | \"$@\" -").status == 0)
        let cutOff = try run("printf '\\x93NUMPY' | \"$@\" -")
        #expect(cutOff.status == 1 && cutOff.faults.hasPrefix("gradcam: -: "), "\(cutOff.errors)")
    }

    @Test func besideOthersTheyAreCalledByTheirPipe() throws {
        #expect(try run("cat $cat | \"$@\" - $cat <(cat $cat) --outputs cam").status == 0)
        #expect(results.pictures.contains("stdin_gradcam_cam.jpg") && results.pictures.contains("cat_gradcam_cam.jpg"))
        #expect(results.pictures.count == 3)
        #expect(try objects(run("cat $cat | \"$@\" - --json --outputs none")).first?["input"] as? String == "-")
    }

    @Test func theyHaveNoDateToResumeBy() throws {
        for line in ["cat $cat | \"$@\" -", "\"$@\" <(cat $cat)"] {
            let result = try run(line, ["--resume"])
            #expect(result.status == 2)
            #expect(
                result.faults.hasPrefix("gradcam: --resume and a photo that comes through a pipe exclude each other"))
        }
    }

    @Test func onePipeBringsOnePhoto() throws {
        for line in ["cat $cat | \"$@\" /dev/stdin /dev/fd/0", "cat $cat | \"$@\" - /dev/stdin"] {
            let result = try run(line, ["--json", "--outputs", "none"])
            #expect(result.status == 0, "\(result.errors)")
            #expect(try objects(result).count == 1)
        }
    }

    @Test func theFileOfStandardInputIsNotWrittenOver() throws {
        let before = bytes(photo), path = results.write(before, to: "gradcam_cam.jpg")
        let result = try run("\"$@\" - <\(path)", ["--outputs", "cam"])
        #expect(result.status != 0 && bytes(path) == before, "\(result.errors)")
    }

    @Test func anEndlessOneIsRefused() throws {
        let text = try run("yes | \"$@\" /dev/stdin")
        #expect(text.status == 1 && text.faults.contains("/dev/stdin: text, not a picture"), "\(text.errors)")
        let result = try run("(cat $cat; cat /dev/zero) | \"$@\" /dev/stdin", ["--max-pixels", "1MP"])
        #expect(result.status == 1 && result.faults.contains("/dev/stdin: it goes on after 108000000 bytes"))
        #expect(try run("\"$@\" /dev/stdin </dev/null").faults.contains("/dev/stdin: neither a file nor a folder"))
    }
}
