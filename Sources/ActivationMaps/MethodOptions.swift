/// What a user may choose of methods; each minds what concerns it, and has its own answer where nothing is chosen.
public struct MethodOptions: Hashable, Sendable {
    /// What stands for "nothing there" in the network's input.
    public enum Baseline: String, CaseIterable, Sendable {
        /// 0 in every normalised number: the mean colour of most networks.
        case zero
        /// The photo, blurred by a Gaussian of a fifth of its longer side.
        case blur
        /// White pixels.
        case white
    }

    /// Which of them.
    public enum Kind: CaseIterable, Sendable {
        case seed, channels, samples, steps, baseline
    }

    /// Of what is drawn at random.
    public var seed = 0
    /// How many channels of a layer are tried out as masks, those of the largest standard deviation; nil: all.
    public var channels: Int?
    /// How many noisy or masked copies of the input are averaged.
    public var samples: Int?
    /// In how many steps a path of inputs is walked.
    public var steps: Int?
    /// Where a path of inputs begins, and what covers a part of one.
    public var baseline = Baseline.zero

    /// The methods' own choices.
    public init() {}

    /// Those that were chosen otherwise.
    public var chosen: Set<Kind> {
        let own = MethodOptions()
        var kinds: Set<Kind> = []
        if seed != own.seed { kinds.insert(.seed) }
        if channels != nil { kinds.insert(.channels) }
        if samples != nil { kinds.insert(.samples) }
        if steps != nil { kinds.insert(.steps) }
        if baseline != own.baseline { kinds.insert(.baseline) }
        return kinds
    }
}
