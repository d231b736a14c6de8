import Foundation
import TestSupport
import Testing

/// The scripts that spread photos over machines, most of them with a stand-in for the program.
@Suite struct ClusterTests {
    let folder = TemporaryFolder()

    private func standIn(_ body: String, as name: String) -> String {
        let path = folder.write(Array("#!/bin/bash\n\(body)\n".utf8), to: name)
        chmod(path, 0o755)
        return path
    }

    private func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: folder.path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Two of three shares, of a list of paths, by the numbers that Slurm and Kubernetes give them.
    @Test(arguments: [
        (["SLURM_ARRAY_TASK_ID": "2", "SLURM_CPUS_PER_TASK": "8"], 2), (["JOB_COMPLETION_INDEX": "0"], 0),
    ])
    func aShareLeavesAReportOnceItIsThrough(_ scheduler: [String: String], _ number: Int) throws {
        let list = folder.write(Array("a.jpg\nb c.jpg\n".utf8), to: "list")
        let program = standIn(#"echo "$* input:$(tr '\n' ' ')"; exit 1"#, as: "stand-in")
        folder.write([], to: "results/reports/\(number)-of-3.jsonl.host.7.partial")
        let results = folder.path + "/results"
        let result = try runScript(
            "cluster/share.sh", ["3", list, results, "--method", "all"],
            environment: scheduler.merging(["GRADCAM": program]) { $1 })
        #expect(result.status == 1)
        let threads = scheduler["SLURM_CPUS_PER_TASK"].map { " --threads " + $0 } ?? ""
        let call =
            "--output-dir \(results) --shard auto/3 --resume --keep-paths --quiet --json\(threads) --image-path - --method all"
        #expect(text("results/reports/\(number)-of-3.jsonl") == "\(call) input:a.jpg b c.jpg \n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: results + "/reports").count == 1)
    }

    /// The program is told to end, and its exit code is the script's; what it had printed is no report.
    @Test(arguments: ["TERM", "USR1"])
    func aShareThatIsStoppedLeavesNoReport(_ signal: String) throws {
        let program = standIn(
            """
            trap 'exit 143' TERM
            echo '{"input":"a"}'
            kill -\(signal) $PPID
            sleep 5 >/dev/null 2>&1 & wait
            """, as: "stand-in")
        let scheduler = standIn("echo \"$*\" >\(folder.path)/called", as: "bin/scontrol")
        let path =
            (scheduler as NSString).deletingLastPathComponent + ":" + ProcessInfo.processInfo.environment["PATH"]!
        // Threads that run tests block signals, and what they start does, too.
        var mask = sigset_t()
        var none = sigset_t()
        pthread_sigmask(SIG_SETMASK, &none, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        let result = try runScript(
            "cluster/share.sh", ["3", folder.path, folder.path + "/results"],
            environment: ["GRADCAM": program, "PATH": path, "SLURM_ARRAY_TASK_ID": "1", "SLURM_JOB_ID": "40"])
        #expect(result.status == 143)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/results/reports") == [])
        // Slurm's warning that the time limit is near: once more, later.
        #expect(text("called") == (signal == "USR1" ? "requeue 40\n" : nil))
    }

    @Test func reportsAreMergedOnceAllSharesAreThrough() throws {
        let results = folder.path + "/results"
        for number in [0, 2] {
            folder.write(Array("{\"input\":\"\(number)\"}\n".utf8), to: "results/reports/\(number)-of-3.jsonl")
        }
        folder.write(Array("{\"input\":\"of another count\"}\n".utf8), to: "results/reports/1-of-2.jsonl")
        let early = try runScript("cluster/merge.sh", ["3", results])
        #expect(early.status == 1 && early.output == "")
        #expect(early.errors.contains("1 of 3 shares") && early.errors.contains("--array=1\n"))

        folder.write(Array("{\"input\":\"1\"}\n".utf8), to: "results/reports/1-of-3.jsonl")
        let all = try runScript("cluster/merge.sh", ["3", results])
        #expect(all.status == 0 && all.output == "{\"input\":\"0\"}\n{\"input\":\"1\"}\n{\"input\":\"2\"}\n")
    }

    /// By GNU parallel on two hosts, which are this machine; the first loses its first connection.
    @Test func sharesOfAHostThatFailsGoToAnother() throws {
        guard try run("/usr/bin/env", ["sh", "-c", "command -v parallel"]).status == 0 else {
            return print("skipped: \(#function): GNU parallel is not installed")
        }
        let ssh = standIn(
            """
            host=$1; shift 2
            echo "$host" >>\(folder.path)/connections
            [ "$host" = weak ] && mkdir \(folder.path)/lost 2>/dev/null && exit 255
            SHELL=/bin/bash exec bash -c "$*"  # sshd names the shell, and GNU parallel asks for it there
            """, as: "ssh")
        let program = standIn(#"sleep 0.2; echo "$PARALLEL_SEQ: ${*: -2}""#, as: "stand-in")
        let hosts = folder.write(Array("weak\nstrong\n".utf8), to: "hosts")
        folder.write([], to: "photos/none")
        let result = try runScript(
            "cluster/parallel.sh",
            [hosts, "4", folder.path + "/photos", folder.path + "/re sults", "--target-category", "a b"],
            environment: ["PARALLEL_SSH": ssh, "GRADCAM": program, "HOME": folder.path])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == (1...4).map { "\($0): --target-category a b\n" }.joined())
        #expect(text("connections")?.split(separator: "\n").count == 5)
    }

    @Test(arguments: ["share.sh", "merge.sh", "parallel.sh", "plan.sh"])
    func wrongCallsShowTheUse(_ script: String) throws {
        let result = try runScript("cluster/" + script, ["zero"])
        #expect(result.status == 2)
        #expect(result.errors.contains("scripts/cluster/\(script) "))
    }

    /// As many pods as shares, and an image that has what they run.
    @Test func theJobHasAPodForEveryShare() throws {
        let job = try page("scripts/cluster/kubernetes.yaml"), image = try page("Containerfile")
        let completions = try #require(job.firstMatch(of: /completions: (\d+)/)).1
        let shares = try #require(job.firstMatch(of: /args: \["(\d+)"/)).1
        #expect(completions == shares)
        let command = try #require(job.firstMatch(of: /command: \[(.*)\]/)).1
        #expect(image.contains("scripts/cluster/share.sh /installed/usr/local/bin/\(command)\n"))
    }

    @Test func aSampleTellsWhatManyPhotosTake() throws {
        let program = standIn(
            #"while IFS= read -rd '' photo; do mkdir -p "$4"; head -c 1500 /dev/zero >"$4/${photo##*/}.jpg"; done"#,
            as: "stand-in")
        for name in ["a.jpg", "b.JPG", "c.png", "d e.jpeg", "notes.txt"] { folder.write([], to: "photos/" + name) }
        let result = try runScript("cluster/plan.sh", [folder.path + "/photos"], environment: ["GRADCAM": program])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains(" and 1500 bytes a photo\n") && result.output.contains(", 150 GB\n"))
    }

    /// A Slurm cluster on this machine, of which a node is killed (where Slurm is installed, and only as root).
    @Test func aSlurmArrayOutlivesANode() throws {
        let result = try runScript("cluster/slurm_trial.sh", [], environment: ["GRADCAM": program])
        if result.status == 77 { return print("skipped: \(#function): \(result.output)") }
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }
}
