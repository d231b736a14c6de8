import ActivationMaps
import Imaging
import Network

/// What the command line asked for. Every field that is nil or empty leaves the choice to the model or to the tool.
struct Arguments: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        case explain, help, briefHelp, version, listMethods, listMetrics, listLayers, listModels, check, average
        case generate(Generated)

        /// Whether it is done as soon as it is asked for, whatever else was, or is wrong.
        var isAtOnce: Bool {
            switch self {
            case .help, .briefHelp, .version, .generate: true
            default: false
            }
        }
    }
    enum Category: Sendable, Equatable { case index(Int), label(String) }
    /// Which number of a class is explained.
    enum Score: String, Sendable, CaseIterable { case logit, probability, rest }
    enum Output: String, Sendable, CaseIterable {
        case cam, gb, cam_gb, compare, concepts
        /// No picture; stands alone.
        case nothing = "none"

        /// What is written where nothing is asked for.
        static let standard = [cam, gb, cam_gb]

        /// What of an explanation it is made of.
        struct Parts: OptionSet {
            let rawValue: Int
            static let map = Parts(rawValue: 1), gradient = Parts(rawValue: 2), concepts = Parts(rawValue: 4)
        }

        var shows: Parts {
            switch self {
            case .cam, .compare: .map
            case .gb: .gradient
            case .cam_gb: [.map, .gradient]
            case .concepts: .concepts
            case .nothing: []
            }
        }
    }
    /// On which grid maps are saved: the photo's pixels, those of the network's input, or the layer's own.
    enum MapSpace: String, Sendable, CaseIterable { case photo, input, layer }
    enum Device: String, Sendable, CaseIterable { case cpu, cuda }
    struct Size: Sendable, Equatable { var width, height: Int }
    /// What an input besides the photo is fed: numbers, or a file of them or of a picture.
    struct Input: Sendable, Equatable {
        enum Source: Sendable, Equatable { case numbers([Float]), file(String) }
        let name: String
        let source: Source

        /// The file's path, or the numbers between commas.
        var fed: String {
            switch source {
            case .numbers(let numbers): numbers.map { "\($0)" }.joined(separator: ",")
            case .file(let path): path
            }
        }
    }
    /// Which files are left as they are, and their photos with them.
    enum Overwriting: String, Sendable, CaseIterable { case never, older, always }

    /// Where defaults are read.
    enum Config: Sendable, Equatable {
        /// In the file that the environment names, if any.
        case standard
        case none, file(String)
    }

    var action = Action.explain
    var config = Config.standard
    /// What was read there; nil where nothing was.
    var defaults: Defaults?
    var imagePaths: [String] = []
    /// Those among them that are not UTF-8, as they are repaired.
    var wrongPaths: Set<String> = []
    /// Of a list on standard input; else each is a line.
    var endsPathsInNUL = false
    /// Names of methods and of groups of them; after `resolved(by:)` of methods alone.
    var methods: [String] = []
    /// What every `--target-category` lists between commas; several parts may turn out to be one label
    /// (`resolved(by:)`).
    var categories: [[Category]] = []
    var topK = 1
    var score = Score.logit
    /// The class that others are explained against.
    var against: Category?
    /// Parts of one output, each a target.
    var slices: [OutputSlice] = []
    /// A picture, not black where a segmentation is explained.
    var targetMask: String?
    /// Of a detector, each a target.
    var targetBoxes: [Explainer.BoxChoice] = []
    /// A table of photos and their classes.
    var classTable: String?
    /// How many classes it gives a photo at most; as its reader tells.
    var mostClasses = 1
    /// A photo or an `.npy` file, whose embedding the photos' are compared with.
    var similarTo: String?
    var share = Share.whole
    /// Whether the share was not given, but found.
    var tellsShare = false
    /// Whether files are called by the photos' whole paths.
    var keepsPaths = false
    var bitDepth: BitDepth?
    /// Those of an array that pictures show: three or one; nil: the first.
    var previewChannels: [Int]?
    /// Of a photo.
    var mostPixels = Image.mostPixels

    var model: String?
    var layers: [String] = []
    var output: String?
    /// Of inputs besides the photo, each once.
    var inputs: [Input] = []
    var imageInput: String?
    var labels: String?
    var mean: [Float]?
    var std: [Float]?
    var inputSize: Size?
    var channelOrder: Preprocessing.ChannelOrder?
    var resize: Preprocessing.Resize?
    var cropSize: Size?
    var interpolation: Preprocessing.Interpolation?

    var augSmooth = false
    var eigenSmooth = false
    var fusion = LayerFusion.mean
    var isSigned = false
    /// Of methods.
    var options = MethodOptions()
    /// nil where neither --device nor --use-cuda was given: the CPU.
    var device: Device?
    /// Whether it is an error where that device is not there.
    var needsDevice = false
    /// As --device says it.
    var chosenDevice: Device? {
        get { device }
        set { (device, needsDevice) = (newValue, newValue == .cuda) }
    }
    /// nil: the processor's own.
    var precision: Precision?
    var threads: Int?
    /// Photos a pass; nil: as many as the network gains by.
    var batch: Int?
    var batchSize: Int?
    /// What a network may ask for.
    var limits = Limits()

    var outputDirectory = "."
    /// nil: results are files in `outputDirectory`.
    var outputTar: String?
    var overwriting = Overwriting.always
    /// Whether photos are passed over whose files are there, as an earlier run wrote them.
    var resumes = false
    /// Whether it is only told what would be done.
    var isDryRun = false
    var outputs: [Output] = []
    /// Adds to `outputs`.
    var compares = false
    /// How many; adds to `outputs`, unless these are none.
    var concepts: Int?
    /// nil: maps are not saved.
    var saveMap: MapSpace?
    /// Whether boxes and masks of maps are reported, and masks written.
    var tellsBox = false, tellsMask = false
    var showsColorbar = false
    /// nil: jet, or of signed maps blue, white and red.
    var colormap: Colormap?
    var imageWeight: Float = 0.5
    var format = FileNames.Format.jpeg
    var quality = 95

    /// Names of metrics; after `all` each of them.
    var metrics: [String] = []
    /// What people marked: a file of boxes, or a folder of masks.
    var boxes: String?, masks: String?
    /// Where averages are written, besides being printed.
    var table: String?
    /// A file of reports whose averages are wanted.
    var reports: String?

    /// A page on which the run is looked at; as its reader tells of a share (`galleryFile`).
    var gallery: String?
    var json = false
    var quiet = false
    var isVerbose = false
    var showsProgress = true

    /// The colours of the overlay.
    var colours: Colormap { colormap ?? (isSigned ? .bwr : .jet) }

    /// Where files go.
    var place: FileNames.Place { outputTar == nil ? .folder(outputDirectory) : .tar }

    /// Whether a network is loaded.
    var computes: Bool { action == .explain || action == .check || action == .listLayers }

    var writesPictures: Bool { outputs != [.nothing] }

    /// Whether anything is written besides what is printed.
    var writesFiles: Bool { writesPictures || saveMap != nil || tellsMask }

    /// Whether maps are judged, by metrics or by what people marked.
    var judges: Bool { !metrics.isEmpty || boxes != nil || masks != nil }

    /// Whether what is done is written down in the output folder, or looked up there: where a run resumes, and of more
    /// than one photo whose files are written or whose maps are judged, which takes longer than anything else.
    var records: Bool {
        guard overwriting == .always, action == .explain, outputTar == nil, resumes || !isDryRun else { return false }
        return resumes || (writesFiles || judges) && !PhotoStream.isOne(imagePaths)
    }

    /// Whether a run cannot do without the output folder: where a record alone would be kept in it, it can.
    var needsFolder: Bool { writesFiles || resumes }

    /// Whether file names carry the target: several were asked for, however many the model has.
    var namesClasses: Bool {
        [topK, categories.joined().count, mostClasses, slices.count].contains { $0 > 1 }
    }
}
