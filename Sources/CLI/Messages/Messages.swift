import ActivationMaps
import Archive
import Network
import Platform

/// Every sentence that the tool says, but for those of the libraries' own errors.
enum Messages {
    static func text(_ fault: OutputFault) -> String {
        "cannot write into \"\(fault.folder)\": \(systemText(fault.code)); choose another --output-dir"
    }

    static func text(_ fault: RecordFault) -> String {
        let reason =
            switch fault.kind {
            case .system(let code): systemText(code) + "; repair it"
            case .foreign: "gradcam did not write this file, and leaves it alone; rename it"
            case .longLine(let most): "a line is longer than \(most) bytes; remove it"
            }
        return "\(fault.path): \(reason), or choose another --output-dir"
    }

    static func text(_ fault: OverwriteFault) -> String {
        fault.isTwice
            ? "\(fault.path) would be written twice: give each file a name of its own"
            : "\(fault.path) would be written over, which gradcam did not write: choose another place for results"
    }

    /// Where a run goes on without.
    static func noRecord(_ fault: any Error) -> String { "\(text(of: fault)); a later run cannot resume this one" }

    static let noDigest =
        "OpenSSL has no SHA-256 for the network's files: look at its configuration (openssl.cnf, OPENSSL_CONF)"

    /// What products are computed with, and by which kernels.
    static func precision(_ precision: Precision, kernels: String) -> String {
        let factors =
            switch precision {
            case .float32: "convolutions multiply float32"
            case .bf16x3: "convolutions multiply two bfloat16 a number, in three products"
            case .bf16: "convolutions multiply one bfloat16 a number"
            case .tf32: "convolutions and products of matrices multiply TF32"
            }
        return "\(factors); kernels: \(kernels)"
    }

    /// What a precision costs, measured on a photo.
    static func text(_ reading: PrecisionMeter.Reading) -> String {
        switch reading {
        case .measured(let precision, let loss):
            "\(precision.rawValue) against float32: scores differ by up to \(amount(loss.scores)) of the largest"
                + (loss.map.map { ", gradcam's map of 0..1 by up to \(amount($0))" } ?? "")
                + (loss.keepsBest ? "" : ", and another one is the best")
        case .failed(let precision, let error):
            "\(precision.rawValue) could not be compared with float32: \(text(of: error))"
        }
    }

    /// Two digits that count.
    private static func amount(_ number: Float) -> String {
        guard number > 0, number.isFinite else { return "\(number)" }
        var (digits, scaled) = (1, number)
        while scaled < 1, digits < 9 { (digits, scaled) = (digits + 1, scaled * 10) }
        return fixed(number, digits: digits)
    }

    static func cannotPrint(_ code: Int32) -> String { "cannot write to standard output: \(systemText(code))" }

    /// - Parameter left: photos; nil where it is not known how many.
    static func cannotWrite(left: Int?) -> String {
        "nothing more can be written into the output folder: the run ends"
            + (left.map { ", with \(count($0, "photo")) left to do" } ?? "")
    }

    static func text(_ fault: OutputTarFault) -> String {
        switch fault {
        case .file(let error): text(of: error) + "; the tar was not written"
        case .standardOutput(let error): "standard output " + error.description
        }
    }

    static let emptyTar = "no photo was explained; the output tar is not written"

    static let cutOffTar = "the output tar has no end and is not kept, as a tar that was read is not whole"

    static let threadsRefused =
        "the system refused threads (ulimit -u, pids.max): the run took fewer than --threads, and longer"

    static func fewerThreads(_ granted: Int, of wanted: Int) -> String {
        granted == OpenBLAS.mostThreads
            ? "at most \(granted) threads are used, \(wanted) were asked for"
            : "the system grants address space for \(granted) of \(wanted) threads (ulimit -v, ulimit -d): the run takes "
                + "fewer"
    }

    static let noAddressSpace =
        "the system refuses the address space that OpenBLAS begins with: let the process have 250 MB or more (ulimit -v, "
        + "ulimit -d)"

    static func summary(_ tally: Tally, isDryRun: Bool) -> String {
        "\(count(tally.done + tally.planned, "photo")) \(isDryRun ? "to do" : "done"), "
            + "\(tally.skipped > 0 ? "\(tally.skipped) skipped, " : "")\(tally.failed) failed"
    }

    static func share(_ share: Share) -> String { "share \(share.index) of \(share.count) of the photos" }

    static func skipped(_ path: String) -> String { "\(path): skipped, its files are there" }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// A name or a value in double quotes, so that a message stays one line.
    static func quoted(_ text: String) -> String { "\"" + text.elided() + "\"" }

    /// A name in a list, whole but for what no person writes.
    static func listed(_ text: String) -> String { text.elided(to: 1000) }
}
