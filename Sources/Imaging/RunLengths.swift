/// COCO's run lengths of masks: how many pixels are outside, then inside, and so on, down the columns, from left to
/// right. https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c
extension Mask {
    /// Of the runs; the first is outside, and is 0 where the first pixel is inside.
    public var runLengths: [Int] {
        var lengths: [Int] = [], run = 0, isInside = false
        for x in 0..<width {
            for y in 0..<height {
                if contains(x, y) != isInside {
                    lengths.append(run)
                    (run, isInside) = (0, !isInside)
                }
                run += 1
            }
        }
        return lengths + [run]
    }

    /// The runs as COCO writes them (`counts`): from the fourth on the difference from the last but one, in groups of 5
    /// bits, the lowest first, each a character from "0" on; the sixth bit says that more follow.
    public var compressedRunLengths: String {
        let lengths = runLengths
        var text: [UInt8] = []
        for (place, length) in lengths.enumerated() {
            var rest = place > 2 ? length - lengths[place - 2] : length
            while true {
                let group = rest & 0x1F
                rest >>= 5
                // The highest bit of the last group is the sign.
                let isLast = rest == (group & 0x10 == 0 ? 0 : -1)
                text.append(UInt8(48 + (isLast ? group : group | 0x20)))
                if isLast { break }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
