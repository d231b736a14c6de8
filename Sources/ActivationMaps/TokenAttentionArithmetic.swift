import Imaging
import Network

extension TokenAttention {
    /// The mean row of the tokens that the scores read of the product over the blocks, the last one first, of
    /// identity * I + share * A, as a map of the places. A row of I stands for a token that pays no attention in a block.
    ///
    /// - Parameter attention: A of a block, queries x keys.
    func map(identity: Float, share: Float, _ attention: (Block) throws -> [Float]) rethrows -> Plane {
        var row = [Float](repeating: 0, count: tokens)
        for token in read { row[token] = 1 / Float(read.count) }
        for block in blocks.reversed() {
            let a = try attention(block), before = row
            for query in block.queries { row[query] *= identity }
            for (place, query) in block.queries.enumerated() {
                let weight = share * before[query], start = place * block.keys.count
                for (index, key) in block.keys.enumerated() { row[key] += weight * a[start + index] }
            }
        }
        return Plane(width: width, height: height, values: Array(row[places]))
    }
}

extension Graph {
    /// The probabilities of all blocks of `tokenAttention`; none where there is none.
    var attentionValues: Set<ValueID> { Set((try? tokenAttention())?.blocks.map(\.value) ?? []) }
}

extension TokenAttention.Block {
    /// The mean over the heads of heads x queries x keys.
    func mean(_ values: [Float]) -> [Float] {
        let size = queries.count * keys.count
        var sum = [Float](repeating: 0, count: size)
        for head in 0..<heads { for i in 0..<size { sum[i] += values[head * size + i] } }
        return sum.map { $0 / Float(heads) }
    }
}
