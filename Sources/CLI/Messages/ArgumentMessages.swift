import Network
import Platform

/// Of what is wrong with the command line.
extension Messages {
    static let noWords = "the command line cannot be read: mount /proc, where Linux keeps it"

    static let noPhoto =
        "no photo given: add --image-path PATH (a photo, a folder, or - for standard input); see gradcam -h"

    static func text(_ fault: ArgumentFault) -> String {
        switch fault {
        case .unknownFlag(let name, let nearest):
            "unknown flag \(name.elided())"
                + (nearest.map { "; did you mean \($0)?" } ?? "; gradcam -h lists the usual flags, --help all")
        case .missingValue(let flag, let placeholder):
            "\(flag) needs a value: \(flag) \(placeholder)"
        case .unexpectedValue(let flag, let value):
            "\(flag) takes no value, but was given \(quoted(value))"
        case .badValue(let flag, let value, let fault):
            "\(flag) \(quoted(value)): \(text(fault))"
        case .conflict(let one, let other):
            "\(one) and \(other) exclude each other: leave one of them out"
        case .noDevice(let fault):
            text(fault)
        case .noPrecision(let wanted):
            text(of: NetworkError.noPrecision(wanted))
        case .noPhoto:
            noPhoto
        case .nothingAskedFor:
            "--outputs none with --quiet leaves nothing to write or to print: add --save-map, --json or "
                + "--report"
        case .nothingToAverage:
            "--table has nothing to average: add --metrics, --boxes or --masks, or --average with reports"
        case .severalReports(let path):
            "--average explains no photo, and reads one file of reports: leave \(quoted(path)) out, or give several by "
                + "cat FILES | gradcam --average -"
        case .severalGrids(let grids):
            "--save-map layer: the layers' grids differ (\(grids.joined(separator: ", "))), so that the mean of their "
                + "maps has none of its own; save it as --save-map input, or give one layer"
        case .config(let fault): "\(text(fault)) (flags are read from it, as --config or GRADCAM_CONFIG say)"
        case .configLine(let path, let line, let fault): "\(path): line \(line): \(text(fault))"
        case .besideConfig(let path, let fault):
            "\(text(fault)) (flags of \(path) count, too; --no-config leaves them out)"
        }
    }

    private static func text(_ fault: ConfigLineFault) -> String {
        switch fault {
        case .notText: "not text in UTF-8 (or it holds a NUL byte); save the file as UTF-8"
        case .noFlag(let word): "\(quoted(word)) is no flag; give a flag a line, such as --method gradcam++"
        case .notHere(let flag): "\(flag) is no default; give it on the command line"
        case .needsQuotes(let text):
            "\(quoted(text)) is more than a value; give one flag a line, or put quotes around it"
        case .openQuote: "the quote has no end"
        case .behindQuote(let text): "\(quoted(text)) goes on behind its quotes; give one flag a line"
        case .flag(let fault): text(fault)
        }
    }

    /// What was taken of a file of defaults.
    static func defaults(_ defaults: Defaults) -> String {
        "flags of \(defaults.path): \(defaults.flags.joined(separator: " ").elided(to: 400))"
    }

    static func text(_ fault: ValueFault) -> String {
        switch fault {
        case .empty: "empty; give a value"
        case .notUTF8: "not valid UTF-8; rename the file, or give the value in UTF-8"
        case .notANumber: "not a number"
        case .outOfRange(let low, let high): "out of range; give \(low) to \(high)"
        case .notOneOf(let choices, let nearest):
            nearest.map { "no such value; did you mean \($0)?" }
                ?? "no such value; one of \(choices.joined(separator: ", "))"
        case .malformed(let expected): "give \(expected)"
        case .numberedCard(let number):
            "no such value; did you mean cuda? CUDA_VISIBLE_DEVICES=\(number.elided(to: 20)) in the environment chooses "
                + "the card"
        case .share(let fault): text(fault)
        }
    }

    static func text(_ fault: ShareFault) -> String {
        let advice = "give --shard I/N"
        return switch fault {
        case .noSystem:
            "none of SLURM_ARRAY_TASK_ID, SLURM_STEP_ID (srun), JOB_COMPLETION_INDEX (Kubernetes) and PARALLEL_SEQ "
                + "(GNU parallel) is set: \(advice)"
        case .several(let names): "\(names.joined(separator: " and ")) are set, and each may be meant: \(advice)"
        case .noCount(let name): "\(name) is set, but not how many shares there are: give --shard auto/N"
        case .notANumber(let name, let value): "\(name) is \(quoted(value)), and not a number: \(advice)"
        case .otherCount(let name, let value, let count):
            "\(name) is \(value), and \(count) shares were asked for: \(advice)"
        case .beyond(let name, let value, let count): "\(name) is \(value), which is beyond \(count) shares: \(advice)"
        case .uneven(let array):
            "the Slurm array is a part of another one, or uneven (\(array)): give --shard auto/N with the number of "
                + "the whole one's tasks, counted from 0"
        }
    }
}
