import Platform

/// A kind of machine that networks run on. A device is a type of its own; nothing else knows its parts.
public protocol Device: Sendable {
    /// As users spell it.
    static var name: String { get }

    /// Takes a network in; weights may be prepared later, when they are first needed.
    ///
    /// - Throws: `.noKernel` where the device cannot run a node, `.noPrecision`.
    static func load(_ graph: Graph, _ options: LoadOptions) throws(NetworkError) -> any Program
}

/// What a device is told when it loads a network.
public struct LoadOptions: Sendable {
    /// Threads to prepare weights with.
    public var threads: Int
    /// How many images will be run, masked ones included: what is prepared must pay for itself.
    public var expectedImages = 1000
    /// Images a pass where many are streamed; nil: as many as the device takes well, the CPU into about 128 MB.
    public var batch: Int?
    /// Whether convolutions may be computed by transforms (Winograd); without them they take longer and round less.
    package var transforms = true
    /// Of the factors of large products; nil: the device's own choice, see `Precision`.
    public var precision: Precision?

    /// - Parameter threads: nil: one a processor that the process may use.
    public init(threads: Int? = nil, expectedImages: Int = 1000, batch: Int? = nil) {
        self.threads = max(1, threads ?? processorCount())
        (self.expectedImages, self.batch) = (expectedImages, batch)
    }
}

/// A network ready to run on one device; its weights are prepared once and shared by all sessions.
public protocol Program: AnyObject, Sendable {
    /// The network.
    var graph: Graph { get }
    /// With which it computes.
    var precision: Precision { get }
    /// The loops that compute, by the name that users know.
    var kernelName: String { get }

    /// A caller of its own: sessions of one program may run in several threads at the same time.
    func session(threads: Int) -> any Session
}

/// One caller's way to run a network; not for several threads at a time.
public protocol Session: AnyObject {
    /// What it was made from.
    var program: any Program { get }

    /// A session of another network on the same device, with as many threads, for a few images.
    ///
    /// - Throws: as `Device.load`.
    func session(of graph: Graph) throws(NetworkError) -> any Session

    /// One forward pass of some images, each with the numbers that it has in a run of its own.
    ///
    /// - Parameters:
    ///   - images: one at least, each channels x height x width, normalised as the network wants.
    ///   - recording: what will be asked of the run afterwards.
    /// - Throws: `.inputSize`, `.memory`.
    func run(_ images: [[Float]], recording: Recording) throws(NetworkError) -> any Run

    /// How many images a run should hold where there are many: 1 where they gain nothing by sharing it, fewer where
    /// they take much memory.
    ///
    /// - Throws: `.noKernel`.
    func usefulImages(_ recording: Recording) throws(NetworkError) -> Int

    /// Compares the memory that some runs side by side take with what may be held, and allocates nothing. Passes of a
    /// stream, after it, are no larger than what those runs leave room for.
    ///
    /// - Parameters:
    ///   - images: of each run.
    ///   - streams: whether scores of other images are asked for besides.
    ///   - runs: how many sessions run at a time.
    /// - Throws: `.memory`.
    func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError)

    /// Class scores of many images, streamed in passes that fit; nothing is recorded.
    ///
    /// - Parameter keep: what of an image's row of logits is kept, as all rows of all images may be large.
    /// - Returns: that, for every image.
    func scores<Kept>(_ batch: Batch, keeping keep: ([Float]) -> Kept) throws(NetworkError) -> [Kept]

    /// With what was computed that was asked of it, and of its runs, since this was last called: its own device first,
    /// then one that did some of the work, or all, in the place of that.
    func takeComputations() -> [Computation]
}

/// With what something was computed.
public struct Computation: Hashable, Sendable {
    /// As a program has it.
    public let kernelName: String, precision: Precision

    public init(kernelName: String, precision: Precision) {
        (self.kernelName, self.precision) = (kernelName, precision)
    }

    /// By a program.
    public init(_ program: any Program) { self.init(kernelName: program.kernelName, precision: program.precision) }
}

extension Program {
    /// That of a device that has no other.
    public var precision: Precision { .float32 }
}

extension Session {
    /// The network.
    public var graph: Graph { program.graph }

    /// A row of logits for every image of a batch.
    public func scores(_ batch: Batch) throws(NetworkError) -> [[Float]] { try scores(batch) { $0 } }

    /// Nothing is known of a device's memory.
    public func check(_ recording: Recording, images: Int, streams: Bool, runs: Int) throws(NetworkError) {}

