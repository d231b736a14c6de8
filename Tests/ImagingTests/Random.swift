import Imaging

/// The generator that make_goldens.py uses too (Numerical Recipes' linear congruence).
struct RandomWords: Sequence, IteratorProtocol {
    var state: UInt32 = 1

    mutating func next() -> UInt32? {
        state = state &* 1_664_525 &+ 1_013_904_223
        return state
    }
}

func randomBytes(_ count: Int) -> [UInt8] { RandomWords().prefix(count).map { UInt8($0 >> 24) } }

/// 0 to 1, exact in float32.
func randomFloats(_ count: Int, seed: UInt32 = 1) -> [Float] {
    RandomWords(state: seed).prefix(count).map { Float($0 >> 8) / Float(1 << 24) }
}

func randomImage(_ width: Int, _ height: Int) -> Image {
    Image(width: width, height: height, pixels: randomBytes(width * height * 3))
}
