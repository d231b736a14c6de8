/// What mutators draw by, from the seed that libFuzzer gives. https://en.wikipedia.org/wiki/Xorshift
public struct Random {
    private var state: UInt32

    public init(state: UInt32) { self.state = state | 1 }

    /// One of 0..<count.
    public mutating func below(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        return Int(state) % count
    }
}
