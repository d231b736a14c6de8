import Platform

/// Of what is wrong with the command line.
extension Messages {
    static let noPhoto =
        "no photo given: add --image-path PATH (a photo, a folder, or - for a list on standard input); see gradcam "
        + "--help"

    static func text(_ fault: ArgumentFault) -> String {
        switch fault {
        case .unknownFlag(let name, let nearest):
            "unknown flag \(name.elided())"
                + (nearest.map { "; did you mean \($0)?" } ?? "; gradcam --help lists the flags")
        case .missingValue(let flag, let placeholder):
            "\(flag) needs a value: \(flag) \(placeholder)"
        case .unexpectedValue(let flag, let value):
            "\(flag) takes no value, but was given \(quoted(value))"
        case .badValue(let flag, let value, let fault):
            "\(flag) \(quoted(value)): \(text(fault))"
        case .conflict(let one, let other):
            "\(one) and \(other) exclude each other: leave one of them out"
        case .noPhoto:
            noPhoto
        case .nothingAskedFor:
            "--outputs none with --quiet leaves nothing to write or to print: add --save-map or --json"
        case .nothingToAverage:
            "--table has nothing to average: add --metrics, --boxes or --masks, or --average with reports"
        case .severalReports(let path):
            "--average explains no photo, and reads one file of reports: leave \(quoted(path)) out, or give several by "
                + "cat FILES | gradcam --average -"
        case .severalGrids(let grids):
            "--save-map layer: the layers' grids differ (\(grids.joined(separator: ", "))), so that the mean of their "
                + "maps has none of its own; save it as --save-map input, or give one layer"
        }
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
