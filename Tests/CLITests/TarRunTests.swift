import Foundation
import TestSupport
import Testing

@testable import CLI

/// Photos in tars, results into tars, through files and pipes, by the system's `tar`.
@Suite struct TarRunTests {
    let folder = TemporaryFolder()

    /// Runs a line of the shell in the folder; `gradcam` stands for the program on the small network.
    private func shell(_ line: String) throws -> Finished {
        let values = "--threads 2 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"
        return try run(
            "/usr/bin/env",
            [
                "bash", "-c",
                """
                set -eo pipefail; cd "$0"; gradcam() { "$PROGRAM" --model "$MODEL" \(values) "$@"; }
                \(line)
                """, folder.path,
            ], environment: ["PROGRAM": program, "MODEL": smallModel])
    }

    /// `photos`, and `photos.tar` of it, in which there is more than photos.
    private func pack() throws {
        for name in ["photos/a.jpg", "photos/sub/b.c.jpg", "photos/sub/d.JPEG"] {
            folder.write([], to: name)
            try folder.photo(name)
        }
        folder.write(Array("3".utf8), to: "photos/a.cls")
        folder.write(Array("x".utf8), to: "photos/._a.jpg")
        #expect(try shell("tar cf photos.tar -C photos --sort=name .").status == 0)
    }

