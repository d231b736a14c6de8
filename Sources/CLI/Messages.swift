import ActivationMaps
import Archive
import Imaging
import Network
import Platform

/// Every sentence that the tool says, but for those of the libraries' own errors.
enum Messages {
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

    static func text(_ fault: PhotoFault) -> String {
        switch fault {
        case .system(let code): systemText(code)
        case .noPhotoInside: "the folder holds no JPEG or PNG"
        case .tarWithoutEnd: "the tar has no end (two blocks of zeros): it may have been cut off, and photos be missing"
        case .noPhotoInTar: "the tar holds no JPEG or PNG"
        case .outputTar: "the tar that results are written to; choose another one"
        case .folderNamedAsPhoto: "a folder that is called as a photo; give it by itself, not in a list"
        case .notAPhotoOrFolder: "neither a file nor a folder"
        case .nameNotUTF8: "the name is not valid UTF-8; rename the file"
        case .emptyList: "no paths on standard input; give one a line"
        case .emptyNULList: "no paths on standard input"
        case .holdsNUL:
            "the paths on standard input hold NUL; give -0 where they end in it (find -print0), or save a list in "
                + "UTF-16 as UTF-8"
        case .noList:
            "standard input is no list of paths: more than a million bytes without one; give paths, one a line"
        case .tar(.tooLarge(let size, let limit)):
            "its \(size) bytes are more than the limit of \(limit): store it smaller, or raise --max-pixels"
        case .tar(let error): error.description
        case .link: "a link or a sparse file, which the tar does not hold itself: pack it again with tar --dereference"
        case .joined: "another tar follows the first one, and is not read: give each by itself"
        case .memberName(.notUTF8): text(PhotoFault.nameNotUTF8)
        case .memberName(.twice): "the tar holds this path twice; the first one is explained"
        case .memberName(.taken): "its files would be called as those of an earlier photo in the tar; rename it"
        case .memberName(.holdsNUL), .memberName(.noName): "the tar gives it no name"
        case .onlyOwnPictures: "nothing but pictures that gradcam wrote; give one by itself to explain it"
        }
    }

    static func text(_ fault: ModelFault) -> String {
        switch fault {
        case .noSuchFile(let path): "no such file: \(path); --list-models prints the models that are installed"
        case .notAFile(let path):
            "\(path) is a pipe, a device or a socket, and a network is read from a regular file: save it first"
        case .unknownName(let name, let nearest, let folders):
            "no model named \(quoted(name)) in \(folders.joined(separator: ", "))"
                + (nearest.map { "; did you mean \($0)?" }
                    ?? (ModelFinder.fetched.contains(name)
                        ? "; make models fetches it" : "; give an .onnx file, or see --list-models"))
        case .emptyFolder(let folder):
            "no .onnx file in the folder \(folder): give the file itself"
        case .severalInFolder(let folder, let files):
            "\(folder) holds several networks "
                + "(\(files.prefix(4).map { $0.elided() }.joined(separator: ", "))"
                + "\(files.count > 4 ? ", ..." : "")): give one of them, such as "
                + "--model \(Paths.joined(folder, files[0]))"
        case .noneInstalled(let folders):
            "no model in \(folders.joined(separator: ", ")); give --model FILE or set GRADCAM_MODELS to a folder "
                + "with .onnx files"
        }
    }

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

    /// Where a run goes on without.
    static func noRecord(_ fault: RecordFault) -> String { "\(text(fault)); a later run cannot resume this one" }

    static let nothingToResume = "--resume: this run writes no files, and explains every photo"

    static let noDigest =
        "OpenSSL has no SHA-256 for the network's files: look at its configuration (openssl.cnf, OPENSSL_CONF)"

    static let device = "Using CPU for computation"
    static let noCUDA = "this build computes on the CPU only; it has no CUDA backend"
    static let noNumbers =
        "the network's scores are not all finite numbers: check its preprocessing (--mean, --std) and weights"

    /// - Parameter layer: nil: the map was made at the input.
    static func noNumbers(in map: Map, of name: String, layer: String?) -> String {
        "the \(map.method) map of \(name.elided(to: 40)) is not made of finite numbers: those of "
            + "\(layer?.elided(to: 40) ?? "the network") or its gradient overflow; check the network's weights"
            + (layer == nil ? "" : ", or try another --target-layer")
    }