    /// Nothing is known of what runs cost.
    public func usefulImages(_ recording: Recording) throws(NetworkError) -> Int { 1 }

    /// A device that leaves nothing to another one.
    public func takeComputations() -> [Computation] { [Computation(program)] }
}

/// One forward pass, and what it recorded. It holds memory until it is released.
public protocol Run: AnyObject {
    /// A row of logits an image.
    var scores: [[Float]] { get }
    /// What may be asked of it.
    var recording: Recording { get }

    /// A recorded value of one image.
    ///
    /// - Throws: `.notRecorded`.
    func value(_ id: ValueID, image: Int) throws(NetworkError) -> Tensor

    /// The gradient of sum_c cotangent[c] * logit[c] at some values; may be asked for again, with other cotangents or
    /// another rule.
    ///
    /// - Parameters:
    ///   - cotangents: a row for each of the images, as long as its logits.
    ///   - images: those of the run whose gradients are wanted.
    /// - Returns: for every one of these, one tensor a value.
    /// - Throws: `.notRecorded`; `.layerNotOnPath` where a value does not lead to the logits.
    func gradients(
        _ cotangents: [[Float]], of images: Range<Int>, at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]]

    /// Class scores with one image's value replaced, once for every replacement: only the nodes downstream of the value
    /// run, in passes that fit; what they read besides it is this run's.
    ///
    /// - Parameters:
    ///   - value: one of `recording.resumable`.
    ///   - keep: what of a replacement's row of logits is kept.
    ///   - write: writes replacement number i, row-major in the value's own shape; called from several threads.
    /// - Returns: what is kept, for every replacement.
    /// - Throws: `.notRecorded`, `.layerNotOnPath`, `.memory`.
    func scores<Kept>(
        replacing value: ValueID, image: Int, count: Int, keeping keep: ([Float]) -> Kept,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Kept]

    /// One image with a value replaced, as a run of its own that records the gradient at that value: only the nodes
    /// downstream of the value run.
    ///
    /// - Parameters:
    ///   - value: one of `recording.resumable`.
    ///   - numbers: row-major in the value's own shape.
    /// - Throws: `.notRecorded`, `.layerNotOnPath`, `.memory`.
    func resumed(replacing value: ValueID, image: Int, by numbers: [Float]) throws(NetworkError) -> any Run
}

extension Run {
    /// The gradients of all images.
    public func gradients(
        _ cotangents: [[Float]], at values: [ValueID], rule: RectifierRule
    ) throws(NetworkError) -> [[Tensor]] {
        try gradients(cotangents, of: 0..<cotangents.count, at: values, rule: rule)
    }

    /// A row of logits for every replacement.
    public func scores(
        replacing value: ValueID, image: Int, count: Int,
        _ write: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [[Float]] {
        try scores(replacing: value, image: image, count: count, keeping: { $0 }, write)
    }
}

/// What a run keeps for later.
public struct Recording: Hashable, Sendable {
    /// Values that will be read.
    public var values: Set<ValueID>
    /// Values at which gradients will be asked for; they are kept too.
    public var gradients: Set<ValueID>
    /// Values from which on the network will run again.
    public var resumable: Set<ValueID>

    /// Nothing but the scores, unless told.
    public init(values: Set<ValueID> = [], gradients: Set<ValueID> = [], resumable: Set<ValueID> = []) {
        (self.values, self.gradients, self.resumable) = (values, gradients, resumable)
    }

    /// All values that are kept.
    public var kept: Set<ValueID> { values.union(gradients).union(resumable) }

    /// Whether everything in the other is kept too.
    public func covers(_ other: Recording) -> Bool {
        kept.isSuperset(of: other.values)
            && gradients.isSuperset(of: other.gradients)
            && resumable.isSuperset(of: other.resumable)
    }

    /// What both keep.
    public func union(_ other: Recording) -> Recording {
        Recording(
            values: values.union(other.values), gradients: gradients.union(other.gradients),
            resumable: resumable.union(other.resumable))
    }
}

/// How a gradient passes a rectifier.
public enum RectifierRule: Hashable, Sendable {
    /// d * (x > 0)
    case plain
    /// d * (x > 0) * (d > 0): guided backpropagation (Springenberg et al. 2015, section 3.4).
    case guided
    /// d * (d > 0): deconvnet (Zeiler and Fergus 2014).
    case deconvnet
}
