import Network
import Platform

let usage = """
    usage: gradcam-bench JOB MODEL [--runs N] [options]       the median of N runs, in milliseconds
           gradcam-bench profile MODEL [--batch N] [--runs N] every step of a forward pass
           gradcam-bench serve MODEL                          jobs from standard input, one a line; answers in ms
    jobs: forward N, photos N, gradcam, cheap, ablationcam, backward, guided, masks N, integrated N, rise N, insertion, road (N images, in
          quotes on the command line)
    options: --threads N; --layer NAME; --images N (how many the session is told to expect);
             --precision float32|bf16x3|bf16|tf32; --device cpu|cuda (of jobs alone)
    MODEL is a file; the network computes photos and images of noise.
    """

func fail(_ message: String, code: Int32) -> Never {
    let text = message + "\n"
    write(2, text, text.utf8.count)
    exit(code)
}

var words: [String] = []
var options: [String: String] = [:]
var rest = CommandLine.arguments.dropFirst()
while let word = rest.popFirst() {
    if word == "--help" || word == "-h" {
        print(usage)
        exit(0)
    } else if !word.hasPrefix("--") {
        words.append(word)
    } else if let value = rest.popFirst() {
        options[word] = value
    } else {
        fail(usage, code: 2)
    }
}
@MainActor func number(_ name: String, default value: Int) -> Int {
    guard let text = options[name] else { return value }
    guard let number = Int(text), number > 0 else { fail("\(name) takes a positive number, not '\(text)'", code: 2) }
    return number
}
@MainActor func precision() -> Precision? {
    guard let text = options["--precision"] else { return nil }
    guard let precision = Precision(rawValue: text) else { fail(usage, code: 2) }
    return precision
}
guard words.count == 2,
    Set(options.keys).isSubset(of: ["--batch", "--device", "--images", "--layer", "--precision", "--runs", "--threads"]
    ),
    ["cpu", "cuda"].contains(options["--device", default: "cpu"])
else {
    fail(usage, code: 2)
}

do {
    let bench = try Workbench(
        model: words[1], layer: options["--layer"], threads: number("--threads", default: processorCount()),
        expectedImages: number("--images", default: 1000), precision: precision(), onCard: options["--device"] == "cuda"
    )
    let runs = number("--runs", default: 15)
    switch words[0] {
    case "serve":
        while let line = readLine() {
            guard let job = Job(line.split(separator: " ")) else { fail("unknown job '\(line)'\n\(usage)", code: 2) }
            print(try bench.run(job))
            fflush(nil)
        }
    case "profile":
        print(try bench.profile(batch: number("--batch", default: 1), runs: runs))
    default:
        guard let job = Job(words[0].split(separator: " ")) else { fail(usage, code: 2) }
        let first = try bench.run(job)
        let times = try (0..<runs).map { _ in try bench.run(job) }.sorted()
        print("\(words[0]): median \(times[runs / 2]) ms, least \(times[0]) ms, the first time \(first) ms")
    }
} catch {
    fail("\(error)", code: 3)
}