    static let symbols =
        "C: channels of the layer; P: its places; N: copies or steps (--samples, --steps); cheap: 1 forward, 1 backward"

    /// In the order of the flags.
    static func unminded(_ options: Set<MethodOptions.Kind>) -> String {
        let flags = MethodOptions.Kind.allCases.filter(options.contains).map(\.flag).joined(separator: ", ")
        return "none of the methods minds \(flags)"
    }

    static func leftOut(_ methods: [String], _ reason: Wording) -> String {
        "left out \(methods.joined(separator: ", ")): \(text(reason))"
    }

    static func passedOver(_ pictures: Int) -> String { "passed over \(count(pictures, "picture")) that gradcam wrote" }

    static func passedOver(_ others: [String: Int]) -> String {
        let kinds = others.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "passed over \(count(others.values.reduce(0, +), "picture")) that are neither JPEG nor PNG (\(kinds)): "
            + "convert them"
    }

    /// What was passed over where photos were looked for; mostly nothing.
    static func passedOver(in photos: PhotoStream) -> [String] {
        (photos.ownPictures > 0 ? [passedOver(photos.ownPictures)] : [])
            + (photos.otherPictures.isEmpty ? [] : [passedOver(photos.otherPictures)])
    }

    static let manyPhotos =
        "more than \(PhotoStream.mostHeld) photos: files are called by the photos' whole paths (--keep-paths)"

    static func ownPicture(_ path: String) -> String {
        "\(path): gradcam wrote this picture; it is explained as any photo, as it was given by itself"
    }

    static func tooLargeForJPEG(_ width: Int, _ height: Int) -> String {
        "\(width) x \(height) pixels are more than a JPEG can hold; the pictures are written as PNG"
    }

    /// What a user should know of the scores before a photo is explained; mostly nothing.
    static func scores(of graph: Graph) -> [String] {
        var lines: [String] = []
        let (name, others) = (graph.output.name.elided(to: 40), graph.output.others)
        if !others.isEmpty {
            let rest = others.count > 4 ? " and \(others.count - 4) more" : ""
            let list = others.prefix(4).map { "'\($0.elided(to: 40))'" }.joined(separator: ", ") + rest
            lines.append("output '\(name)' is taken for the class scores, not \(list); --output NAME chooses another")
        }
        switch graph.output.remark {
        case .loss?:
            lines.append(
                "output '\(name)' is a loss a class (the negative logarithm of its probability, lower is better): "
                    + "its sign is turned"
            )
        case .softmaxOfOne?:
            lines.append(
                "the Softmax of output '\(name)' runs over an axis of one number (as the batch is), so that all of "
                    + "its probabilities are 1: what it reads is explained")
        case nil: break
        }
        switch graph.probability {
        case .number:
            lines.append(
                "output '\(name)' is one number: class 1 shows what makes it more, class 0 what makes it less; if "
                    + "it is a classifier's, give the label or labels of its classes (--labels)")
        case .share, .box: lines.append(dense(graph))
        case .output(let value, _) where value == graph.logits && graph.form.hasClasses:
            lines.append("the scores of '\(name)' have no single logit a class: the scores themselves are explained")
        default: break
        }
        return lines
    }

    /// What is explained of an output that is no row of scores.
    private static func dense(_ graph: Graph) -> String {
        let output = "output '\(graph.output.name.elided(to: 40))' \(graph.values[graph.logits].shape)"
        func classes(_ count: Int) -> String { "\(count) class\(count == 1 ? "" : "es")" }
        switch graph.form {
        case .pixels(let form):
            return "\(output) is taken for a segmentation of \(classes(form.classes)): of a class, the sum of its "
                + "scores over the pixels where it wins is explained"
        case .boxes(let form):
            return "\(output) is taken for \(form.count) boxes of a detector of \(classes(form.classes)): "
                + "of a class, the score of its best box is explained"
        case .classes, .embedding, .numbers: return ""
        }
    }