    @Test func aTarGivesWhatItsFolderGives() throws {
        try pack()
        let result = try shell("gradcam photos -o one --save-map; gradcam photos.tar -o two --save-map --json")
        #expect(result.status == 0, "\(result.errors)")
        let (one, two) = (folder.files.filter { $0.hasPrefix("one/") }, folder.files.filter { $0.hasPrefix("two/") })
        let maps = one.filter { !$0.contains("manifest") }
        #expect(two.filter { !$0.contains("manifest") } == maps.map { "two" + $0.dropFirst(3) })
        #expect(maps.count == 12 && maps.contains("one/sub/b.c_gradcam_cam.npy"))
        for path in maps {
            #expect(
                (bytes(folder.path + "/" + path) == bytes(folder.path + "/two" + path.dropFirst(3))) as Bool, "\(path)")
        }
        #expect(result.output.contains(#""input":"photos.tar/./sub/b.c.jpg""#))
    }

    @Test func aTarGoesThroughAPipeIntoAnother() throws {
        try pack()
        let line =
            "mkdir out; cat photos.tar | gradcam - --output-tar - --outputs cam --target-category 3,6 | tar xf - -C out"
        let result = try shell("gradcam photos -o one --outputs cam --target-category 3,6 --quiet; " + line)
        #expect(result.status == 0 && result.output == "", "\(result)")
        let members = folder.files.filter { $0.hasPrefix("out/") }
        let stems = ["a", "sub/b.c", "sub/d"]
        #expect(
            members
                == stems.flatMap {
                    ["out/\($0).gradcam.json", "out/\($0).gradcam_3_cam.jpg", "out/\($0).gradcam_6_cam.jpg"]
                })
        for stem in stems {
            let twins = ["out/\(stem).gradcam_6_cam.jpg", "one/\(stem)_gradcam_6_cam.jpg"].map {
                bytes(folder.path + "/" + $0)
            }
            #expect((twins[0] == twins[1]) as Bool)
            let report = try JSONSerialization.jsonObject(with: Data(bytes(folder.path + "/out/\(stem).gradcam.json")))
            #expect(
                (report as? [String: Any])?["files"] as? [String]
                    == [3, 6].map { "./\(stem).gradcam_\($0)_cam.jpg" })
        }
        // The same photos give the same tar, but for the times in its reports.
        let twice = try shell(
            "for i in 1 2; do gradcam photos --output-tar $i.tar --outputs cam; done; tar tf 1.tar >1; tar tf 2.tar | cmp 1 -"
        )
        #expect(twice.status == 0 && folder.files.filter { $0.hasSuffix(".partial") } == [], "\(twice.errors)")
    }

    @Test func whatIsNoPhotoIsToldByItsMember() throws {
        try pack()
        let line = """
            cd photos; cp a.jpg e.png; echo x > f.jpg; ln -s a.jpg g.jpg; echo x > h.heic; ln a.jpg i.jpg
            tar cf ../all.tar a.jpg e.png f.jpg g.jpg h.heic i.jpg; tar rf ../all.tar a.jpg; cd ..
            gradcam all.tar -o out --outputs cam --quiet
            """
        let result = try shell(line)
        #expect(result.status == 1)
        let told = result.errors.split(separator: "\n").map { $0.dropFirst("gradcam: all.tar/".count) }
        #expect(told.count == 4 && told.map { $0.prefix(5) } == ["f.jpg", "g.jpg", "i.jpg", "a.jpg"], "\(told)")
        #expect(told[1].contains("tar --dereference") && told[3].contains("holds this path twice"))
        #expect(
            folder.files.filter { $0.hasPrefix("out/") && $0.hasSuffix("cam.jpg") }
                == ["a", "e"].map { "out/\($0)_gradcam_cam.jpg" })
        #expect(try shell("gradcam all.tar -o out --outputs cam || true").errors.contains("1 .heic"))
    }

    @Test func severalTarsHaveFoldersAndAreSharedOutWhole() throws {
        try pack()
        let tars = (0..<8).map { "t/\($0).tar" }
        let result = try shell(
            "mkdir t; for i in {0..7}; do cp photos.tar t/$i.tar; done; gradcam t/*.tar -o out --outputs none --json")
        #expect(try result.status == 0 && objects(result).count == 24, "\(result.errors)")
        var counts: [Int] = []
        for share in 1...2 {
            let part = try objects(try shell("gradcam t/*.tar --outputs none --json --shard \(share)/2"))
            counts.append(part.count)
            let inputs = Set(part.compactMap { ($0["input"] as? String)?.prefix(7) }.map(String.init))
            #expect(
                inputs.count * 3 == part.count && inputs == Set(tars.filter { Share(index: share, count: 2).holds($0) })
            )
        }
        #expect(counts.reduce(0, +) == 24)
        let files = try shell("gradcam t/1.tar t/2.tar -o out --outputs cam --quiet")
        #expect(files.status == 0 && folder.files.contains("out/2/sub/b.c_gradcam_cam.jpg"), "\(folder.files)")
    }

    @Test(arguments: [
        ("gzip -k photos.tar; gradcam photos.tar.gz", "gzip"),
        ("gzip photos.tar; gradcam - <photos.tar.gz", "gunzip -c"),
        ("head -c 3000 photos.tar | gradcam -", "gradcam: -: the tar ends within the member"),
        ("cat photos.tar photos.tar | gradcam -", "gradcam: -: another tar follows the first one"),
        ("tar cf none.tar photos/a.cls; gradcam none.tar", "gradcam: none.tar: the tar holds no JPEG or PNG"),
        ("gradcam none.tar", "gradcam: none.tar: No such file or directory"),
    ])
    func tarsThatCannotBeReadWhole(_ line: String, _ told: String) throws {
        try pack()
        let result = try shell(line + " -o out --outputs none")
        #expect(result.status == 1 && result.errors.contains(told), "\(result.errors)")
    }

    /// A listed tar that is the output, and a tar that ends between two members.
    @Test func tarsAreNotLost() throws {
        try pack()
        let before = bytes(folder.path + "/photos.tar")
        let listed = try shell("echo photos.tar | gradcam - --output-tar photos.tar --outputs cam")
        #expect(listed.status == 4 && listed.errors.contains("the tar that results are written to"), "\(listed.errors)")
        #expect((bytes(folder.path + "/photos.tar") == before) as Bool)
        let line = """
            tar cf x.tar -C photos a.jpg; size=$(stat -c %s photos/a.jpg)
            head -c $(((size + 511) / 512 * 512 + 512)) x.tar >y.tar; gradcam y.tar --outputs cam
            """
        for (words, status) in [(" -o out", Int32(1)), (" --output-tar z.tar", 4)] {
            let cut = try shell(line + words)
            #expect(cut.status == status && cut.errors.contains("y.tar: the tar has no end"), "\(cut.errors)")
        }
        #expect(folder.files.contains("out/a_gradcam_cam.jpg") && !folder.files.contains("z.tar"))
        #expect(try shell("gradcam x.tar -o out --outputs cam").status == 0)
    }

    @Test(arguments: [
        ("gradcam photos --output-tar - >/dev/full", Int32(4), "standard output cannot be written"),
        ("gradcam photos --output-tar none/x.tar", 2, "none/x.tar"),
        ("gradcam photos --output-tar x.tar --resume", 2, "--output-tar and --resume exclude each other"),
        ("gradcam photos --output-tar - --json", 2, "--output-tar - and --json exclude each other"),
        ("gradcam photos.tar --output-tar photos.tar", 2, "photos.tar would be written over"),
    ])
    func tarsThatCannotBeWritten(_ line: String, _ status: Int32, _ told: String) throws {
        try pack()
        let before = folder.files
        let result = try shell(line)
        #expect(result.status == status && result.errors.contains(told), "\(result.status) \(result.errors)")
        #expect(folder.files == before)
    }
}