    static func damagedPhoto(_ warning: String) -> String {
        "the file is damaged (\(warning.elided(to: 160))); what could be read is explained"
    }

    static func text(_ remark: DepthRemark) -> String {
        switch remark {
        case .unused(let bits):
            "its samples use \(bits) of 16 bits, so that it is fed dark; where they are \(max(bits, 8))-bit "
                + "samples, add --bit-depth \(max(bits, 8)) (or auto)"
        case .significant(let bits):
            "its samples use \(bits) of 16 bits, as the file says (sBIT): they are scaled by these; --bit-depth 16 "
                + "takes all"
        case .clipped(let bits, let taken):
            "its samples use \(bits) bits; those above --bit-depth \(taken) are fed as white"
        }
    }

    static func blankMap(_ map: Map, of name: String, layer: String, standard: String?) -> String {
        let (name, layer, standard) = (name.elided(to: 40), layer.elided(to: 40), standard?.elided(to: 40))
        if map.rawMinimum == 0, map.rawMaximum == 0, let standard {
            return
                "the \(map.method) map of \(name) is blank: the scores read nothing of the places of \(layer) "
                + "(after the last attention of a transformer, they read the class token alone); take \(standard), "
                + "the default, or a layer before it"
        }
        if map.rawMinimum == 0, map.rawMaximum == 0 {
            return
                "the \(map.method) map of \(name) is blank: all its numbers are 0, as where \(layer) does not lead to what "
                + "is explained, or holds nothing there; try another --target-layer or class"
        }
        return "the \(map.method) map of \(name) is blank: \(layer) holds no positive evidence for it "
            + "(raw map \(map.rawMinimum) to \(map.rawMaximum), \(fixed(100 * map.negativeShare, digits: 0)) % of it against "
            + "it); try another --target-layer or class, or --signed"
    }

    /// Of a probability's map, or of a box's score.
    static func paleMap(_ map: Map, of name: String, isOfBox: Bool) -> String {
        "the \(map.method) map of the \(name.elided(to: 40)) is pale or blank: so near to 0 or 1 it hardly changes, "
            + "whatever the photo (raw map \(map.rawMinimum) to \(map.rawMaximum)); explain "
            + (isOfBox ? "what its score is made of (--target)" : "the logit (--score logit)")
    }

    /// Of a map that has no layer.
    static func blankMap(_ map: Map, of name: String, isClassBlind: Bool) -> String {
        let reason: String =
            map.rawMinimum == 0 && map.rawMaximum == 0
            ? "all its numbers are 0"
            : map.rawMinimum == map.rawMaximum
                ? "all its numbers are the same" : "no pixel speaks for it"
        let advice = isClassBlind ? "try another photo or method" : "try another class, or --signed"
        return "the \(map.method) map of \(name.elided(to: 40)) is blank: \(reason) (raw map \(map.rawMinimum) to "
            + "\(map.rawMaximum), \(fixed(100 * map.negativeShare, digits: 0)) % of it against it); \(advice)"
    }

    /// Where a layer holds fewer concepts than were asked for.
    static func fewerConcepts(_ found: Int, of wanted: Int, layer: String) -> String {
        let layer = layer.elided(to: 40)
        return found == 0
            ? "no concepts: \(layer) holds the same numbers at every place, or some that are not finite; try another "
                + "--target-layer"
            : "\(count(found, "concept")) of the \(wanted) that were asked for: \(layer) holds no more that differ"
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

    static func altered(_ path: String) -> String {
        "\(path): the file was written to while it was in use, and the pictures may be wrong: run again"
    }

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

    static func text(_ fault: TableClassFault) -> String {
        "\(fault.path): line \(fault.line): \(text(of: fault.fault))"
    }

    static func text(_ fault: MissingClass) -> String {
        "\(fault.table) tells no class of this photo: add a row of photo,class, or leave the photo out"
    }

    static func skipped(_ path: String) -> String { "\(path): skipped, its files are there" }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// A name or a value in double quotes, so that a message stays one line.
    static func quoted(_ text: String) -> String { "\"" + text.elided() + "\"" }

    /// A name in a list, whole but for what no person writes.
    static func listed(_ text: String) -> String { text.elided(to: 1000) }
}
